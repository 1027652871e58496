//! Pages of events that a connection reads from the store when it is behind the ring.

use std::pin::Pin;
use std::sync::Arc;

use app::wire::event::Event;
use app::wire::ids::Seq;
use tokio::time::timeout;

use super::Hub;
use super::error::HubError;
use super::keeper::contiguous;
use super::room::Room;

/// A page read for one subscription of one connection.
#[derive(Debug)]
pub(super) struct PageRead {
    pub(super) slot: usize,
    pub(super) token: u64,
    /// At least one, right after the cursor it was read for.
    pub(super) events: Result<Vec<Event>, HubError>,
}

/// A page being read. Dropping it gives the read up.
pub(super) type Reading = Pin<Box<dyn Future<Output = PageRead> + Send>>;

/// Begins to read the page after `after`, among a bounded number of such reads on this node.
pub(super) fn begin(
    hub: &Arc<Hub>,
    room: &Arc<Room>,
    after: Seq,
    slot: usize,
    token: u64,
) -> Reading {
    let (hub, room) = (Arc::clone(hub), Arc::clone(room));
    Box::pin(async move {
        let events = read(&hub, &room, after).await;
        PageRead {
            slot,
            token,
            events,
        }
    })
}

async fn read(hub: &Hub, room: &Room, after: Seq) -> Result<Vec<Event>, HubError> {
    let _permit = hub.page_reads.acquire().await;
    let page = hub.settings.page_events;
    let range = hub.deps.log.range(&room.id, after, page);
    let entries = timeout(hub.settings.store_wait, range).await??;
    // The room knows of later events: a store that has none is not the one it was.
    if entries.is_empty() {
        return Err(HubError::Hole);
    }
    contiguous(after, entries)
}
