//! New posts while the reader is further up.

use leptos::html;
use leptos::prelude::*;

use crate::browser::page;
use crate::components::common::Icon;
use crate::contexts::reading::use_reading;
use crate::model::format;

/// Counts them; a press goes to the end.
#[component]
pub fn NewPill(
    /// The scroller.
    scroller: NodeRef<html::Div>,
) -> impl IntoView {
    let reading = use_reading();
    let new = Memo::new(move |_| {
        if reading.at_end() {
            0
        } else {
            reading.unread()
        }
    });
    let go = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            page::scroll_to_end(&scroller);
        }
    };
    view! {
        <Show when=move || { new.get() > 0 }>
            <button type="button" class="new-pill" on:click=go>
                <Icon name="down" small=true/>
                <span>{move || format::count(new.get().into(), "new post", "new posts")}</span>
            </button>
        </Show>
    }
}
