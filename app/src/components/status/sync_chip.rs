//! The visible truth about the connection.

use leptos::prelude::*;

use crate::contexts::feed::use_feed;
use crate::contexts::outbox::use_outbox;
use crate::contexts::room::use_room;
use crate::model::line::{Chip, LineFacts};

/// Derives what the chip says of the room shown.
#[must_use]
pub fn derive_chip() -> Memo<Chip> {
    let (feed, room, outbox) = (use_feed(), use_room(), use_outbox());
    Memo::new(move |_| {
        Chip::of(LineFacts {
            live: feed.is_open() && room.is_followed(),
            was_live: feed.was_tried() && !feed.is_open(),
            behind: room.behind(),
            waiting: outbox.waiting(),
            missing: room.missing(),
        })
    })
}

/// The chip; a press tries to connect at once.
#[component]
pub fn SyncChip() -> impl IntoView {
    let feed = use_feed();
    let chip = derive_chip();
    view! {
        <button
            type="button"
            class="sync-chip"
            data-state=move || chip.get().state()
            aria-label=move || chip.get().sentence()
            title=move || chip.get().sentence()
            on:click=move |_| feed.retry_now()
        >
            <span class="sync-chip__mark"></span>
            <span>
                {move || {
                    let (before, word, after) = chip.get().words();
                    view! {
                        <span class="sync-chip__long">{before}</span>
                        {word}
                        <span class="sync-chip__long">{after}</span>
                    }
                }}
            </span>
        </button>
    }
}
