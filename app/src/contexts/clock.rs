//! The time that pages show, by the server's clock.

use leptos::prelude::*;

use crate::browser::page;
use crate::wire::ids::Millis;

/// Between two ticks, in milliseconds: silences and ages are told in seconds.
const TICK_MS: u32 = 1_000;
/// A browser's clock may be this much off, in milliseconds, before the server's is used instead.
const SKEW_MS: i64 = 30_000;

/// A clock that ticks once a second; `None` on the server and until the page is alive, so that both render alike.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    now: RwSignal<Option<Millis>>,
    skew: StoredValue<i64>,
}

impl Clock {
    /// The server's time; tracked.
    #[must_use]
    pub fn now(self) -> Option<Millis> {
        self.now.get()
    }

    /// The browser's own time, which transfers are measured by; tracked.
    #[must_use]
    pub fn local_now(self) -> Option<Millis> {
        self.now.get().map(|now| now - self.skew.get_value())
    }

    /// Takes the server's time from a page just rendered.
    pub fn set_server_now(self, now: Millis) {
        let skew = now - page::now_ms();
        self.skew
            .set_value(if skew.abs() > SKEW_MS { skew } else { 0 });
        self.tick();
    }

    fn tick(self) {
        self.now.set(Some(page::now_ms() + self.skew.get_value()));
    }
}

/// Provides the clock and starts it once the page is alive.
pub fn provide_clock() {
    let clock = Clock {
        now: RwSignal::new(None),
        skew: StoredValue::new(0),
    };
    provide_context(clock);
    Effect::new(move || {
        clock.tick();
        page::interval(TICK_MS, move || clock.tick()).keep();
    });
}

/// The clock.
#[must_use]
pub fn use_clock() -> Clock {
    expect_context()
}
