//! Where a post is written.

pub mod drop_overlay;
pub mod file_tray;
pub mod form;
pub mod name_field;
pub mod outbox_note;
pub mod tray_file;

pub use drop_overlay::DropOverlay;
pub use form::Composer;
pub use outbox_note::OutboxNote;
