//! The card of an arriving file that is no picture: sound plays, anything else only counts.

use leptos::html;
use leptos::prelude::*;

use super::growing_media::GrowingMedia;
use super::place::derive_place;
use super::{BytesStatus, StatusRing, StatusRows};
use crate::components::common::{FileLine, RingLook};
use crate::model::format;
use crate::wire::file::{Attachment, FileKind};

/// Tile, name, bar and ring in a row.
#[component]
pub fn RowCard(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// Its bytes.
    status: BytesStatus,
    /// Whether the reader posted it.
    #[prop(into)]
    own: Signal<bool>,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let place = derive_place(file, status, frame, Signal::stored(true));
    let ready = status.ready;
    let tile = file.with_untracked(|file| format::extension(&file.notice.name));
    let is_audio = file.with_untracked(Attachment::kind) == FileKind::Audio;
    view! {
        <figure
            class="upload-card upload-card--row"
            data-kind=if is_audio { "audio" } else { "file" }
            data-state=move || status.name.get()
            style=move || format!("--p:{}", status.share.get())
        >
            <span class="file-tile__kind" aria-hidden="true">{tile}</span>
            <figcaption class="upload-card__main">
                <div class="file-line" node_ref=frame>
                    <FileLine file/>
                </div>
                {is_audio.then(|| view! { <GrowingMedia file place ready is_video=false/> })}
                <StatusRows file status own bar=true/>
            </figcaption>
            <Show when=move || !ready.get()>
                <StatusRing status look=RingLook::Plain/>
            </Show>
        </figure>
    }
}
