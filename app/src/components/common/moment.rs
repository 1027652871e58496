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
) -> impl IntoView {
    let clock = use_clock();
    let text = Memo::new(move |_| {
        clock
            .now()
            .map_or_else(|| format::utc(at), |now| format::ago(at, now))
    });
    view! {
        <time datetime=format::iso(at) title=format::utc(at)>
            {text}
        </time>
    }
}
