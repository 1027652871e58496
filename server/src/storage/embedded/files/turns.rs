//! Keeps writers whose turn is over from writing over those that followed them.
//!
//! A call that is dropped leaves its blocking write behind, and a writer may not know yet that its turn was taken.
//! A new turn writes to the same place meanwhile, and a late write of the old one must not land on top. Calls
//! for one file run one after the other, and those of an older turn than was seen do nothing: their commit is
//! lost anyway, since the turn was raised in the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::wire::ids::FileId;

use crate::domain::upload::Turn;
use crate::storage::embedded::error::CallError;

/// Files remembered. The half that was not asked for the longest is forgotten when there are more, except those
/// that calls are under way for; a writer that is late by thousands of files has long lost its connection.
const MOST: usize = 8192;

/// The files that were written or ended of late.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Files>);

#[derive(Debug, Default)]
struct Files {
    /// With the number of the call that asked last.
    newest: HashMap<FileId, (u64, Arc<Newest>)>,
    calls: u64,
}

/// The newest turn that wrote; the highest there is once the file ended.
#[derive(Debug, Default)]
struct Newest(Mutex<Turn>);

/// A call under way.
#[derive(Debug)]
pub(super) struct Held(Arc<Newest>);

impl Turns {
    pub(super) fn enter(&self, file: FileId) -> Held {
        let mut files = lock(&self.0);
        files.calls += 1;
        let call = files.calls;
        let (last, newest) = files.newest.entry(file).or_default();
        *last = call;
        let held = Held(newest.clone());
        if files.newest.len() > MOST {
            files.forget();
        }
        held
    }
}

impl Files {
    fn forget(&mut self) {
        let mut calls: Vec<_> = self.newest.values().map(|(call, _)| *call).collect();
        let (_, middle, _) = calls.select_nth_unstable(MOST / 2);
        let middle = *middle;
        self.newest
            .retain(|_, (call, newest)| *call > middle || Arc::strong_count(newest) > 1);
    }
}

impl Held {
    /// Writes, unless a newer turn did or the file was closed.
    pub(super) fn write(
        &self,
        turn: Turn,
        work: impl FnOnce() -> Result<(), CallError>,
    ) -> Result<(), CallError> {
        self.alone(|newest| {
            if turn < *newest {
                return Ok(());
            }
            *newest = turn;
            work()
        })
    }

    /// Finishes or removes the file: no write that began before may follow.
    pub(super) fn close<T>(
        &self,
        work: impl FnOnce() -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.alone(|newest| {
            *newest = Turn::MAX;
            work()
        })
    }

    fn alone<T>(
        &self,
        work: impl FnOnce(&mut Turn) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        work(&mut lock(&self.0.0))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes(held: &Held, turn: Turn) -> bool {
        let mut wrote = false;
        held.write(turn, || {
            wrote = true;
            Ok(())
        })
        .unwrap();
        wrote
    }

    fn file(n: usize) -> FileId {
        FileId((n as u128).to_be_bytes())
    }

    #[test]
    fn an_older_turn_does_not_write() {
        let turns = Turns::default();
        assert!(writes(&turns.enter(file(1)), 2));
        assert!(!writes(&turns.enter(file(1)), 1));
        assert!(writes(&turns.enter(file(1)), 2));
        assert!(writes(&turns.enter(file(2)), 1), "another file");
    }

    #[test]
    fn nobody_writes_to_what_ended() {
        let turns = Turns::default();
        turns.enter(file(1)).close(|| Ok(())).unwrap();
        assert!(!writes(&turns.enter(file(1)), 1_000));
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_is_in_use() {
        let turns = Turns::default();
        let held = turns.enter(file(0));
        assert!(writes(&held, 2));
        for n in 1..3 * MOST {
            turns.enter(file(n));
            assert!(lock(&turns.0).newest.len() <= MOST);
        }
        assert!(!writes(&turns.enter(file(0)), 1));
    }
}
