//! What arrives now, under the header of a narrow page.

pub mod strip;

pub use strip::{ArrivingStrip, derive_open_file};
