//! How much of a file is there, as a bar.

use leptos::prelude::*;

/// Solid: arrived; hatched: not yet.
#[component]
pub fn ByteBar(
    /// The share, 0 to 1, as the value of `--p`.
    #[prop(into)]
    share: Signal<String>,
    /// The state's name in the style sheet.
    #[prop(into)]
    state: Signal<&'static str>,
    /// Whole percent, where known.
    #[prop(into)]
    percent: Signal<Option<u32>>,
    /// Name of the file.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is the thin one.
    #[prop(optional)]
    thin: bool,
) -> impl IntoView {
    view! {
        <span
            class=if thin { "byte-bar byte-bar--thin" } else { "byte-bar" }
            data-state=move || state.get()
            style=move || format!("--p:{}", share.get())
            role="progressbar"
            aria-label=move || label.get()
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent.get().map(|percent| percent.to_string())
        ></span>
    }
}
