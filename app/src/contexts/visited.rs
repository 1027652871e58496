//! The rooms this browser has been in.

use leptos::prelude::*;

use crate::browser::page;
use crate::model::visited::{self, Visited};

/// Where they are kept.
const KEY: &str = "streamboard-rooms";

/// Reads the rooms visited, with `room` put first and kept; empty on the server and until the page is alive.
#[must_use]
pub fn use_visited(room: Signal<Option<Visited>>) -> Signal<Vec<Visited>> {
    let rooms = RwSignal::new(Vec::new());
    Effect::new(move || {
        let mut known = visited::read(page::local_get(KEY).as_deref());
        if let Some(room) = room.get() {
            visited::visit(&mut known, room);
            page::local_set(KEY, &visited::write(&known));
        }
        rooms.set(known);
    });
    rooms.into()
}
