//! A post.

pub mod delete_dialog;
pub mod post_actions;
pub mod post_head;
pub mod post_view;

pub use delete_dialog::{DeleteDialog, Deleting, provide_deleting};
pub use post_view::PostView;
