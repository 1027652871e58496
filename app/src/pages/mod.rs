//! Pages: they load their first data and put components together.

pub mod home_page;
pub mod not_found_page;
mod refusal;
pub mod room_page;

pub use home_page::HomePage;
pub use not_found_page::NotFoundPage;
pub use room_page::RoomPage;
