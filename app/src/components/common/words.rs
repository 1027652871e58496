//! A post's text.

use leptos::prelude::*;

use crate::model::paragraphs::{Line, paragraphs};

/// Paragraphs and lines of `text`; lines that quote are marked.
#[component]
pub fn Words(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    move || {
        paragraphs(&text.get())
            .into_iter()
            .map(|lines| view! { <p>{lines.into_iter().enumerate().map(line).collect_view()}</p> })
            .collect_view()
    }
}

fn line((index, line): (usize, Line)) -> impl IntoView {
    view! {
        {(index > 0).then(|| view! { <br/> })}
        {if line.quotes {
            view! { <span class="greentext">{line.text}</span> }.into_any()
        } else {
            line.text.into_any()
        }}
    }
}
