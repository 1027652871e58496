//! What is true of the line, and short messages.

pub mod sync_chip;
pub mod toasts;

pub use sync_chip::{SyncChip, derive_chip};
pub use toasts::Toasts;
