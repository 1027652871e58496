//! The upper end of the feed: more posts, or the beginning of the room.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{Guard, page};
use crate::components::common::Moment;
use crate::contexts::notices::use_notices;
use crate::contexts::reading::use_reading;
use crate::contexts::room::use_room;

/// A button for older posts, which is pressed by itself when it comes into view; a link without script. Above the
/// first post, the room's name.
#[component]
pub fn FeedStart(
    /// The scroller.
    scroller: NodeRef<html::Div>,
) -> impl IntoView {
    let (room, notices, reading) = (use_room(), use_notices(), use_reading());
    let more = Memo::new(move |_| room.more_before());
    let hold = move || {
        scroller
            .get_untracked()
            .map(|scroller| page::hold_position(&scroller))
            .unwrap_or_default()
    };
    let load = move || {
        spawn_local(async move {
            if let Err(error) = room.load_older(hold).await {
                notices.warn(format!("Older posts could not be loaded: {error}"));
            }
        });
    };
    let button = NodeRef::<html::A>::new();
    let watch = StoredValue::new(Guard::default());
    Effect::new(move || {
        // Watched anew after each page: what stays in view tells nothing more.
        let (_, Some(button), Some(_)) = (more.get(), button.get(), scroller.get()) else {
            return;
        };
        watch.set_value(page::intersection(&button, move |seen| {
            if seen && !reading.at_end_now() {
                load();
            }
        }));
    });
    move || {
        match more.get() {
        Some(before) => view! {
            <p class="feed__older">
                <a
                    class="button"
                    node_ref=button
                    href=format!("/r/{}?before={before}", room.id())
                    rel="external"
                    on:click=move |event| {
                        event.prevent_default();
                        load();
                    }
                >
                    {move || if room.is_loading_older() { "Loading" } else { "Older posts" }}
                </a>
            </p>
        }
        .into_any(),
        None => view! {
            <div class="feed__start">
                <h2>{move || room.snapshot().title}</h2>
                <p>"Opened " <Moment at=room.snapshot().created_at in_words=true/> ". " {move || (room.total() == 0).then_some("Nothing here yet: write the first post, or drop a picture anywhere. People see it while it is still on its way.")}</p>
            </div>
        }
        .into_any(),
    }
    }
}
