//! The task of a room: loads it, repairs it, lets it go when nobody is here. All reads of a room's log that are
//! not for one connection alone happen here, one at a time.

use std::future::Future;
use std::sync::Arc;

use app::wire::event::Event;
use app::wire::feed::RefusedReason;
use app::wire::ids::Seq;
use tokio::time::{Instant, timeout};

use super::Hub;
use super::error::HubError;
use super::room::Room;
use super::soft;
use super::state::{Gap, Reading};
use super::syncs::Begun;
use crate::bus::Topic;
use crate::domain::entry::Entry;
use crate::storage::StorageError;

/// Evicts a room whose task ends, however it ends, so that who asks again finds a fresh one.
struct Eviction<'a> {
    hub: &'a Hub,
    room: &'a Arc<Room>,
}

impl Drop for Eviction<'_> {
    fn drop(&mut self) {
        self.hub.evict(self.room);
        // While the node drains, members keep what the ring gets until their connections are closed.
        if !self.hub.deps.closing.is_cancelled() {
            self.room.fail_if_alive(RefusedReason::Unavailable);
        }
    }
}

/// Keeps a room until it fails, is deserted, or the node closes.
pub(super) async fn keep(hub: Arc<Hub>, room: Arc<Room>) {
    let eviction = Eviction {
        hub: &hub,
        room: &room,
    };
    tokio::select! {
        biased;
        () = hub.deps.closing.cancelled() => {}
        () = live(&hub, &room) => {}
    }
    soft::leave(&hub, &room).await;
    drop(eviction);
}

async fn live(hub: &Hub, room: &Arc<Room>) {
    loop {
        if let Err(reason) = load(hub, room).await {
            room.fail(reason);
            unsubscribe(hub, room).await;
            return;
        }
        tokio::select! {
            () = keep_log(hub, room) => {}
            () = soft::keep_progress(room) => {}
            () = soft::keep_presence(hub, room) => {}
            () = soft::keep_subscription(hub, room) => {}
        }
        // Who comes while the bus is left waits for the room to be loaded again.
        room.state().unload(Instant::now());
        unsubscribe(hub, room).await;
        soft::leave(hub, room).await;
        if hub.forget(room) {
            return;
        }
    }
}

/// Follows the bus first and reads the store then, so that nothing falls between. A bus that fails costs latency
/// only: it is tried again, and the head check finds what it would have told.
async fn load(hub: &Hub, room: &Arc<Room>) -> Result<(), RefusedReason> {
    let asked = Instant::now();
    // A room that does not exist costs the bus nothing.
    let record = match read(hub, hub.deps.rooms.get(&room.id)).await {
        Ok(Some(record)) => record,
        Ok(None) => return Err(RefusedReason::NoSuchRoom),
        Err(error) => return Err(unavailable(room, &error)),
    };
    if let Err(error) = soft::subscribe(hub, room).await {
        tracing::warn!(
            room.alias,
            error = &error as &dyn std::error::Error,
            "a room is loaded without the bus"
        );
    }
    let loaded = async {
        let mut reading = read_state(hub, room, false).await?;
        reading.epoch = Some(record.epoch);
        let head = reading.head.map_or(0, |head| head.seq);
        let page = u64::from(room.settings.page_events);
        let after = head.saturating_sub(page.min(room.settings.ring_events as u64));
        let tail = read_range(hub, room, after, page).await?;
        Ok::<_, HubError>((reading, tail))
    };
    let (reading, tail) = loaded.await.map_err(|error| unavailable(room, &error))?;
    let heard = room.state().loaded(&reading, tail, asked, Instant::now());
    room.tell(&heard);
    Ok(())
}

fn unavailable(room: &Room, error: &HubError) -> RefusedReason {
    tracing::warn!(
        room.alias,
        error = error as &dyn std::error::Error,
        "a room cannot be loaded"
    );
    RefusedReason::Unavailable
}

async fn unsubscribe(hub: &Hub, room: &Room) {
    if room.is_subscribed() {
        room.set_subscribed(false);
        let topic = Topic::Room(room.id.clone());
        // What still comes is dropped; the next subscription is in force all the same.
        let _ = timeout(room.settings.bus_wait, hub.deps.bus.unsubscribe(&topic)).await;
    }
}

/// What the keeper does next.
enum Work {
    Sync(Begun, Seq),
    Fill(Gap),
    Skip,
    Wait(Option<Instant>),
    Leave,
}

