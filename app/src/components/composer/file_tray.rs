//! Files of the post being written, and of posts just sent whose bytes still go out.

use leptos::prelude::*;

use super::tray_file::{DraftFile, SendingFile};
use crate::contexts::draft::use_draft;
use crate::contexts::uploads::use_uploads;

/// The tray; nothing where there are no files.
#[component]
pub fn FileTray() -> impl IntoView {
    let (draft, uploads) = (use_draft(), use_uploads());
    let any = Memo::new(move |_| !draft.files().is_empty() || !uploads.own().is_empty());
    view! {
        <Show when=move || any.get()>
            <ul class="file-tray" aria-label="Files of your posts">
                <For each=move || uploads.own() key=|own| own.file let:own>
                    <SendingFile file=own.file/>
                </For>
                <For each=move || draft.files() key=|file| (file.id, file.refused.clone()) let:file>
                    <DraftFile file/>
                </For>
            </ul>
        </Show>
    }
}
