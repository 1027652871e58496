//! The API as curl sees it.

mod endings;
mod errors;
mod names;
mod posts;
mod rooms;
mod sessions;
