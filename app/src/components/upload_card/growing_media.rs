//! Video and sound that play before their end is there.

use leptos::html;
use leptos::prelude::*;

use super::place::Place;
use crate::browser::page;
use crate::model::file_link;
use crate::wire::file::Attachment;

/// The `<video>` on the growing file: plays by itself, muted. Once the file is finished it goes on as it is; at
/// the first pause or search it reads the finished file from the same position.
#[component]
pub fn GrowingVideo(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// When it may read.
    place: Place,
    /// Whether the file is finished.
    #[prop(into)]
    ready: Signal<bool>,
) -> impl IntoView {
    move || {
        place
            .armed
            .get()
            .map(|turn| view! { <Video file turn place ready/> })
    }
}

#[component]
fn Video(file: Signal<Attachment>, turn: u32, place: Place, ready: Signal<bool>) -> impl IntoView {
    let element = NodeRef::<html::Video>::new();
    let grown = ready.get_untracked();
    let swapped = StoredValue::new(grown);
    let src = source(file, turn, grown);
    let label = file.with_untracked(|file| file.notice.name.clone());
    on_cleanup(move || {
        if let Some(Some(element)) = element.try_get_untracked() {
            page::disarm(&element);
        }
    });
    let swap = move || {
        if let Some(element) = element
            .get_untracked()
            .filter(|_| ready.get_untracked() && !swapped.get_value())
        {
            swapped.set_value(true);
            page::swap_source(&element, &file.with_untracked(file_link::finished_url));
        }
    };
    // `autoplay` waits until the browser expects to reach the end without a stop, which it never does while the
    // sender is slow. Once only: a reader who paused it wants it paused.
    let started = StoredValue::new(grown);
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
            src=src
            controls=true
            autoplay=!grown
            prop:muted=!grown
            playsinline=true
            preload=if grown { "metadata" } else { "auto" }
            aria-label=label
            on:canplay=move |_| start()
            on:play=move |_| place.set_plays(true)
            on:pause=move |_| {
                place.set_plays(false);
                swap();
            }
            on:seeking=move |_| swap()
            on:error=move |_| place.failed()
        ></video>
    }
}

/// The `<audio>` on the growing file; never plays by itself.
#[component]
pub fn GrowingAudio(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// When it may read.
    place: Place,
    /// Whether the file is finished.
    #[prop(into)]
    ready: Signal<bool>,
) -> impl IntoView {
    move || {
        place
            .armed
            .get()
            .map(|turn| view! { <Audio file turn place ready/> })
    }
}

#[component]
fn Audio(file: Signal<Attachment>, turn: u32, place: Place, ready: Signal<bool>) -> impl IntoView {
    let element = NodeRef::<html::Audio>::new();
    let grown = ready.get_untracked();
    let swapped = StoredValue::new(grown);
    let src = source(file, turn, grown);
    let label = file.with_untracked(|file| file.notice.name.clone());
    on_cleanup(move || {
        if let Some(Some(element)) = element.try_get_untracked() {
            page::disarm(&element);
        }
    });
    let swap = move || {
        if let Some(element) = element
            .get_untracked()
            .filter(|_| ready.get_untracked() && !swapped.get_value())
        {
            swapped.set_value(true);
            page::swap_source(&element, &file.with_untracked(file_link::finished_url));
        }
    };
    view! {
        <audio
            node_ref=element
            class="upload-card__sound"
            src=src
            controls=true
            preload=if grown { "metadata" } else { "auto" }
            aria-label=label
            on:play=move |_| place.set_plays(true)
            on:pause=move |_| {
                place.set_plays(false);
                swap();
            }
            on:seeking=move |_| swap()
            on:error=move |_| place.failed()
        ></audio>
    }
}

fn source(file: Signal<Attachment>, turn: u32, grown: bool) -> String {
    match (grown, turn) {
        (true, _) => file.with_untracked(file_link::finished_url),
        (false, 0) => file.with_untracked(file_link::url),
        (false, turn) => format!("{}?turn={turn}", file.with_untracked(file_link::url)),
    }
}
