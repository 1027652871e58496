//! The sender's own picture or video, from disk: it need not come back over the network.

use leptos::prelude::*;

use crate::browser::files::LocalFile;

/// The file from disk, cut at the share of bytes that the server has.
#[component]
pub fn LocalMedia(
    /// The file.
    local: LocalFile,
    /// Whether it is a video.
    is_video: bool,
    /// Whether it is there.
    painted: RwSignal<bool>,
) -> impl IntoView {
    // The handle is held for as long as the element is there: its address lives no longer.
    let held = StoredValue::new(local);
    let src = held.with_value(LocalFile::preview_url);
    on_cleanup(move || held.dispose());
    if is_video {
        view! { <video class="upload-card__picture" data-local="" src=src controls=true playsinline=true preload="metadata"></video> }
            .into_any()
    } else {
        view! { <img class="upload-card__picture" data-local="" src=src alt="" on:load=move |_| painted.set(true)/> }.into_any()
    }
}
