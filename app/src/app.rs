//! The document and the root component.

use leptos::prelude::*;

/// The HTML document.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let _ = options;
}

/// The root component.
#[component]
pub fn App() -> impl IntoView {}
