//! Where files are dropped: anywhere over the room.

use leptos::prelude::*;

use crate::components::common::Icon;
use crate::contexts::room::use_room;
use crate::model::format;

/// Covers the room while something is dragged over it.
#[component]
pub fn DropOverlay(
    /// Whether it is.
    #[prop(into)]
    dragging: Signal<bool>,
) -> impl IntoView {
    let room = use_room();
    view! {
        <Show when=move || dragging.get()>
            <div class="drop-overlay">
                <Icon name="down"/>
                <h3>"Drop to attach"</h3>
                <p>
                    {move || {
                        let limits = room.limits();
                        format!("Up to {} files in one post, {} each.", limits.files_per_post, format::bytes(limits.file_bytes))
                    }}
                </p>
            </div>
        </Show>
    }
}
