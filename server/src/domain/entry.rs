//! An entry of a room's log as it is stored.

use app::api::backend::SessionId;
use app::wire::event::Event;
use app::wire::ids::RoomId;

/// Whose command an event is the result of. Never leaves the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The server itself; its nonces are derived from what is reported, so that telling twice is harmless.
    Server,
    /// A session.
    Session(SessionId),
}

/// First half of the SHA-256 of a command, to tell a repeated command from another one under the same nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandHash(pub [u8; 16]);

impl CommandHash {
    /// What a redaction leaves of it: the hash of a short text would give the text away. Says nothing about the
    /// command, so that a repeated one is told by its nonce alone.
    pub const ERASED: Self = Self([0; 16]);
}

/// A stored event: unique by (room, seq) and by (room, source, nonce).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The room.
    pub room: RoomId,
    /// Whose command.
    pub source: Source,
    /// Which command.
    pub command: CommandHash,
    /// What everybody is told.
    pub event: Event,
}
