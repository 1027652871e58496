//! How much of a file is there, as a ring.

use leptos::prelude::*;

/// Where a ring stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RingLook {
    /// Beside text.
    Plain,
    /// In a line of text, without its number.
    Small,
    /// Over a picture.
    Media,
}

impl RingLook {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "ring",
            Self::Small => "ring ring--s",
            Self::Media => "ring ring--media",
        }
    }
}

/// How much of a file is there. Outside of every live region: progress is never read aloud by itself.
#[component]
pub fn ProgressRing(
    /// The share, 0 to 1, as the value of `--p`.
    #[prop(into)]
    share: Signal<String>,
    /// The state's name in the style sheet.
    #[prop(into)]
    state: Signal<&'static str>,
    /// Whole percent, where known.
    #[prop(into)]
    percent: Signal<Option<u32>>,
    /// What is shown in the middle.
    #[prop(into)]
    text: Signal<String>,
    /// Name of the file.
    #[prop(into)]
    label: Signal<String>,
    /// Where it stands.
    look: RingLook,
) -> impl IntoView {
    view! {
        <span
            class=look.class()
            data-state=move || state.get()
            style=move || format!("--p:{}", share.get())
            role="progressbar"
            aria-label=move || label.get()
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent.get().map(|percent| percent.to_string())
            aria-valuetext=move || percent.get().map(|percent| format!("{percent} percent"))
        >
            <svg viewBox="0 0 36 36" aria-hidden="true">
                <circle class="ring__track" cx="18" cy="18" r="16" pathLength="100"/>
                <circle class="ring__value" cx="18" cy="18" r="16" pathLength="100"/>
            </svg>
            <span class="ring__text" aria-hidden="true">
                {move || text.get()}
            </span>
        </span>
    }
}
