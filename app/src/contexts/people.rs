//! Who is in the room.

use leptos::prelude::*;

use crate::wire::room::PeopleHere;

/// Who is in the room; `None` until the feed tells.
#[derive(Debug, Clone, Copy)]
pub struct People(RwSignal<Option<PeopleHere>>);

impl People {
    /// Who is here; tracked.
    #[must_use]
    pub fn here(self) -> Option<PeopleHere> {
        self.0.get()
    }

    /// Takes in what the feed told.
    pub fn set(self, people: PeopleHere) {
        self.0.set(Some(people));
    }
}

/// Provides who is in the room shown.
pub fn provide_people() -> People {
    let people = People(RwSignal::new(None));
    provide_context(people);
    people
}

/// Who is in the room.
#[must_use]
pub fn use_people() -> People {
    expect_context()
}
