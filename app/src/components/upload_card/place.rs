//! When a growing element may have its source: after the first bytes told what it is, after the page has loaded,
//! while it is in view, and when there is a place for it.

use leptos::html;
use leptos::prelude::*;

use super::BytesStatus;
use crate::browser::{Guard, page};
use crate::contexts::settings::use_settings;
use crate::contexts::slots::use_slots;
use crate::model::file_link;
use crate::model::slots::Want;
use crate::wire::file::{Attachment, Preview};

/// Bytes that must have come after an error before an element is tried again.
const STEP: u64 = 64 * 1024;

/// The place of one growing element.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Whether the element is there, with its source; each number is another element.
    pub armed: Memo<Option<u32>>,
    /// Whether the element has all of its picture.
    pub painted: RwSignal<bool>,
    turn: RwSignal<u32>,
    failed_at: RwSignal<Option<u64>>,
    plays: RwSignal<bool>,
    asked: RwSignal<bool>,
    committed: Memo<u64>,
}

impl Place {
    /// The element could not show its file: the stand-in is back until more bytes have come.
    pub fn failed(self) {
        self.failed_at.set(Some(self.committed.get_untracked()));
        self.turn.update(|turn| *turn += 1);
    }

    /// What plays is not interrupted for what comes into view.
    pub fn set_plays(self, plays: bool) {
        self.plays.set(plays);
    }

    /// The reader asked for it though data is to be saved.
    pub fn ask(self) {
        self.asked.set(true);
    }
}

/// Derives when the element of `file` within `frame` may read; it never asks while it is not `needed`.
pub fn derive_place(
    file: Signal<Attachment>,
    status: BytesStatus,
    frame: NodeRef<html::Div>,
    needed: Signal<bool>,
) -> Place {
    let (slots, settings) = (use_slots(), use_settings());
    let id = file.with_untracked(|file| file.notice.file);
    let [visible, plays, asked] = [(); 3].map(|()| RwSignal::new(false));
    let (turn, failed_at) = (RwSignal::new(0), RwSignal::new(None::<u64>));
    let ready = Memo::new(move |_| file.with(file_link::is_ready));
    let grows = Memo::new(move |_| {
        file.with(|file| {
            file.is_open()
                && file
                    .started
                    .as_ref()
                    .is_some_and(|started| started.how != Preview::Waits)
        })
    });
    // Where an element failed on the growing file, the finished one is another chance.
    let fits = Memo::new(move |_| match failed_at.get() {
        Some(at) => ready.get() || status.committed.get() >= at + STEP,
        None => true,
    });
    let wanted = Memo::new(move |_| {
        needed.get() && grows.get() && fits.get() && (!settings.data_saver() || asked.get())
    });
    let started = RwSignal::new(false);
    let armed = Memo::new(move |held: Option<&Option<u32>>| {
        // A finished file needs no place; an element that reads keeps what it has.
        let reads = held.is_some_and(Option::is_some) && fits.get();
        let may = if ready.get() {
            slots.is_loaded() && (started.get() || reads) && fits.get()
        } else {
            wanted.get() && slots.has(id)
        };
        may.then(|| turn.get())
    });
    let watch = StoredValue::new(Guard::default());
    Effect::new(move || {
        if let Some(frame) = frame.get() {
            watch.set_value(page::intersection(&frame, move |seen| visible.set(seen)));
        }
    });
    Effect::new(move || started.set(started.get_untracked() || visible.get()));
    Effect::new(move || {
        if wanted.get() {
            slots.want(Want {
                file: id,
                visible: visible.get(),
                plays: plays.get(),
            });
        } else {
            slots.release(id);
        }
    });
    on_cleanup(move || slots.release(id));
    Place {
        armed,
        painted: RwSignal::new(false),
        turn,
        failed_at,
        plays,
        asked,
        committed: status.committed,
    }
}
