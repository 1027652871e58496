//! A room on this node: its state, its members, and who is told when something changes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::api::backend::SessionId;
use app::wire::feed::{Alias, RefusedReason};
use app::wire::ids::RoomId;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::members::{ConnectionNo, Members};
use super::presence::Here;
use super::settings::HubSettings;
use super::state::{Heard, Phase, RoomState};
use super::wake::Wake;
use crate::bus::message::BusMessage;
use crate::storage::Head;

/// A room that has, or had a moment ago, members on this node. Locks are short, never held across an await, and
/// taken one at a time.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: RoomId,
    /// Stands for the room in frames and in the server's log, where the id of a secret room must not be.
    pub(super) alias: Alias,
    pub(super) settings: Arc<HubSettings>,
    pub(super) members: Members,
    state: Mutex<RoomState>,
    here: Mutex<Here>,
    /// Wakes the keeper of the log.
    pub(super) log_work: Notify,
    /// Wakes the keeper of progress.
    pub(super) progress_work: Notify,
    /// Wakes the keeper of presence.
    pub(super) presence_work: Notify,
    /// Whether the bus brings the room's messages.
    subscribed: AtomicBool,
}

impl Room {
    pub(super) fn new(id: RoomId, alias: Alias, settings: &Arc<HubSettings>) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self {
            id,
            alias,
            settings: Arc::clone(settings),
            members: Members::new(now),
            state: Mutex::new(RoomState::new(settings, now)),
            here: Mutex::default(),
            log_work: Notify::new(),
            progress_work: Notify::new(),
            presence_work: Notify::new(),
            subscribed: AtomicBool::new(false),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, RoomState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn here(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message of the bus; `None` is one that cannot be read. Never blocks.
    pub(super) fn hear(&self, message: Option<BusMessage>) {
        let now = Instant::now();
        let mut heard = Heard::default();
        match message {
            Some(BusMessage::Event { epoch, event }) => {
                self.state().event(epoch, event, now, &mut heard);
            }
            Some(BusMessage::Progress(progress)) => {
                self.state().progress(progress, now, &mut heard);
                self.progress_work.notify_one();
            }
            Some(BusMessage::PresenceChanged) => {
                self.here().elsewhere_changed();
                self.presence_work.notify_one();
            }
            Some(BusMessage::FileChanged { .. }) => {}
            None => self.lost(false),
        }
        self.tell(&heard);
    }

    /// Messages may have been lost: the store is asked; `record` for the room's record too.
    pub(super) fn lost(&self, record: bool) {
        self.state().syncs.dirty(record);
        self.log_work.notify_one();
        self.here().elsewhere_changed();
        self.presence_work.notify_one();
    }

    /// Takes the end of the log as the head check read it.
    pub(super) fn saw_head(&self, head: &Head) {
        let mut heard = Heard::default();
        self.state().saw_head(head, Instant::now(), &mut heard);
        self.tell(&heard);
    }

    pub(super) fn is_subscribed(&self) -> bool {
        self.subscribed.load(Ordering::Acquire)
    }

    pub(super) fn set_subscribed(&self, subscribed: bool) {
        self.subscribed.store(subscribed, Ordering::Release);
    }

    /// Wakes whom it concerns. Not to be called under a lock.
    pub(super) fn tell(&self, heard: &Heard) {
        for told in &heard.told {
            if self.here().event(&told.event, &self.settings) {
                self.presence_work.notify_one();
            }
        }
        if heard.news {
            self.members.wake_all();
        }
        if heard.work {
            self.log_work.notify_one();
        }
    }

    /// Lets those in who waited for a read of the store.
    pub(super) fn wake_joiners(&self) {
        let joiners = std::mem::take(&mut self.state().joiners);
        for no in joiners {
            self.members.wake(no);
        }
    }

    /// The room's task has ended: members are refused, unless they were with a better reason.
    pub(super) fn fail_if_alive(&self, reason: RefusedReason) {
        let alive = !matches!(self.state().phase, Phase::Failed(_));
        if alive {
            self.fail(reason);
        }
    }

    /// The room cannot be followed: members are refused.
    pub(super) fn fail(&self, reason: RefusedReason) {
        self.state().phase = Phase::Failed(reason);
        self.members.wake_all();
    }
}

/// A connection's place in a room, given back when dropped.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) room: Arc<Room>,
    pub(super) no: ConnectionNo,
    session: Option<SessionId>,
}

impl Membership {
    /// Enters a room; from now on the connection is woken in `slot`.
    pub(super) fn enter(
        room: Arc<Room>,
        no: ConnectionNo,
        wake: &Arc<Wake>,
        slot: usize,
        session: Option<SessionId>,
    ) -> Self {
        room.members.add(no, Arc::clone(wake), slot);
        if room.here().enter(session) {
            room.presence_work.notify_one();
        }
        Self { room, no, session }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let now = Instant::now();
        if self.room.members.remove(self.no, now) {
            self.room.log_work.notify_one();
        }
        if self.room.here().leave(self.session, now) {
            self.room.presence_work.notify_one();
        }
    }
}
