//! Keeps calls that were given up from writing after those that followed them.
//!
//! A call that is dropped leaves its blocking write behind. A new turn may write to the same place meanwhile, and
//! a late write of the old one must not land on top. Calls for one file run one after the other, and those of
//! an older turn than was seen do nothing: their commit is lost anyway, since the turn was raised in the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use app::wire::ids::FileId;

use crate::domain::upload::Turn;
use crate::storage::embedded::error::CallError;

/// The files that calls are under way for; bounded by those calls.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<FileId, Weak<Newest>>>);

/// The newest turn that wrote while calls were under way.
#[derive(Debug, Default)]
struct Newest(Mutex<Turn>);

/// A call under way.
#[derive(Debug)]
pub(super) struct Held {
    file: FileId,
    turns: Arc<Turns>,
    newest: Option<Arc<Newest>>,
}

impl Turns {
    pub(super) fn enter(self: &Arc<Self>, file: FileId) -> Held {
        let mut files = lock(&self.0);
        let newest = files.get(&file).and_then(Weak::upgrade).unwrap_or_else(|| {
            let newest = Arc::default();
            files.insert(file, Arc::downgrade(&newest));
            newest
        });
        Held {
            file,
            turns: self.clone(),
            newest: Some(newest),
        }
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
        match &self.newest {
            Some(newest) => work(&mut lock(&newest.0)),
            None => Err(CallError::Closed),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut files = lock(&self.turns.0);
        drop(self.newest.take());
        if files
            .get(&self.file)
            .is_some_and(|newest| newest.strong_count() == 0)
        {
            files.remove(&self.file);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
