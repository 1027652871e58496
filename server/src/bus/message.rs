//! What travels on the bus, in postcard.

use app::wire::codec::{self, Undecodable};
use app::wire::event::Event;
use app::wire::feed::Progress;
use app::wire::ids::{Epoch, FileId};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A message between nodes. Grows at its end only, since nodes of two versions run together during a deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BusMessage {
    /// On a room's topic: an event the store has acknowledged.
    Event {
        /// Which log.
        epoch: Epoch,
        /// The event.
        event: Event,
    },
    /// On a room's topic: how far an open file is; at most five a second and file.
    Progress(Progress),
    /// On a room's topic: who is here has changed on some node; ask the presence port.
    PresenceChanged,
    /// On a file's topic: `committed` rose or the state changed; ask the store.
    FileChanged {
        /// The file.
        file: FileId,
        /// Bytes committed.
        committed: u64,
    },
}

impl BusMessage {
    /// Encodes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        codec::to_postcard(self).into()
    }

    /// Decodes.
    ///
    /// # Errors
    /// [`Undecodable`], which a hub treats as a gap.
    pub fn decode(payload: &[u8]) -> Result<Self, Undecodable> {
        codec::from_postcard(payload)
    }
}
