//! Which growing elements may read now, of all on the page.

use leptos::prelude::*;

use crate::browser::page;
use crate::model::slots::{self, Want};
use crate::wire::ids::FileId;

/// The places for growing elements.
#[derive(Debug, Clone, Copy)]
pub struct Slots {
    wants: RwSignal<Vec<Want>>,
    granted: RwSignal<Vec<FileId>>,
    most: StoredValue<usize>,
    loaded: RwSignal<bool>,
}

impl Slots {
    /// Asks for a place, or changes what was asked.
    pub fn want(self, want: Want) {
        self.wants.update(
            |wants| match wants.iter_mut().find(|held| held.file == want.file) {
                Some(held) => *held = want,
                None => wants.push(want),
            },
        );
        self.judge();
    }

    /// Gives the place back.
    pub fn release(self, file: FileId) {
        self.wants
            .update(|wants| wants.retain(|want| want.file != file));
        self.judge();
    }

    /// Whether `file` may be read now; tracked.
    #[must_use]
    pub fn has(self, file: FileId) -> bool {
        self.loaded.get() && self.granted.with(|granted| granted.contains(&file))
    }

    /// Whether the page's `load` event is over: what may stall must not be asked for before; tracked.
    #[must_use]
    pub fn is_loaded(self) -> bool {
        self.loaded.get()
    }

    fn judge(self) {
        let most = self.most.try_get_value().unwrap_or(slots::MOST_HTTP1);
        let before = self.granted.try_get_untracked().unwrap_or_default();
        let Some(granted) = self
            .wants
            .try_with_untracked(|wants| slots::grant(wants, &before, most))
        else {
            return;
        };
        if granted != before {
            self.granted.set(granted);
        }
    }
}

/// Provides the places; none is given before the page's `load` event is over.
pub fn provide_slots() {
    let slots = Slots {
        wants: RwSignal::default(),
        granted: RwSignal::default(),
        most: StoredValue::new(slots::MOST_HTTP1),
        loaded: RwSignal::new(false),
    };
    provide_context(slots);
    Effect::new(move || {
        page::after_load(move || {
            if page::http2() {
                slots.most.set_value(slots::MOST_HTTP2);
            }
            slots.judge();
            slots.loaded.set(true);
        })
        .keep();
    });
}

/// The places.
#[must_use]
pub fn use_slots() -> Slots {
    expect_context()
}
