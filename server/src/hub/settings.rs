//! Every bound and interval of the hub, in one place.

use std::time::Duration;

/// Bounds and intervals of the hub. [`Default`] gives those of a server that was told nothing.
#[derive(Debug, Clone)]
pub struct HubSettings {
    /// Events a room keeps in memory for those who are a little behind.
    pub ring_events: usize,
    /// Bytes of events a room keeps in memory; the newest is kept whatever its size.
    pub ring_bytes: usize,
    /// Events that wait for one before them. More are forgotten and read from the store.
    pub held_events: usize,
    /// How long a missing event may still come by the bus before the store is asked: publishes of two nodes cross.
    pub hold: Duration,
    /// Between two checks of the heads of all rooms with members: the latest moment at which a room learns of an
    /// event whose publish never happened.
    pub head_check: Duration,
    /// Rooms of one read of the head check.
    pub head_batch: usize,
    /// A room whose store was read within this time answers a `Subscribe` from memory.
    pub fresh: Duration,
    /// Between two reads of one room's state in the store.
    pub sync_pause: Duration,
    /// Before a failed read is tried again.
    pub retry: Duration,
    /// Longest wait for one read of the store.
    pub store_wait: Duration,
    /// Longest wait for the bus or the presence store.
    pub bus_wait: Duration,
    /// Rooms kept at once; a `Subscribe` beyond is refused as unavailable.
    pub rooms_on_node: usize,
    /// How long a room without members is kept, so that a reload does not load it anew.
    pub linger: Duration,
    /// Rooms of one connection; 60 is the most there can be.
    pub rooms_per_connection: usize,
    /// Events a reader may be behind and still be served event by event.
    pub resume_events: u64,
    /// Events of one read from the store.
    pub page_events: u32,
    /// Reads of pages in flight on this node, for all who are behind the rings.
    pub page_reads: usize,
    /// Reads of rooms' states in flight on this node.
    pub room_reads: usize,
    /// How long a connection may take nothing before it is closed.
    pub write_timeout: Duration,
    /// How long a close frame may take, and its answer.
    pub close_wait: Duration,
    /// Between two pings of one connection; whole seconds.
    pub ping_every: Duration,
    /// Pings without an answer after which a connection is closed instead of the next.
    pub pings_unanswered: u8,
    /// Bytes of a client's message; the socket layer reads no larger ones.
    pub message_bytes: usize,
    /// Messages a client may send a second, in the long run.
    pub messages_a_second: u32,
    /// Messages a client may send at once.
    pub messages_burst: u32,
    /// Connections of this node.
    pub connections_on_node: usize,
    /// Connections of one address (IPv6: /64).
    pub connections_per_address: u32,
    /// Connections closed at once when the node drains.
    pub drain_batch: usize,
    /// Between two such batches.
    pub drain_pause: Duration,
    /// Between two progress messages of one room.
    pub progress_every: Duration,
    /// Files of a room whose progress is told at once; more wait for their end.
    pub files_per_room: usize,
    /// Without a byte for this long, a file's sender is waited for.
    pub silent_after: Duration,
    /// Between two tellings that a file is still silent.
    pub silence_again: Duration,
    /// How long somebody who left still counts: a reload is no leave.
    pub leave_grace: Duration,
    /// Between two writes of this node's members where nothing changed; a third of what a store keeps them.
    pub presence_refresh: Duration,
    /// Between two tellings of presence in rooms of fewer than [`HubSettings::small_room`] people.
    pub presence_small: Duration,
    /// Between two tellings of presence in larger rooms.
    pub presence_large: Duration,
    /// People from which on a room is not small.
    pub small_room: u32,
    /// People above which only the count travels.
    pub names_until: u32,
    /// Most names told.
    pub names: usize,
    /// Participants looked up at once, and in one round.
    pub lookups: usize,
}

impl Default for HubSettings {
    fn default() -> Self {
        Self {
            ring_events: 256,
            ring_bytes: 256 * 1024,
            held_events: 256,
            hold: Duration::from_millis(40),
            head_check: Duration::from_secs(3),
            head_batch: 200,
            fresh: Duration::from_secs(1),
            sync_pause: Duration::from_millis(100),
            retry: Duration::from_secs(1),
            store_wait: Duration::from_secs(5),
            bus_wait: Duration::from_secs(1),
            rooms_on_node: 100_000,
            linger: Duration::from_secs(30),
            rooms_per_connection: 50,
            resume_events: 1_000,
            page_events: 200,
            page_reads: 16,
            room_reads: 32,
            write_timeout: Duration::from_secs(10),
            close_wait: Duration::from_secs(1),
            ping_every: Duration::from_secs(25),
            pings_unanswered: 2,
            message_bytes: 64 * 1024,
            messages_a_second: 20,
            messages_burst: 100,
            connections_on_node: 50_000,
            connections_per_address: 16,
            drain_batch: 500,
            drain_pause: Duration::from_millis(100),
            progress_every: Duration::from_millis(200),
            files_per_room: 1_000,
            silent_after: Duration::from_secs(3),
            silence_again: Duration::from_secs(5),
            leave_grace: Duration::from_secs(5),
            presence_refresh: Duration::from_secs(10),
            presence_small: Duration::from_millis(250),
            presence_large: Duration::from_secs(1),
            small_room: 50,
            names_until: 500,
            names: 100,
            lookups: 100,
        }
    }
}
