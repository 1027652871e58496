//! Pure state: what events mean, and how what is known is put into words. No clock, no network, no signals, so
//! that both sides can be tested alike.

pub mod room;

pub mod room_sync;

pub mod transfer;

pub mod file_link;

pub mod rate;

pub mod slots;

pub mod line;

pub mod unread;

pub mod paragraphs;

pub mod tray;

pub mod catalog;

pub mod format;

pub mod visited;

pub mod theme;

#[cfg(any(test, feature = "testing"))]
pub mod arbitrary;
