//! Server functions, one a file: check, ask the backend, return. They are the public API, see docs/API.md.
//!
//! To add one: a file here with the function, a line below, a method in [`backend::Backend`], a section in
//! docs/API.md.

mod answer;
mod cookies;

pub mod create_post;
pub mod create_room;
pub mod edit_post;
pub mod list_rooms;
pub mod load_history;
pub mod load_room;
pub mod open_session;
pub mod open_upload;
pub mod remove_post;
pub mod rename;

pub use answer::answer_status;
pub use cookies::request_cookies;
pub use create_post::{CreatePost, create_post};
pub use create_room::{CreateRoom, create_room};
pub use edit_post::{EditPost, edit_post};
pub use list_rooms::{ListRooms, list_rooms};
pub use load_history::{LoadHistory, load_history};
pub use load_room::{LoadRoom, load_room};
pub use open_session::{OpenSession, open_session};
pub use open_upload::{OpenUpload, open_upload};
pub use remove_post::{RemovePost, remove_post};
pub use rename::{Rename, rename};

#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "ssr")]
mod caller;
