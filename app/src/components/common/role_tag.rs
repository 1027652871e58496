//! The mark of who opened the room.

use leptos::prelude::*;

use crate::wire::room::Author;

/// "OP", for the participant who created the room.
#[component]
pub fn RoleTag(
    /// The author.
    author: Author,
) -> impl IntoView {
    author
        .op
        .then(|| view! { <span class="role" title="Opened this room">"OP"</span> })
}