/// Works until nobody was here for [`super::HubSettings::linger`].
async fn keep_log(hub: &Hub, room: &Room) {
    loop {
        match next_work(room, Instant::now()) {
            Work::Sync(begun, before) => sync(hub, room, begun, before).await,
            Work::Fill(gap) => fill(hub, room, gap).await,
            Work::Skip => {
                let heard = room.state().skip(Instant::now());
                room.tell(&heard);
            }
            Work::Wait(Some(until)) => {
                // Woken or due: both lead to a new look.
                let _ = tokio::time::timeout_at(until, room.log_work.notified()).await;
            }
            Work::Wait(None) => room.log_work.notified().await,
            Work::Leave => return,
        }
    }
}

fn next_work(room: &Room, now: Instant) -> Work {
    let deserted = room
        .members
        .empty_since()
        .map(|at| at + room.settings.linger);
    if deserted.is_some_and(|at| at <= now) {
        return Work::Leave;
    }
    let mut state = room.state();
    let gap = state.gap();
    if let Some((due, gap)) = gap
        && due <= now
    {
        let page = u64::from(room.settings.page_events);
        return if gap.missing > page {
            Work::Skip
        } else {
            Work::Fill(gap)
        };
    }
    // Whether a file is silent is the store's to say.
    let silence = state.board.silence_due().filter(|_| deserted.is_none());
    if silence.is_some_and(|due| due <= now) {
        state.syncs.ask();
    }
    let sync = state.syncs.due();
    if sync.is_some_and(|due| due <= now) {
        let before = state.ring.head();
        return Work::Sync(state.syncs.begin(now), before);
    }
    let silence = silence.filter(|due| *due > now);
    let dues = [deserted, gap.map(|(due, _)| due), silence, sync];
    Work::Wait(dues.into_iter().flatten().min())
}

async fn sync(hub: &Hub, room: &Room, begun: Begun, before: Seq) {
    let reading = read_state(hub, room, begun.record).await;
    let now = Instant::now();
    match reading {
        Ok(reading) => {
            let end = reading.head.map_or(0, |head| head.seq);
            if end < before {
                tracing::error!(
                    room.alias,
                    log.head = end,
                    hub.head = before,
                    "the store has lost events, everybody starts over"
                );
            }
            let heard = room.state().synced(begun, before, &reading, now);
            room.tell(&heard);
        }
        Err(error) => {
            let first = room.state().syncs.failed(begun, now, room.settings.retry);
            if first {
                tracing::warn!(
                    room.alias,
                    error = &error as &dyn std::error::Error,
                    "a room cannot be read"
                );
            }
        }
    }
    room.progress_work.notify_one();
    room.wake_joiners();
}

async fn fill(hub: &Hub, room: &Room, gap: Gap) {
    let events = read_range(hub, room, gap.after, gap.missing).await;
    let now = Instant::now();
    match events {
        Ok(events) => {
            let heard = room.state().filled(gap, events, now);
            room.tell(&heard);
        }
        Err(error) => {
            tracing::warn!(
                room.alias,
                error = &error as &dyn std::error::Error,
                "a gap cannot be read"
            );
            room.state().hold.postpone(now + room.settings.retry);
        }
    }
}

/// Reads what a room is: record (if asked), head and open uploads, the head before anything that depends on it.
async fn read_state(hub: &Hub, room: &Room, record: bool) -> Result<Reading, HubError> {
    let epoch = if record {
        let record = read(hub, hub.deps.rooms.get(&room.id)).await?;
        record.map(|record| record.epoch)
    } else {
        None
    };
    let (head, uploads) = tokio::try_join!(
        read(hub, hub.deps.log.head(&room.id)),
        read(hub, hub.deps.uploads.open_in_room(&room.id))
    )?;
    Ok(Reading {
        epoch,
        head,
        uploads,
        wall: hub.deps.clock.now(),
    })
}

async fn read_range(hub: &Hub, room: &Room, after: Seq, most: u64) -> Result<Vec<Event>, HubError> {
    let limit = u32::try_from(most)
        .unwrap_or(u32::MAX)
        .min(room.settings.page_events);
    let entries = read(hub, hub.deps.log.range(&room.id, after, limit)).await?;
    contiguous(after, entries)
}

/// The events of a range, if they follow `after` and each other.
pub(super) fn contiguous(after: Seq, entries: Vec<Entry>) -> Result<Vec<Event>, HubError> {
    let mut expected = after;
    let events = entries.into_iter().map(|entry| {
        expected += 1;
        (entry.event.seq == expected).then_some(entry.event)
    });
    events.collect::<Option<_>>().ok_or(HubError::Hole)
}

/// Reads the store within its wait, among a bounded number of such reads.
async fn read<T>(
    hub: &Hub,
    read: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, HubError> {
    let _permit = hub.room_reads.acquire().await;
    Ok(timeout(hub.settings.store_wait, read).await??)
}
