//! The scroller with all posts. Its direction is reversed, so that without script, too, it starts at the newest
//! post, stays there while it grows, and does not move when older posts are put above.

use leptos::html;
use leptos::prelude::*;

use super::echo::Echo;
use super::feed_end::FeedEnd;
use super::feed_start::FeedStart;
use crate::components::post::PostView;
use crate::contexts::outbox::use_outbox;
use crate::contexts::reading::use_reading;
use crate::contexts::room::use_room;
use crate::wire::ids::PostNo;

/// The posts, then those on their way.
#[component]
pub fn Feed(
    /// The scroller.
    scroller: NodeRef<html::Div>,
) -> impl IntoView {
    let (room, outbox) = (use_room(), use_outbox());
    view! {
        <div
            class="feed"
            id="feed"
            node_ref=scroller
            role="log"
            aria-live="off"
            aria-busy=move || if room.is_loading_older() { "true" } else { "false" }
            aria-label=move || format!("Posts in {}", room.snapshot().title)
            tabindex="0"
        >
            <div class="feed__inner">
                <FeedStart scroller/>
                <ol class="feed__list">
                    <For each=move || room.numbers() key=|no| *no let:no>
                        <li>
                            <UnreadLine no/>
                            <PostView no/>
                        </li>
                    </For>
                    <For each=move || outbox.posts() key=|out| out.post.nonce let:out>
                        <li>
                            <Echo nonce=out.post.nonce/>
                        </li>
                    </For>
                </ol>
                <FeedEnd/>
            </div>
        </div>
    }
}

/// The line above the first post that was not seen.
#[component]
fn UnreadLine(no: PostNo) -> impl IntoView {
    let reading = use_reading();
    let here = Memo::new(move |_| reading.line_above() == Some(no));
    move || {
        here.get().then(|| {
            view! { <h3 class="unread-line" id="unread">"New"</h3> }
        })
    }
}
