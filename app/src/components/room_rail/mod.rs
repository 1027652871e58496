//! The list of rooms beside the feed.

pub mod rail;
pub mod rail_item;

pub use rail::RoomRail;
