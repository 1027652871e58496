//! The head of a room.

pub mod header;
pub mod people_chip;
pub mod people_list;

pub use header::RoomHeader;
