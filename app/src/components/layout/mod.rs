//! What pages have in common.

pub mod announcer;
pub mod theme_button;
pub mod top_bar;

pub use announcer::Announcer;
pub use theme_button::ThemeButton;
pub use top_bar::TopBar;
