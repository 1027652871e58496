//! The lower end of the feed.

use leptos::prelude::*;

use crate::contexts::room::use_room;

/// On a page of older posts, the way to the newest.
#[component]
pub fn FeedEnd() -> impl IntoView {
    let room = use_room();
    view! {
        {move || {
            room.until()
                .map(|_| {
                    view! {
                        <p class="feed__newest">
                            <a class="button" href=format!("/r/{}", room.id()) rel="external">
                                "To the newest posts"
                            </a>
                        </p>
                    }
                })
        }}
        <div class="feed__end" aria-hidden="true"></div>
    }
}
