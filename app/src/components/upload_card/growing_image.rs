//! A picture that paints its rows as they come.

use leptos::html;
use leptos::prelude::*;

use super::place::Place;
use crate::browser::page;
use crate::model::file_link;
use crate::wire::file::Attachment;

/// The `<img>` on the growing file. It is only there while it may read; without script a lazy one is.
#[component]
pub fn GrowingImage(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// When it may read.
    place: Place,
    /// Whether the file is finished.
    #[prop(into)]
    ready: Signal<bool>,
) -> impl IntoView {
    let url = file.with_untracked(file_link::url);
    let fallback =
        format!(r#"<img class="upload-card__picture" src="{url}" alt="" loading="lazy">"#);
    view! {
        {move || place.armed.get().map(|turn| view! { <Picture url=url.clone() turn place ready/> })}
        <noscript inner_html=fallback></noscript>
    }
}

#[component]
fn Picture(url: String, turn: u32, place: Place, ready: Signal<bool>) -> impl IntoView {
    let element = NodeRef::<html::Img>::new();
    // An element that left the page would go on reading until it is collected.
    on_cleanup(move || {
        if let Some(Some(element)) = element.try_get_untracked() {
            page::disarm(&element);
        }
    });
    let src = if turn == 0 {
        url
    } else {
        format!("{url}?turn={turn}")
    };
    view! {
        <img
            node_ref=element
            class="upload-card__picture"
            src=src
            alt=move || if ready.get() { "Picture" } else { "Picture, still arriving" }
            on:load=move |_| place.painted.set(true)
            on:error=move |_| place.failed()
        />
    }
}
