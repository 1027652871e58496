//! The API as curl sees it.

mod endings;
mod errors;
mod names;
mod posts;
mod racing_end;
mod rooms;
mod sessions;
