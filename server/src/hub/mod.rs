//! The hub: the rooms that somebody on this node follows, and the connections that follow them.
//!
//! ```text
//! bus ── deliver ──► room ── wakes ──► connection ── pulls from ──► ring, or the store's log
//!                     ▲                    │
//!    store ── keeper ─┘                    └──► any Sink of frames
//! ```
//! - `settings`: every bound and interval.
//! - `room`, `state`: a room and what is known of it. `ring` holds its last events, `repair` what waits for a
//!   missing one, `syncs` when to read the store, `progress` its open files, `presence` who is here.
//! - `keeper`, `soft`: the task of a room, which does all its reading, writing and waiting.
//! - `connection`: the loop of a socket, which `line` writes to within time limits. `resume` is its place in one
//!   room, `pages` what it reads when it is behind, `wake` how it learns of news.
//! - `registry`, `sweep`: pings, head checks, the drain. `admission`: who may connect.
//!
//! The hub knows no adapter and no web framework. Nothing in it queues events for a connection: a connection has
//! cursors, and whoever does not read costs nobody else anything.

mod admission;
mod bucket;
mod connection;
mod error;
mod frames;
mod keeper;
mod line;
mod members;
mod pages;
mod presence;
mod progress;
mod registry;
mod repair;
mod resume;
mod ring;
mod room;
mod settings;
mod soft;
mod state;
mod sweep;
mod syncs;
mod wake;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use app::api::backend::SessionId;
use app::wire::feed::RefusedReason;
use app::wire::ids::RoomId;
use app::wire::limits::Limits;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::bus::Bus;
use crate::bus::message::BusMessage;
use crate::clock::Clock;
use crate::presence::PresenceStore;
use crate::storage::{EventLog, ParticipantStore, RoomStore, UploadStore};

use admission::Gate;
use members::ConnectionNo;
use registry::Registry;
use room::{Membership, Room};
use wake::Wake;

pub use admission::{Admission, Overloaded};
pub use connection::Visitor;
pub use frames::{Codec, Incoming, Outgoing};
pub use settings::HubSettings;

/// What the hub works with.
#[derive(Debug, Clone)]
pub struct HubDeps {
    /// The log of every room.
    pub log: Arc<dyn EventLog>,
    /// The records of rooms.
    pub rooms: Arc<dyn RoomStore>,
    /// Who a session is in a room.
    pub participants: Arc<dyn ParticipantStore>,
    /// The open uploads of a room.
    pub uploads: Arc<dyn UploadStore>,
    /// What other nodes tell; the hub subscribes, somebody else listens and calls [`Hub::deliver`].
    pub bus: Arc<dyn Bus>,
    /// Who is in a room on all nodes.
    pub presence: Arc<dyn PresenceStore>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Where rooms' tasks are spawned.
    pub tracker: TaskTracker,
    /// Cancelled when the node begins to shut down.
    pub closing: CancellationToken,
}

/// The rooms and connections of this node.
#[derive(Debug)]
pub struct Hub {
    deps: HubDeps,
    settings: Arc<HubSettings>,
    limits: Limits,
    build: String,
    /// At most [`HubSettings::rooms_on_node`]. A room enters with its first member; its own task takes it out.
    rooms: RwLock<HashMap<RoomId, Arc<Room>>>,
    next_alias: AtomicU32,
    registry: Arc<Registry>,
    gate: Arc<Gate>,
    room_reads: Semaphore,
    page_reads: Semaphore,
}

impl Hub {
    /// A hub without rooms. [`Hub::run`] is to be spawned beside it.
    #[must_use]
    pub fn new(deps: HubDeps, settings: HubSettings, limits: Limits, build: String) -> Arc<Self> {
        Arc::new(Self {
            deps,
            limits,
            build,
            rooms: RwLock::default(),
            next_alias: AtomicU32::new(1),
            registry: Registry::new(settings.ping_every),
            gate: Gate::new(
                settings.connections_on_node,
                settings.connections_per_address,
            ),
            room_reads: Semaphore::new(settings.room_reads.max(1)),
            page_reads: Semaphore::new(settings.page_reads.max(1)),
            settings: Arc::new(settings),
        })
    }

