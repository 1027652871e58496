//! The scroller with all posts. While its end is in view it follows the end; read further up, nothing moves.

use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::echo::Echo;
use super::feed_end::FeedEnd;
use super::feed_start::FeedStart;
use crate::browser::{Guard, page};
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
    let content = NodeRef::<html::Div>::new();
    let on_scroll = follow_end(scroller, content);
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
            on:scroll=move |_| on_scroll()
        >
            <div class="feed__inner" node_ref=content>
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

/// Starts at the end, unless the address names a post, and stays there while posts come or grow. Returns what is
/// to be called when the page scrolls.
fn follow_end(scroller: NodeRef<html::Div>, content: NodeRef<html::Div>) -> impl Fn() + Copy {
    let reading = use_reading();
    let names_post = !use_location().hash.get_untracked().is_empty();
    let last_top = StoredValue::new(0);
    let look = move || {
        let Some(scroller) = scroller.get_untracked() else {
            return;
        };
        // What comes while the page scrolls to the end puts the end further down: only going up leaves it.
        let (top, before) = (scroller.scroll_top(), last_top.get_value());
        last_top.set_value(top);
        let at_end = page::at_end(&scroller);
        if at_end || top < before {
            reading.set_at_end(at_end);
        }
    };
    let watch = StoredValue::new(Guard::default());
    Effect::new(move || {
        let (Some(scroller), Some(content)) = (scroller.get(), content.get()) else {
            return;
        };
        if !names_post {
            page::scroll_to_end(&scroller);
        }
        last_top.set_value(scroller.scroll_top());
        reading.set_at_end(page::at_end(&scroller));
        // The scroller itself shrinks when the composer grows.
        let [at_content, at_scroller] = [scroller.clone(), scroller.clone()];
        let follow = move |scroller: &_| {
            if reading.at_end_now() {
                page::scroll_to_end(scroller);
            }
        };
        let grown = page::resized(&content, move || follow(&at_content));
        watch.set_value(grown.and(page::resized(&scroller, move || follow(&at_scroller))));
    });
    look
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
