//! Rooms to go to.

pub mod catalog_view;
pub mod cover;
pub mod promise;
pub mod room_card;

pub use catalog_view::Catalog;
pub use promise::Promise;
