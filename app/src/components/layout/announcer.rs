//! The line that is read aloud.

use leptos::prelude::*;

use crate::contexts::notices::use_notices;

/// Says who posted what, at most every three seconds. The feed itself is silent, since it changes all the time.
#[component]
pub fn Announcer() -> impl IntoView {
    let notices = use_notices();
    view! {
        <p class="announcer visually-hidden" role="status" aria-live="polite">
            {move || notices.spoken()}
        </p>
    }
}
