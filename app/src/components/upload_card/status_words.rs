//! The line that says how an arriving file stands.

use leptos::prelude::*;

use super::BytesStatus;

/// Bytes, speed and time left while bytes move, else what is waited for.
#[component]
pub fn StatusWords(
    /// The file's bytes.
    status: BytesStatus,
) -> impl IntoView {
    let moves = Memo::new(move |_| status.state.get().moves());
    view! {
        <span class="upload-card__status">
            {move || moves.get().then(|| view! { <span class="arriving-dot" aria-hidden="true"></span> })}
            {move || {
                let words = status.words.get();
                words.into_iter().map(|word| view! { <span class="num">{word}</span> }).collect_view()
            }}
        </span>
    }
}
