//! What a card offers while data is saved.

use leptos::prelude::*;

use super::place::Place;

/// The stand-in stays until the reader asks.
#[component]
pub fn SaverNote(
    /// The element's place.
    place: Place,
) -> impl IntoView {
    view! {
        <p class="upload-card__note">
            <button type="button" class="button" on:click=move |_| place.ask()>
                "Show it live"
            </button>
        </p>
    }
}
