//! When something happened.

use leptos::prelude::*;

use crate::contexts::clock::use_clock;
use crate::model::format;
use crate::wire::ids::Millis;

/// How long ago `at` was; the moment itself until the page is alive, so that server and browser render alike.
#[component]
pub fn Moment(
    /// The moment.
    at: Millis,
    /// Whether it stands within a sentence: "34 s ago" rather than "34 s".
    #[prop(optional)]
    in_words: bool,
) -> impl IntoView {
    let clock = use_clock();
    let text = Memo::new(move |_| match clock.now() {
        None => format::utc(at),
        Some(now) if in_words => format::ago_words(at, now),
        Some(now) => format::ago(at, now),
    });
    view! {
        <time datetime=format::iso(at) title=format::utc(at)>
            {text}
        </time>
    }
}
