//! A bounded map of what is held per room: work in progress, or memories that may be forgotten.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::wire::ids::RoomId;

/// What is held of one room.
pub(super) trait Held: Default {
    /// Whether it may be forgotten.
    fn is_idle(&self) -> bool;
}

/// What is held of each room.
#[derive(Debug)]
pub(super) struct Rooms<T> {
    held: Mutex<HashMap<RoomId, T>>,
    most: usize,
}

impl<T: Held> Rooms<T> {
    /// Holds at most `most` rooms.
    pub(super) fn new(most: usize) -> Self {
        Self {
            held: Mutex::new(HashMap::new()),
            most,
        }
    }

    /// Lends what is held of a room, under the lock. `None` where too many rooms are busy.
    pub(super) fn with<R>(&self, room: &RoomId, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = held.get_mut(room) {
            return Some(work(entry));
        }
        if held.len() >= self.most {
            // All memories at once: once per `most` new rooms, and each is read again in one call.
            held.retain(|_, entry| !entry.is_idle());
        }
        (held.len() < self.most).then(|| work(held.entry(room.clone()).or_default()))
    }

    /// Forgets a room, whatever it is doing.
    pub(super) fn forget(&self, room: &RoomId) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = held.remove(room);
        drop(held);
        drop(entry);
    }
}

/// Forgets a room unless told that its task ended well: a room must not wait for a task that is gone.
#[derive(Debug)]
pub(super) struct Watch<'a, T: Held> {
    rooms: Option<&'a Rooms<T>>,
    room: &'a RoomId,
}

impl<'a, T: Held> Watch<'a, T> {
    pub(super) fn over(rooms: &'a Rooms<T>, room: &'a RoomId) -> Self {
        Self {
            rooms: Some(rooms),
            room,
        }
    }

    /// The task ended well.
    pub(super) fn end(mut self) {
        self.rooms = None;
    }
}

impl<T: Held> Drop for Watch<'_, T> {
    fn drop(&mut self) {
        if let Some(rooms) = self.rooms {
            rooms.forget(self.room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Busy(bool);

    impl Held for Busy {
        fn is_idle(&self) -> bool {
            !self.0
        }
    }

    fn room(number: u32) -> RoomId {
        format!("{number:08}").parse().unwrap()
    }

    #[test]
    fn idle_rooms_make_way_and_busy_ones_do_not() {
        let rooms = Rooms::<Busy>::new(2);
        rooms.with(&room(1), |busy| busy.0 = true).unwrap();
        rooms.with(&room(2), |_| ()).unwrap();
        rooms.with(&room(3), |busy| busy.0 = true).unwrap();
        assert!(rooms.with(&room(1), |busy| busy.0).unwrap());
        assert!(rooms.with(&room(4), |_| ()).is_none());
        rooms.forget(&room(1));
        assert!(rooms.with(&room(4), |_| ()).is_some());
    }

    #[test]
    fn a_task_that_breaks_off_leaves_no_busy_room() {
        let rooms = Rooms::<Busy>::new(1);
        for ends_well in [true, false] {
            let room = room(1);
            rooms.with(&room, |busy| busy.0 = true).unwrap();
            let watch = Watch::over(&rooms, &room);
            if ends_well {
                watch.end();
            } else {
                drop(watch);
            }
            assert_eq!(rooms.with(&room, |busy| busy.0), Some(ends_well));
        }
    }
}
