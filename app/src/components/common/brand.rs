//! The mark, a picture whose lower rows have not arrived, and the name; leads home.

use leptos::prelude::*;

/// The link home.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <BrandMark/>
            " Streamboard"
        </a>
    }
}

/// The mark alone. Drawn in place rather than from the sprite, since its parts have colours of their own.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand__mark" viewBox="0 0 22 22" aria-hidden="true">
            <path class="brand__rows" d="M2 5a3 3 0 0 1 3-3h12a3 3 0 0 1 3 3v5H2Z"/>
            <path class="brand__edge" d="M0 11h22v2.2H0Z"/>
            <path
                class="brand__rest"
                d="M2 14.4h18v1.5H2ZM2 17.2h17.6c-.5 1.6-1.3 2.8-2.6 2.8H5c-1.6 0-2.5-1.2-3-2.8Z"
            />
        </svg>
    }
}
