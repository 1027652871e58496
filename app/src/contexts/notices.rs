//! Short messages: toasts for everybody, and lines read aloud.

use leptos::prelude::*;

use crate::browser::page;

/// Toasts at once; the oldest goes first.
const MOST_TOASTS: usize = 3;
/// How long a toast stays that needs nothing done, in milliseconds.
const TOAST_MS: u32 = 6_000;
/// Between two lines read aloud, in milliseconds; what comes in between is told together.
const SPEAK_MS: u32 = 3_000;

/// What a toast offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Nothing; it goes by itself.
    Nothing,
    /// To load the page again.
    Reload,
}

/// A message over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Its number.
    pub id: u32,
    /// A sentence.
    pub text: String,
    /// Whether something went wrong.
    pub danger: bool,
    /// What can be done.
    pub offer: Offer,
}

/// The messages.
#[derive(Debug, Clone, Copy)]
pub struct Notices {
    toasts: RwSignal<Vec<Toast>>,
    next_id: StoredValue<u32>,
    spoken: RwSignal<String>,
    unspoken: StoredValue<Option<String>>,
    speaking: StoredValue<bool>,
}

impl Notices {
    /// The toasts shown; tracked.
    #[must_use]
    pub fn toasts(self) -> Vec<Toast> {
        self.toasts.get()
    }

    /// Says that something happened.
    pub fn tell(self, text: impl Into<String>) {
        self.show(text.into(), false, Offer::Nothing);
    }

    /// Says that something went wrong.
    pub fn warn(self, text: impl Into<String>) {
        self.show(text.into(), true, Offer::Nothing);
    }

    /// Offers to load the page again, once.
    pub fn offer_reload(self, text: &str) {
        let shown = self
            .toasts
            .with_untracked(|toasts| toasts.iter().any(|toast| toast.text == text));
        if !shown {
            self.show(text.to_owned(), false, Offer::Reload);
        }
    }

    /// Takes a toast away.
    pub fn dismiss(self, id: u32) {
        self.toasts
            .update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    fn show(self, text: String, danger: bool, offer: Offer) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id.wrapping_add(1));
        self.toasts.update(|toasts| {
            toasts.push(Toast {
                id,
                text,
                danger,
                offer,
            });
            if toasts.len() > MOST_TOASTS {
                toasts.remove(0);
            }
        });
        if offer == Offer::Nothing {
            page::timeout(TOAST_MS, move || self.dismiss(id)).keep();
        }
    }

    /// What is read aloud now; tracked.
    #[must_use]
    pub fn spoken(self) -> String {
        self.spoken.get()
    }

    /// Has a line read aloud, at most one every three seconds: of several in between the last one is.
    pub fn speak(self, line: String) {
        if self.speaking.get_value() {
            self.unspoken.set_value(Some(line));
            return;
        }
        self.spoken.set(line);
        self.speaking.set_value(true);
        page::timeout(SPEAK_MS, move || {
            self.speaking.set_value(false);
            if let Some(line) = self.unspoken.try_update_value(Option::take).flatten() {
                self.speak(line);
            }
        })
        .keep();
    }
}

/// Provides the messages.
pub fn provide_notices() {
    provide_context(Notices {
        toasts: RwSignal::default(),
        next_id: StoredValue::new(0),
        spoken: RwSignal::default(),
        unspoken: StoredValue::new(None),
        speaking: StoredValue::new(false),
    });
}

/// The messages.
#[must_use]
pub fn use_notices() -> Notices {
    expect_context()
}
