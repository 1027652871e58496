//! What arrives now, beside the feed of a wide page.

pub mod arriving_item;
pub mod panel;

pub use panel::SidePanel;
