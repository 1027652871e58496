//! The mark of who opened the room.

use leptos::prelude::*;

/// "OP", for the participant who created the room.
#[component]
pub fn RoleTag(
    /// Whether it is that one.
    op: bool,
) -> impl IntoView {
    op.then(|| view! { <span class="role" title="Opened this room">"OP"</span> })
}
