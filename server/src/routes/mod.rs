//! Handlers of what is not a server function; `router.rs` says which address leads to which.

pub mod assets;
pub mod feed;
pub mod files;
pub mod health;
pub mod pages;
mod refusal;
pub mod uploads;
