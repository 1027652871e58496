//! The card of an arriving picture or video.

use leptos::html;
use leptos::prelude::*;

use super::growing_image::GrowingImage;
use super::growing_media::GrowingMedia;
use super::local_media::LocalMedia;
use super::place::derive_place;
use super::saver_note::SaverNote;
use super::{BytesStatus, StatusRing, StatusRows};
use crate::browser::files::{LocalFile, thumbhash_url};
use crate::components::common::{FileLine, RingLook};
use crate::contexts::settings::use_settings;
use crate::contexts::uploads::use_uploads;
use crate::model::file_link;
use crate::wire::file::{Attachment, FileKind};

/// Stand-in, the growing picture over it, a veil over what is not there, and how far it is.
#[component]
pub fn MediaCard(
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
    let settings = use_settings();
    let (id, blur, (width, height)) = file.with_untracked(|file| {
        let blur = file
            .notice
            .placeholder
            .thumbhash
            .as_deref()
            .and_then(thumbhash_url);
        (file.notice.file, blur, file.dimensions().unwrap_or((4, 3)))
    });
    let uploads = use_uploads();
    // The post may be here before the sending began, and stays after it ended.
    let local = Memo::new(move |held: Option<&Option<LocalFile>>| {
        uploads.local(id).or_else(|| held.cloned().flatten())
    });
    let needed = Signal::derive(move || local.get().is_none());
    let place = derive_place(file, status, frame, needed);
    let is_video = file.with_untracked(Attachment::kind) == FileKind::Video;
    let ready = status.ready;
    let saves = move || {
        (settings.data_saver() && needed.get() && place.armed.get().is_none() && !ready.get())
            .then_some("")
    };
    let picture = move || match local.get() {
        Some(local) => view! { <LocalMedia local is_video painted=place.painted/> }.into_any(),
        None if is_video => view! { <GrowingMedia file place ready is_video/> }.into_any(),
        None => view! { <GrowingImage file place ready/> }.into_any(),
    };
    view! {
        <figure
            class="upload-card"
            data-kind=if is_video { "video" } else { "picture" }
            data-state=move || status.name.get()
            data-saver=saves
            style=move || format!("--p:{};--w:{width};--h:{height}", status.share.get())
        >
            <div class="upload-card__frame" node_ref=frame>
                // Behind a picture with clear parts the stand-in must not stay.
                {blur.map(|blur| view! { <img class="upload-card__blur" src=blur alt="" hidden=move || ready.get() && place.painted.get()/> })}
                {picture}
                {(!is_video)
                    .then(|| {
                        view! {
                            <span class="upload-card__pending" aria-hidden="true">
                                <span class="upload-card__glint"></span>
                            </span>
                        }
                    })}
                <Show when=move || !ready.get()>
                    <StatusRing status look=RingLook::Media/>
                </Show>
                {move || saves().map(|_| view! { <SaverNote place/> })}
                <FrameLink file ready is_video/>
            </div>
            <figcaption class="upload-card__caption">
                <p class="file-line">
                    <FileLine file/>
                </p>
                <StatusRows file status own/>
            </figcaption>
        </figure>
    }
}

/// A finished picture opens on a press; a video has controls of its own there.
#[component]
fn FrameLink(file: Signal<Attachment>, ready: Memo<bool>, is_video: bool) -> impl IntoView {
    move || {
        (ready.get() && !is_video).then(|| {
            let (link, name) = file.with(|file| (file_link::url(file), file.notice.name.clone()));
            view! { <a class="upload-card__open" href=link target="_blank" rel="external" aria-label=format!("Open {name}")></a> }
        })
    }
}
