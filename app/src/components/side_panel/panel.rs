//! The panel.

use leptos::prelude::*;

use super::arriving_item::ArrivingItem;
use crate::components::common::IconButton;
use crate::contexts::room::use_room;

/// The files that arrive, with how far they are.
#[component]
pub fn SidePanel(
    /// Whether the panel is open; `None` leaves it to the width of the page.
    panel_open: RwSignal<Option<bool>>,
) -> impl IntoView {
    let room = use_room();
    let any = Memo::new(move |_| !room.open_files().is_empty());
    view! {
        <aside class="app__panel side-panel" id="panel" aria-label="Arriving now">
            <div class="side-panel__top">
                <h2>
                    {move || any.get().then(|| view! { <span class="arriving-dot" aria-hidden="true"></span> })}
                    "Arriving now"
                </h2>
                <IconButton icon="panel" label="Fold the panel away".to_owned() on_press=move || panel_open.set(Some(false))/>
            </div>
            <div class="side-panel__scroll">
                <ul class="arriving-list">
                    <For each=move || room.open_files() key=|open| open.attachment.notice.file let:open>
                        <ArrivingItem open/>
                    </For>
                </ul>
                <p class="side-panel__none" hidden=move || any.get()>
                    "Nothing right now. Files show up here while their bytes come in."
                </p>
            </div>
        </aside>
    }
}
