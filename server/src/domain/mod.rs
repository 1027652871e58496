//! Plain types and rules of the server: no IO, no driver, no clock.

pub mod entry;
pub mod participant;
pub mod room;
pub mod session;
pub mod upload;
