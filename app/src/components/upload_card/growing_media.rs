//! Video and sound that play before their end is there.

use leptos::html;
use leptos::prelude::*;

use super::place::Place;
use crate::browser::page::{self, MediaElement};
use crate::model::file_link;
use crate::wire::file::Attachment;

/// The `<video>` or `<audio>` on the growing file; it is only there while it may read. Once the file is finished it
/// goes on as it is; at the first pause or search it reads the finished file from the same position.
#[component]
pub fn GrowingMedia(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// When it may read.
    place: Place,
    /// Whether the file is finished.
    #[prop(into)]
    ready: Signal<bool>,
    /// Whether it is a video.
    is_video: bool,
) -> impl IntoView {
    move || {
        let turn = place.armed.get()?;
        Some(if is_video {
            view! { <Video file turn place ready/> }.into_any()
        } else {
            view! { <Audio file turn place ready/> }.into_any()
        })
    }
}

/// Plays by itself, muted.
#[component]
fn Video(file: Signal<Attachment>, turn: u32, place: Place, ready: Signal<bool>) -> impl IntoView {
    let element = NodeRef::<html::Video>::new();
    let media = move || -> Option<MediaElement> { Some(element.try_get_untracked()??.into()) };
    let player = derive_player(media, file, place, ready);
    // `autoplay` waits until the browser expects to reach the end without a stop, which it never does while the
    // sender is slow. Once only: a reader who paused it wants it paused.
    let started = StoredValue::new(player.grown);
    let start = move || {
        if let Some(element) = element.get_untracked().filter(|_| !started.get_value()) {
            started.set_value(true);
            page::play(&element);
        }
    };
    view! {
        <video
            node_ref=element
            class="upload-card__picture"
            src=player.source(turn)
            controls=true
            autoplay=!player.grown
            prop:muted=!player.grown
            playsinline=true
            preload=player.preload()
            aria-label=player.label()
            on:canplay=move |_| start()
            on:play=move |_| player.plays()
            on:pause=move |_| player.pauses()
            on:seeking=move |_| player.swap()
            on:error=move |_| place.failed()
        ></video>
    }
}

/// Never plays by itself.
#[component]
fn Audio(file: Signal<Attachment>, turn: u32, place: Place, ready: Signal<bool>) -> impl IntoView {
    let element = NodeRef::<html::Audio>::new();
    let media = move || -> Option<MediaElement> { Some(element.try_get_untracked()??.into()) };
    let player = derive_player(media, file, place, ready);
    view! {
        <audio
            node_ref=element
            class="upload-card__sound"
            src=player.source(turn)
            controls=true
            preload=player.preload()
            aria-label=player.label()
            on:play=move |_| player.plays()
            on:pause=move |_| player.pauses()
            on:seeking=move |_| player.swap()
            on:error=move |_| place.failed()
        ></audio>
    }
}

/// What video and sound have in common.
#[derive(Clone, Copy)]
struct Player<M> {
    /// The element, while it is there.
    media: M,
    file: Signal<Attachment>,
    place: Place,
    ready: Signal<bool>,
    /// Whether the file was finished when the element was made.
    grown: bool,
    /// Whether the element reads the finished file.
    swapped: StoredValue<bool>,
}

/// Derives the player of `file` in the element `media`, which stops reading when it leaves the page.
fn derive_player<M>(
    media: M,
    file: Signal<Attachment>,
    place: Place,
    ready: Signal<bool>,
) -> Player<M>
where
    M: Fn() -> Option<MediaElement> + Copy + Send + Sync + 'static,
{
    on_cleanup(move || {
        if let Some(media) = media() {
            page::disarm(&media);
        }
    });
    let grown = ready.get_untracked();
    Player {
        media,
        file,
        place,
        ready,
        grown,
        swapped: StoredValue::new(grown),
    }
}

impl<M: Fn() -> Option<MediaElement>> Player<M> {
    fn source(&self, turn: u32) -> String {
        match (self.grown, turn) {
            (true, _) => self.file.with_untracked(file_link::finished_url),
            (false, 0) => self.file.with_untracked(file_link::url),
            (false, turn) => format!("{}?turn={turn}", self.file.with_untracked(file_link::url)),
        }
    }

    fn preload(&self) -> &'static str {
        if self.grown { "metadata" } else { "auto" }
    }

    fn label(&self) -> String {
        self.file.with_untracked(|file| file.notice.name.clone())
    }

    fn plays(&self) {
        self.place.set_plays(true);
    }

    fn pauses(&self) {
        self.place.set_plays(false);
        self.swap();
    }

    /// Takes the finished file, once there is one; once only.
    fn swap(&self) {
        let Some(media) = (self.media)() else {
            return;
        };
        if self.ready.get_untracked() && !self.swapped.get_value() {
            self.swapped.set_value(true);
            let source = self.file.with_untracked(file_link::finished_url);
            page::swap_source(&media, &source);
        }
    }
}
