//! An icon of the sprite that stands at the end of the document.

use leptos::prelude::*;

/// A decorative icon; what it means is said by the text or label beside it.
#[component]
pub fn Icon(
    /// Its id in the sprite.
    name: &'static str,
    /// Whether it is the small one.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    view! {
        <svg class=if small { "icon icon--s" } else { "icon" } aria-hidden="true">
            <use href=format!("#i-{name}")></use>
        </svg>
    }
}
