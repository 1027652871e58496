//! The lower end of the feed.

use leptos::html;
use leptos::prelude::*;

use crate::browser::{Guard, page};
use crate::contexts::reading::use_reading;
use crate::contexts::room::use_room;

/// Tells whether the end is in view; on a page of older posts, the way to the newest.
#[component]
pub fn FeedEnd() -> impl IntoView {
    let (room, reading) = (use_room(), use_reading());
    let end = NodeRef::<html::Div>::new();
    let watch = StoredValue::new(Guard::default());
    Effect::new(move || {
        if let Some(end) = end.get() {
            watch.set_value(page::intersection(&end, move |seen| {
                reading.set_at_end(seen)
            }));
        }
    });
    view! {
        {move || {
            room.until()
                .map(|_| {
                    view! {
                        <p class="feed__newest">
                            <a class="button" href=format!("/r/{}", room.id()) rel="external">"To the newest posts"</a>
                        </p>
                    }
                })
        }}
        <div class="feed__end" node_ref=end aria-hidden="true"></div>
    }
}
