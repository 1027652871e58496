//! Stores that fail on command, to stand for a crash between any two steps.
//!
//! A wrapper asks its [`Faults`] at each call. The counter is shared by all wrappers made with one of them, so that
//! a test can let a whole command run once, ask how many calls it took, and then let it fail at each of them:
//!
//! ```ignore
//! for n in 1.. {
//!     let faults = Faults::crash_at(n, Moment::After);
//!     let log = FaultyEventLog::new(store.events(), &faults);
//!     // run the command with `log`, then the sweeper with the store itself, and look at what is left
//!     if faults.fired() == 0 {
//!         break;
//!     }
//! }
//! ```

mod byte_store;
mod event_log;
mod failover;
mod lease_store;
mod participant_store;
mod room_store;
mod session_store;
mod upload_store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub use byte_store::FaultyByteStore;
pub use event_log::FaultyEventLog;
pub use failover::{FailoverFates, FailoverLog, FailoverOdds};
pub use lease_store::FaultyLeaseStore;
pub use participant_store::FaultyParticipantStore;
pub use room_store::FaultyRoomStore;
pub use session_store::FaultySessionStore;
pub use upload_store::FaultyUploadStore;

use super::StorageError;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It fails instead of happening.
    Before,
    /// It fails after it happened; the caller cannot tell.
    After,
    /// It happens, its answer is lost, and the driver tries again: it happens twice, and the caller hears of the
    /// second time alone.
    Twice,
}

/// What a call does to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Read,
    /// It may change it.
    Write,
}

/// A call to a wrapped store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// 1, 2, 3 ... over all wrappers.
    pub number: u64,
    /// The method, as `event_log.insert`.
    pub method: &'static str,
    /// Whether it reads or writes.
    pub access: Access,
}

/// The failure that a wrapped store reports, as [`StorageError::Unavailable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("made to fail {moment:?} call {} ({})", call.number, call.method)]
pub struct Injected {
    /// Which call.
    pub call: Call,
    /// When.
    pub moment: Moment,
}

type Rule = dyn FnMut(&Call) -> Option<Moment> + Send;

/// Which calls fail, and which wait. Clones share the rule and the counters.
#[derive(Clone)]
pub struct Faults(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// The method whose calls wait.
    held: watch::Sender<Option<&'static str>>,
}

struct State {
    rule: Box<Rule>,
    calls: Vec<Call>,
    fired: u64,
}

impl std::fmt::Debug for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Faults")
            .field("calls", &self.calls())
            .field("fired", &self.fired())
            .finish_non_exhaustive()
    }
}

impl Faults {
    /// No call fails; the calls are counted.
    #[must_use]
    pub fn none() -> Self {
        Self::on(|_| None)
    }

    /// Call `n`, counted from 1, fails; the others do not.
    #[must_use]
    pub fn fail_at(n: u64, moment: Moment) -> Self {
        Self::on(move |call| (call.number == n).then_some(moment))
    }

    /// Call `n`, counted from 1, fails, and nothing happens any more after it: the process is dead.
    #[must_use]
    pub fn crash_at(n: u64, moment: Moment) -> Self {
        Self::on(move |call| match call.number {
            number if number < n => None,
            number if number == n => Some(moment),
            _ => Some(Moment::Before),
        })
    }

    /// Write `n`, counted from 1, fails, and nothing happens any more after it, reads neither: the power is out.
    #[must_use]
    pub fn crash_at_write(n: u64, moment: Moment) -> Self {
        let mut writes = 0;
        Self::on(move |call| {
            if writes >= n {
                return Some(Moment::Before);
            }
            writes += u64::from(call.access == Access::Write);
            (writes == n).then_some(moment)
        })
    }

    /// Every write happens twice.
    #[must_use]
    pub fn twice() -> Self {
        Self::on(|call| (call.access == Access::Write).then_some(Moment::Twice))
    }

    /// The calls fail that `rule` names. It is asked under a lock, once for each call, in their order.
    #[must_use]
    pub fn on(rule: impl FnMut(&Call) -> Option<Moment> + Send + 'static) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                rule: Box::new(rule),
                calls: Vec::new(),
                fired: 0,
            }),
            held: watch::channel(None).0,
        }))
    }

    /// Another rule from now on; the counters go on.
    pub fn set(&self, rule: impl FnMut(&Call) -> Option<Moment> + Send + 'static) {
        self.lock().rule = Box::new(rule);
    }

    /// Makes calls of `method` wait from now on, as a store does that is too slow, instead of those held before;
    /// `None` lets all go on.
    pub fn hold(&self, method: Option<&'static str>) {
        self.0.held.send_replace(method);
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.lock().calls.len() as u64
    }

    /// The methods that were called, in order.
    #[must_use]
    pub fn methods(&self) -> Vec<&'static str> {
        self.lock().calls.iter().map(|call| call.method).collect()
    }

    /// How many calls went wrong.
    #[must_use]
    pub fn fired(&self) -> u64 {
        self.lock().fired
    }

    /// Runs a call that changes nothing, unless it fails instead.
    async fn read<T, F>(
        &self,
        method: &'static str,
        call: impl Fn() -> F,
    ) -> Result<T, StorageError>
    where
        F: Future<Output = Result<T, StorageError>>,
    {
        self.around(method, Access::Read, call).await
    }

    /// Runs a call that may change something, unless it fails instead.
    async fn write<T, F>(
        &self,
        method: &'static str,
        call: impl Fn() -> F,
    ) -> Result<T, StorageError>
    where
        F: Future<Output = Result<T, StorageError>>,
    {
        self.around(method, Access::Write, call).await
    }

    async fn around<T, F>(
        &self,
        method: &'static str,
        access: Access,
        call: impl Fn() -> F,
    ) -> Result<T, StorageError>
    where
        F: Future<Output = Result<T, StorageError>>,
    {
        self.go_on(method).await;
        let Some(injected) = self.count(method, access) else {
            return call().await;
        };
        // Where the call happens, its own failure is as good as ours.
        match injected.moment {
            Moment::Before => {}
            Moment::After => drop(call().await?),
            Moment::Twice => {
                call().await?;
                return call().await;
            }
        }
        Err(StorageError::Unavailable(injected.into()))
    }

    /// Waits while calls of `method` are held.
    async fn go_on(&self, method: &'static str) {
        let mut held = self.0.held.subscribe();
        // Cannot fail: `self` holds the sender.
        let _ = held.wait_for(|held| *held != Some(method)).await;
    }

    fn count(&self, method: &'static str, access: Access) -> Option<Injected> {
        let mut state = self.lock();
        let number = state.calls.len() as u64 + 1;
        let call = Call {
            number,
            method,
            access,
        };
        state.calls.push(call);
        let moment = (state.rule)(&call)?;
        state.fired += 1;
        Some(Injected { call, moment })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Declares a wrapper around a port.
macro_rules! wrapper {
    ($(#[$doc:meta])* $name:ident, $port:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            inner: std::sync::Arc<dyn $port>,
            faults: $crate::storage::faulty::Faults,
        }

        impl $name {
            /// Wraps a store.
            #[must_use]
            pub fn new(
                inner: std::sync::Arc<dyn $port>,
                faults: &$crate::storage::faulty::Faults,
            ) -> Self {
                Self {
                    inner,
                    faults: faults.clone(),
                }
            }
        }
    };
}
use wrapper;

#[cfg(test)]
mod tests;
