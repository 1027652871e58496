//! Posts written without a line.

use leptos::prelude::*;

use crate::components::common::Icon;
use crate::contexts::feed::use_feed;
use crate::contexts::outbox::use_outbox;
use crate::model::format;

/// Says how many posts wait, while there is no line.
#[component]
pub fn OutboxNote() -> impl IntoView {
    let (outbox, feed) = (use_outbox(), use_feed());
    let waiting = Memo::new(move |_| {
        let offline = feed.was_tried() && !feed.is_open();
        if offline { outbox.waiting() } else { 0 }
    });
    view! {
        <Show when=move || { waiting.get() > 0 }>
            <div class="outbox" role="status">
                <Icon name="offline" small=true/>
                <p class="outbox__text">
                    <b>"Waiting to send, offline. "</b>
                    {move || format!("{} in order when the line is back.", count(waiting.get()))}
                </p>
            </div>
        </Show>
    }
}

fn count(waiting: u32) -> String {
    let posts = format::count(waiting.into(), "post", "posts");
    format!("{posts} {} out", if waiting == 1 { "goes" } else { "go" })
}
