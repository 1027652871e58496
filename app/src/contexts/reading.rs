//! What the reader has seen of the room.

use leptos::prelude::*;

use crate::browser::page;
use crate::model::unread::Unread;
use crate::wire::ids::PostNo;

/// How long the line above new posts stays after the end was seen, in milliseconds.
const LINE_MS: u32 = 4_000;

/// What the reader has seen of the room.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    at_end: RwSignal<bool>,
    visible: RwSignal<bool>,
    unread: RwSignal<Unread>,
}

impl Reading {
    /// Whether the end of the feed is in view; tracked.
    #[must_use]
    pub fn at_end(self) -> bool {
        self.at_end.get()
    }

    /// Whether the end of the feed is in view; not tracked.
    #[must_use]
    pub fn at_end_now(self) -> bool {
        self.at_end.get_untracked()
    }

    /// Whether the reader looks at the end of the feed now.
    #[must_use]
    pub fn is_looking(self) -> bool {
        self.at_end.get_untracked() && self.visible.get_untracked()
    }

    /// Posts not seen; tracked.
    #[must_use]
    pub fn unread(self) -> u32 {
        self.unread.with(Unread::count)
    }

    /// The post that the line of new posts stands above; tracked.
    #[must_use]
    pub fn line_above(self) -> Option<PostNo> {
        self.unread.with(Unread::line_above)
    }

    /// Notes a new post.
    pub fn note(self, no: PostNo, own: bool) {
        let looking = self.is_looking();
        if !own && !looking {
            self.unread.update(|unread| unread.note(no, own, looking));
        }
    }

    /// Notes whether the end of the feed is in view.
    pub fn set_at_end(self, at_end: bool) {
        self.at_end.set(at_end);
        self.look();
    }

    fn look(self) {
        if !self.is_looking()
            || self
                .unread
                .with_untracked(|unread| unread.line_above().is_none())
        {
            return;
        }
        self.unread.update(Unread::seen);
        page::timeout(LINE_MS, move || self.unread.update(Unread::forget_line)).keep();
    }
}

/// Provides what the reader has seen of the room shown.
pub fn provide_reading() -> Reading {
    let reading = Reading {
        at_end: RwSignal::new(true),
        visible: RwSignal::new(true),
        unread: RwSignal::default(),
    };
    provide_context(reading);
    let watch = StoredValue::new(crate::browser::Guard::default());
    Effect::new(move || {
        reading.visible.set(!page::is_hidden());
        watch.set_value(page::on_visibility(move |visible| {
            reading.visible.set(visible);
            reading.look();
        }));
    });
    reading
}

/// What the reader has seen of the room.
#[must_use]
pub fn use_reading() -> Reading {
    expect_context()
}
