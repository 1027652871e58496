//! The API as curl sees it.

mod errors;
mod names;
mod posts;
mod rooms;
mod sessions;
