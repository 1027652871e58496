//! A room in the catalog.

use leptos::prelude::*;

use super::cover::Cover;
use crate::contexts::clock::use_clock;
use crate::model::catalog::words_for;
use crate::model::format;
use crate::wire::request::RoomList;
use crate::wire::room::RoomCard;

/// Below this many milliseconds the end of a room is near.
const SOON_MS: i64 = 60 * 60 * 1_000;

/// Cover, title, people, posts, last post, time left.
#[component]
pub fn RoomCardView(
    /// The room when it was listed first.
    first: RoomCard,
    /// The list it is kept up to date from.
    #[prop(into)]
    rooms: Signal<RoomList>,
) -> impl IntoView {
    let clock = use_clock();
    let id = first.snapshot.room.clone();
    let link = format!("/r/{id}");
    let card = Memo::new(move |_| {
        rooms
            .with(|list| {
                list.rooms
                    .iter()
                    .find(|card| card.snapshot.room == id)
                    .cloned()
            })
            .unwrap_or_else(|| first.clone())
    });
    // Until the page is alive, ages are told as of when the list was made, alike on both sides.
    let now = Memo::new(move |_| clock.now().unwrap_or_else(|| rooms.with(|list| list.now)));
    let cover = Memo::new(move |_| card.with(|card| (card.cover.clone(), words_for(card))));
    let arriving = Memo::new(move |_| card.with(|card| card.arriving));
    let last =
        Memo::new(
            move |_| match format::ago(card.with(|card| card.last_activity), now.get()) {
                ago if ago == "now" => "last post now".to_owned(),
                ago => format!("last post {ago} ago"),
            },
        );
    let left = Memo::new(move |_| format::until(card.with(|card| card.ends_at), now.get()));
    let soon = Memo::new(move |_| card.with(|card| card.ends_at) - now.get() < SOON_MS);
    view! {
        <article class="room-card">
            {move || {
                let (cover, words) = cover.get();
                view! { <Cover cover words/> }
            }}
            {move || {
                (arriving.get() > 0)
                    .then(|| view! { <span class="room-card__arriving"><span class="arriving-dot" aria-hidden="true"></span>{format!("{} arriving", arriving.get())}</span> })
            }}
            <div class="room-card__text">
                <h3>
                    <a class="room-card__link" href=link>{move || card.with(|card| card.snapshot.title.clone())}</a>
                </h3>
                <p class="room-card__facts">
                    <span><b>{move || card.with(|card| card.here)}</b> " here"</span>
                    <span>{move || format::count(card.with(|card| card.posts).into(), "post", "posts")}</span>
                </p>
                <p class="room-card__foot">
                    <span>{last}</span>
                    <span data-soon=move || soon.get().then_some("")>{left}</span>
                </p>
            </div>
        </article>
    }
}
