//! How many people are here.

use leptos::prelude::*;

use crate::components::common::Icon;
use crate::contexts::people::use_people;

/// The count; opens the list. Empty until the feed tells.
#[component]
pub fn PeopleChip() -> impl IntoView {
    let people = use_people();
    let here = Memo::new(move |_| people.here().map(|people| people.here));
    let count = move || {
        here.get()
            .map_or_else(|| "–".to_owned(), |here| here.to_string())
    };
    view! {
        <button
            type="button"
            class="people-chip"
            popovertarget="people"
            aria-label=move || match here.get() {
                Some(1) => "1 person here".to_owned(),
                Some(here) => format!("{here} people here"),
                None => "People here".to_owned(),
            }
        >
            <Icon name="people" small=true/>
            <span class="people-chip__count">{count}</span>
            <span class="people-chip__word">"here"</span>
        </button>
    }
}
