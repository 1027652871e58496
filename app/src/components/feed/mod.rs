//! The feed of a room.

pub mod echo;
pub mod feed_end;
pub mod feed_start;
pub mod feed_view;
pub mod new_pill;

pub use feed_view::Feed;
pub use new_pill::NewPill;
