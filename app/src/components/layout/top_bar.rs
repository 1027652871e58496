//! The bar above plain pages.

use leptos::prelude::*;

use super::ThemeButton;
use crate::components::common::Brand;

/// The way home, and the theme.
#[component]
pub fn TopBar() -> impl IntoView {
    view! {
        <header class="top-bar">
            <Brand/>
            <nav aria-label="Site">
                <ThemeButton/>
            </nav>
        </header>
    }
}
