//! Ports of the store: one trait a concern, held as trait objects, without any driver.
//!
//! To add a method: the trait with its guarantee here, a case in its contract suite, then every adapter. All
//! methods may be dropped at any await; what was sent to the store may then have happened or not, which is why
//! every write is either idempotent or a compare-and-swap. "Not there" is `None`, a lost race is a value;
//! [`StorageError`] is for a store that failed. A write about what is not there does nothing.
//!
//! Unless a method says otherwise, a write is atomic and durable when it returns, and every read that begins later
//! sees it. Each call ends within a time limit of its adapter's; a write that ran into it may have happened. Times
//! are milliseconds since 1970 by the caller's clock; "before" leaves the moment itself out.

mod byte_store;
mod error;
mod event_log;
mod lease_store;
mod participant_store;
mod room_store;
mod session_store;
mod upload_store;
mod words;

pub mod embedded;
pub mod mongo;

#[cfg(any(test, feature = "testing"))]
pub mod contract;
#[cfg(any(test, feature = "testing"))]
pub mod faulty;

pub use byte_store::{ByteStore, Extent};
pub use error::StorageError;
pub use event_log::{Duplicate, EventLog, Head, Inserted, PostRef};
pub use lease_store::LeaseStore;
pub use participant_store::{ParticipantStore, Renamed};
pub use room_store::RoomStore;
pub use session_store::SessionStore;
pub use upload_store::{Commit, CommitOutcome, UploadCounts, UploadStore};
