//! What is shown of a file's bytes, derived once for all parts of a card.

use leptos::prelude::*;

use crate::contexts::clock::use_clock;
use crate::contexts::uploads::use_uploads;
use crate::model::format;
use crate::model::transfer::{CardState, share};
use crate::wire::file::{Attachment, FileState};

/// What is shown of a file's bytes.
#[derive(Debug, Clone, Copy)]
pub struct BytesStatus {
    /// The state.
    pub state: Memo<CardState>,
    /// Whether all of it is there.
    pub ready: Memo<bool>,
    /// The state's name in the style sheet.
    pub name: Signal<&'static str>,
    /// The share of bytes that arrived, as the value of `--p`.
    pub share: Memo<String>,
    /// Bytes that arrived.
    pub committed: Memo<u64>,
    /// Whole percent.
    pub percent: Memo<Option<u32>>,
    /// What the card says.
    pub words: Memo<Vec<String>>,
    /// What a ring shows in its middle.
    pub ring: Memo<String>,
    /// The file's name.
    pub label: Signal<String>,
}

/// Derives what is shown of the bytes of `file`, by the server's count alone.
#[must_use]
pub fn derive_bytes_status(file: Signal<Attachment>) -> BytesStatus {
    let clock = use_clock();
    let transfer = use_uploads().transfer(file.with_untracked(|file| file.notice.file));
    let transfer = StoredValue::new(transfer);
    let size = move |file: &Attachment| match file.state {
        FileState::Ready { size } => Some(size),
        _ => file.notice.size,
    };
    let state = Memo::new(move |_| {
        let now = clock.local_now();
        transfer.with_value(|transfer| {
            transfer.with(|transfer| file.with(|file| CardState::of(file, transfer, now)))
        })
    });
    let with = move |read: fn(
        CardState,
        &Attachment,
        &crate::model::transfer::Transfer,
    ) -> Vec<String>| {
        let state = state.get();
        transfer.with_value(|transfer| {
            transfer.with(|transfer| file.with(|file| read(state, file, transfer)))
        })
    };
    let words = Memo::new(move |_| with(|state, file, transfer| state.words(file, transfer)));
    let committed = Memo::new(move |_| {
        transfer.with_value(|transfer| transfer.with(|transfer| transfer.committed))
    });
    let share = Memo::new(move |_| {
        let (state, size) = (state.get(), file.with(size));
        transfer.with_value(|transfer| transfer.with(|transfer| share(state, transfer, size)))
    });
    let percent = Memo::new(move |_| match state.get() {
        CardState::Ready => Some(100),
        _ => format::percent(committed.get(), file.with(size)),
    });
    BytesStatus {
        state,
        ready: Memo::new(move |_| state.get() == CardState::Ready),
        name: Signal::derive(move || state.get().name()),
        share,
        committed,
        percent,
        words,
        ring: Memo::new(move |_| state.get().ring_text(percent.get())),
        label: Signal::derive(move || file.with(|file| file.notice.name.clone())),
    }
}
