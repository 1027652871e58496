//! What stands where there is nothing.

use leptos::prelude::*;

use super::brand::BrandMark;

/// A title, a sentence, and what can be done about it.
#[component]
pub fn EmptyState(
    /// The title.
    title: &'static str,
    /// The sentence.
    #[prop(into)]
    text: String,
    /// Whether it stands in a box of its own, with the mark.
    #[prop(optional)]
    boxed: bool,
    /// What can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=if boxed { "empty-state empty-state--boxed" } else { "empty-state" }>
            {boxed.then(BrandMark)}
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
