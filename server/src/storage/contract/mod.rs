//! What every adapter of the store must do: one suite a port, called by the tests of each adapter.
//!
//! Each sentence of a port's docs is a case here. A suite may run against a store that holds other data and while
//! other suites run: every case makes rooms, sessions and files of its own. A case panics where the adapter breaks
//! its promise. To add one: a function, and its name in the list of its suite; a function that is not in the list
//! does not compile without a warning.

pub mod bytes;
pub mod event_log;
pub mod leases;
pub mod participants;
pub mod rooms;
pub mod sessions;
pub mod uploads;

mod event_log_racing;
mod event_log_reading;
mod event_log_redaction;
mod samples;
mod uploads_claims;
mod uploads_ending;
mod uploads_sweeping;
mod uploads_writing;

use std::future::Future;

use tokio::task::JoinSet;

/// More than any case stores: lists asked for with it hold everything there is.
const ALL: u32 = 100_000;

/// Tasks that race.
const RACERS: usize = 12;

/// Runs the cases one after the other and says which adapter they cover.
macro_rules! cases {
    ($adapter:expr, $suite:literal, $port:expr, [$($case:path),+ $(,)?]) => {
        $(
            $crate::storage::contract::announce($adapter, $suite, stringify!($case));
            $case($port).await;
        )+
    };
}
use cases;

#[expect(
    clippy::print_stdout,
    reason = "a report of tests: which adapter was covered must be seen, not assumed"
)]
fn announce(adapter: &str, suite: &str, case: &str) {
    println!("contract {suite} on {adapter}: {case}");
}

/// What `racers` futures give that run at once, on all threads the runtime has.
async fn race<T, F>(racers: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    racers.into_iter().collect::<JoinSet<_>>().join_all().await
}
