//! One chip a file.

use leptos::prelude::*;

use crate::components::common::RingLook;
use crate::components::upload_card::{StatusRing, derive_bytes_status};
use crate::contexts::room::{OpenFile, use_room};

/// The files that arrive; nothing where none does.
#[component]
pub fn ArrivingStrip() -> impl IntoView {
    let room = use_room();
    let any = Memo::new(move |_| !room.open_files().is_empty());
    view! {
        <Show when=move || any.get()>
            <section class="arriving-strip" aria-label="Arriving now">
                <h2 class="arriving-strip__label">"Arriving now"</h2>
                <For each=move || room.open_files() key=|open| open.attachment.notice.file let:open>
                    <ArrivingChip open/>
                </For>
            </section>
        </Show>
    }
}

#[component]
fn ArrivingChip(open: OpenFile) -> impl IntoView {
    let room = use_room();
    let file = derive_open_file(room, open.clone());
    let status = derive_bytes_status(file);
    let last = move || status.words.get().pop().unwrap_or_default();
    view! {
        <a class="arriving-chip" href=format!("#p{}", open.no)>
            <StatusRing status look=RingLook::Small/>
            <b>{open.attachment.notice.name}</b>
            <span>{last}</span>
        </a>
    }
}

/// The file as it is now; as it was last where it is not among the open ones any more.
#[must_use]
pub fn derive_open_file(
    room: crate::contexts::room::Room,
    open: OpenFile,
) -> Signal<crate::wire::file::Attachment> {
    let id = open.attachment.notice.file;
    let held = StoredValue::new(open.attachment);
    Signal::derive(move || {
        let now = room
            .open_files()
            .into_iter()
            .find(|open| open.attachment.notice.file == id);
        now.map_or_else(|| held.get_value(), |open| open.attachment)
    })
}
