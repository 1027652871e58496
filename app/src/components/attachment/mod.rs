//! Files of a post.

pub mod attachments;
pub mod file_slot;
pub mod finished;

pub use attachments::Attachments;
