//! Opening a room.

pub mod form;

pub use form::CreateRoom;
