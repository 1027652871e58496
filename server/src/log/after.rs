//! What follows an acknowledged event: the other nodes are told, the room's activity is noted.
//!
//! None of it is needed for the log to be right: a hub that is not told finds out by its head check.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::wire::event::{Event, EventBody};
use app::wire::ids::{Epoch, Millis, RoomId};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::rooms::{Held, Rooms, Watch};
use super::{BUSY_ROOMS, timely};
use crate::bus::message::BusMessage;
use crate::bus::{Bus, Topic};
use crate::storage::RoomStore;

/// Events of one room that wait for the bus at the most; later ones are left to the hubs' head check.
const WAITING_EVENTS: usize = 1_024;

/// How long the bus may take for one event.
const BUS_WAIT: Duration = Duration::from_secs(2);

/// How often at the most the activity of a room is noted in its record.
const TOUCH_EVERY: Duration = Duration::from_secs(10);

/// How often at the most a failure is logged.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Does what follows, one task per room that has something to do.
#[derive(Debug)]
pub(super) struct After {
    rooms: Arc<dyn RoomStore>,
    bus: Arc<dyn Bus>,
    tracker: TaskTracker,
    pending: Rooms<Pending>,
    failures: Failures,
}

/// What follows in one room.
#[derive(Debug, Default)]
struct Pending {
    /// To be published, in the order of `seq`.
    events: VecDeque<Event>,
    /// Whether a task is at it.
    running: bool,
    memory: Memory,
}

/// What need not be asked again.
#[derive(Debug, Clone, Copy, Default)]
struct Memory {
    epoch: Option<Epoch>,
    touched: Option<Instant>,
}

impl Held for Pending {
    fn is_idle(&self) -> bool {
        !self.running
    }
}

impl Pending {
    /// Takes events in; `true` if a task has to begin.
    fn add(&mut self, events: Vec<Event>) -> bool {
        let space = WAITING_EVENTS.saturating_sub(self.events.len());
        self.events.extend(events.into_iter().take(space));
        !std::mem::replace(&mut self.running, true)
    }
}

impl After {
    pub(super) fn new(
        rooms: Arc<dyn RoomStore>,
        bus: Arc<dyn Bus>,
        tracker: TaskTracker,
    ) -> Arc<Self> {
        Arc::new(Self {
            rooms,
            bus,
            tracker,
            pending: Rooms::new(BUSY_ROOMS),
            failures: Failures::default(),
        })
    }

    /// Begins what follows `events`, which stand in the log in this order after all that was given before.
    pub(super) fn begin(self: &Arc<Self>, room: &RoomId, events: Vec<Event>) {
        let Some(begins) = self.pending.with(room, |pending| pending.add(events)) else {
            self.failures
                .tell("events are not published", &"too many rooms have some");
            return;
        };
        if begins {
            let (after, room) = (Arc::clone(self), room.clone());
            let work = async move { after.run(room).await };
            self.tracker
                .spawn(work.instrument(tracing::info_span!("room_log.after")));
        }
    }

    async fn run(&self, room: RoomId) {
        let watch = Watch::over(&self.pending, &room);
        while let Some((events, mut memory)) = self.take(&room) {
            self.publish(&room, &events, &mut memory).await;
            self.note(&room, &events, &mut memory).await;
            self.pending.with(&room, |pending| pending.memory = memory);
        }
        watch.end();
    }

    /// All that is to do now; `None` ends the task.
    fn take(&self, room: &RoomId) -> Option<(VecDeque<Event>, Memory)> {
        let take = |pending: &mut Pending| {
            pending.running = !pending.events.is_empty();
            pending
                .running
                .then(|| (std::mem::take(&mut pending.events), pending.memory))
        };
        self.pending.with(room, take).flatten()
    }

    /// Publishes in order. After a failure the rest is left to the head check, which is quicker than a bus that
    /// does not answer, and would be out of order besides.
    async fn publish(&self, room: &RoomId, events: &VecDeque<Event>, memory: &mut Memory) {
        let Some(epoch) = self.epoch(room, memory).await else {
            return;
        };
        let topic = Topic::Room(room.clone());
        for event in events {
            let message = BusMessage::Event {
                epoch,
                event: event.clone(),
            };
            let published = self.bus.publish(&topic, message.encode());
            match tokio::time::timeout(BUS_WAIT, published).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    return self.failures.tell("an event was not published", &error);
                }
                Err(elapsed) => {
                    return self.failures.tell("an event was not published", &elapsed);
                }
            }
        }
    }

    async fn epoch(&self, room: &RoomId, memory: &mut Memory) -> Option<Epoch> {
        if memory.epoch.is_none() {
            match timely(self.rooms.get(room)).await {
                Ok(record) => memory.epoch = record.map(|record| record.epoch),
                Err(error) => self.failures.tell("a room's epoch is not known", &error),
            }
        }
        memory.epoch
    }

    /// Notes the room's activity, or its end, in its record.
    async fn note(&self, room: &RoomId, events: &VecDeque<Event>, memory: &mut Memory) {
        let Some(last) = events.back() else { return };
        if matches!(last.body, EventBody::RoomEnded)
            && let Err(error) = timely(self.rooms.end(room)).await
        {
            self.failures.tell("a room's end was not noted", &error);
        }
        let due = memory
            .touched
            .is_none_or(|touched| touched.elapsed() >= TOUCH_EVERY);
        if due {
            memory.touched = Some(Instant::now());
            let at: Millis = last.at;
            if let Err(error) = timely(self.rooms.touch(room, at)).await {
                self.failures
                    .tell("a room's activity was not noted", &error);
            }
        }
    }
}

/// Failures that are logged now and then: a bus that is gone fails with every event.
#[derive(Debug, Default)]
struct Failures {
    /// When one was told last, and how many were not since.
    told: Mutex<Option<(Instant, u64)>>,
}

impl Failures {
    fn tell(&self, what: &'static str, error: &dyn std::fmt::Display) {
        if let Some(unlogged) = self.is_due() {
            tracing::warn!(
                error = %error,
                failures.unlogged = unlogged,
                "{what}; it is made up for later"
            );
        }
    }

    /// How many went unlogged, if it is time to log one.
    fn is_due(&self) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *told {
            Some((at, unlogged)) if at.elapsed() < TELL_EVERY => {
                *unlogged += 1;
                None
            }
            _ => {
                let unlogged = told.map_or(0, |(_, unlogged)| unlogged);
                *told = Some((Instant::now(), 0));
                Some(unlogged)
            }
        }
    }
}