    /// Takes a message of a room's topic. Never blocks; a message that cannot be read makes the room ask the
    /// store, one for a room nobody here follows is dropped.
    pub fn deliver(&self, room: &RoomId, payload: &[u8]) {
        if let Some(room) = self.room(room) {
            room.hear(BusMessage::decode(payload).ok());
        }
    }

    /// The bus has lost messages: every room asks the store.
    pub fn gap(&self) {
        let rooms = self.all_rooms();
        tracing::info!(
            hub.rooms = rooms.len(),
            "the bus has lost messages, rooms are read anew"
        );
        rooms.iter().for_each(|room| room.lost(true));
    }

    /// Admits a connection of an address, for as long as the admission is held.
    ///
    /// # Errors
    /// [`Overloaded`] where the node or the address has as many as it may, or the node drains.
    pub fn admit(&self, address: IpAddr) -> Result<Admission, Overloaded> {
        self.gate.admit(address)
    }

    /// How many people are in each of the rooms on all nodes, in the same order; what this node knows of them if
    /// the presence store does not answer.
    pub async fn people_here(&self, rooms: &[RoomId]) -> Vec<u32> {
        let counts = self.deps.presence.counts(rooms);
        match tokio::time::timeout(self.settings.bus_wait, counts).await {
            Ok(Ok(counts)) if counts.len() == rooms.len() => counts,
            _ => {
                let count = |room| self.room(room).map_or(0, |room| room.here().count());
                rooms.iter().map(count).collect()
            }
        }
    }

    /// How many connections this node has.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.registry.len()
    }

    /// How many rooms this node follows.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.read_rooms().len()
    }

    fn read_rooms(&self) -> RwLockReadGuard<'_, HashMap<RoomId, Arc<Room>>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_rooms(&self) -> RwLockWriteGuard<'_, HashMap<RoomId, Arc<Room>>> {
        self.rooms.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn room(&self, id: &RoomId) -> Option<Arc<Room>> {
        self.read_rooms().get(id).cloned()
    }

    fn all_rooms(&self) -> Vec<Arc<Room>> {
        self.read_rooms().values().cloned().collect()
    }

    /// Enters a room; the first member makes it and starts its task. Under the lock of the rooms, so that a room
    /// is never let go with somebody in it.
    fn enter(
        self: &Arc<Self>,
        id: &RoomId,
        no: ConnectionNo,
        wake: &Arc<Wake>,
        slot: usize,
        session: Option<SessionId>,
    ) -> Result<Membership, RefusedReason> {
        if let Some(room) = self.read_rooms().get(id) {
            return Ok(Membership::enter(Arc::clone(room), no, wake, slot, session));
        }
        let mut rooms = self.write_rooms();
        let full = rooms.len() >= self.settings.rooms_on_node;
        let room = match rooms.get(id) {
            Some(room) => Arc::clone(room),
            None if full => return Err(RefusedReason::Unavailable),
            None => {
                let room = self.open(id);
                rooms.insert(id.clone(), Arc::clone(&room));
                room
            }
        };
        Ok(Membership::enter(room, no, wake, slot, session))
    }

    fn open(self: &Arc<Self>, id: &RoomId) -> Arc<Room> {
        let alias = self.next_alias.fetch_add(1, Ordering::Relaxed);
        let room = Room::new(id.clone(), alias, &self.settings);
        let span = tracing::info_span!("room", room.alias = alias);
        let task = keeper::keep(Arc::clone(self), Arc::clone(&room));
        self.deps.tracker.spawn(task.instrument(span));
        room
    }

    /// Takes a room out if nobody is in it.
    fn forget(&self, room: &Arc<Room>) -> bool {
        let mut rooms = self.write_rooms();
        let deserted = room.members.empty_since().is_some();
        if deserted {
            remove(&mut rooms, room);
        }
        deserted
    }

    /// Takes a room out whoever is in it.
    fn evict(&self, room: &Arc<Room>) {
        remove(&mut self.write_rooms(), room);
    }
}

fn remove(rooms: &mut HashMap<RoomId, Arc<Room>>, room: &Arc<Room>) {
    if rooms
        .get(&room.id)
        .is_some_and(|held| Arc::ptr_eq(held, room))
    {
        rooms.remove(&room.id);
    }
}
