//! What a room's task does for soft state: progress at its pace, rounds of presence, a bus that was not there.
//! Kept apart from the log, so that a slow bus or presence store delays no event.

use std::sync::Arc;

use app::api::backend::SessionId;
use app::wire::room::Author;
use futures::StreamExt;
use tokio::time::{Instant, timeout, timeout_at};

use super::Hub;
use super::error::HubError;
use super::room::Room;
use crate::bus::Topic;
use crate::bus::message::BusMessage;
use crate::presence::NodeMembers;

/// Look-ups of one round in flight at once.
const LOOKUPS_AT_ONCE: usize = 8;

/// Tells progress that came too soon after the former, when its time is there. Never ends.
pub(super) async fn keep_progress(room: &Room) {
    loop {
        let now = Instant::now();
        let (published, due) = {
            let mut state = room.state();
            (state.board.publish(now), state.board.due(now))
        };
        if published {
            room.members.wake_all();
        }
        match due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => room.progress_work.notified().await,
        }
    }
}

/// Runs rounds of presence. Never ends.
pub(super) async fn keep_presence(hub: &Hub, room: &Room) {
    loop {
        let now = Instant::now();
        let due = room.here().due(now, &room.settings);
        match due {
            Some(due) if due <= now => round(hub, room).await,
            Some(due) => {
                // Woken or due: both lead to a new look.
                let _ = timeout_at(due, room.presence_work.notified()).await;
            }
            None => room.presence_work.notified().await,
        }
    }
}

/// Looks up who came, writes this node's members, tells the others, reads everybody.
async fn round(hub: &Hub, room: &Room) {
    let lookups = room.here().begin(Instant::now(), &room.settings);
    let mut answers = futures::stream::iter(lookups)
        .map(|session| look_up(hub, room, session))
        .buffer_unordered(LOOKUPS_AT_ONCE);
    while let Some((session, answer)) = answers.next().await {
        // Who could not be looked up is so in a later round.
        if let Ok(author) = answer {
            room.here().looked_up(&session, author);
        }
    }
    let put = room.here().to_put(Instant::now(), &room.settings);
    if let Some((members, changed)) = put {
        let taken = put_members(hub, room, &members).await.is_ok();
        room.here().did_put(members, taken, Instant::now());
        if changed && taken {
            // A bus that fails costs the others at most a refresh.
            let _ = publish_changed(hub, room).await;
        }
    }
    let people = async {
        let get = hub.deps.presence.get(&room.id);
        Ok::<_, HubError>(timeout(room.settings.bus_wait, get).await??)
    };
    let people = people.await.inspect_err(|error| {
        tracing::debug!(
            room.alias,
            error = error as &dyn std::error::Error,
            "presence is this node's alone"
        );
    });
    let news = room.here().heard(people.ok(), &room.settings);
    if news {
        room.members.wake_all();
    }
}

async fn look_up(
    hub: &Hub,
    room: &Room,
    session: SessionId,
) -> (SessionId, Result<Option<Author>, HubError>) {
    let get = hub.deps.participants.get(&room.id, &session);
    let answer = match timeout(room.settings.store_wait, get).await {
        Ok(Ok(participant)) => Ok(participant.map(|participant| participant.author())),
        Ok(Err(error)) => Err(error.into()),
        Err(late) => Err(late.into()),
    };
    (session, answer)
}

async fn put_members(hub: &Hub, room: &Room, members: &NodeMembers) -> Result<(), HubError> {
    let put = hub.deps.presence.put(&room.id, members);
    Ok(timeout(room.settings.bus_wait, put).await??)
}

async fn publish_changed(hub: &Hub, room: &Room) -> Result<(), HubError> {
    let topic = Topic::Room(room.id.clone());
    let publish = hub
        .deps
        .bus
        .publish(&topic, BusMessage::PresenceChanged.encode());
    Ok(timeout(room.settings.bus_wait, publish).await??)
}

/// This node has nobody in the room any more. The others are not told: they see it with their next refresh, so
/// that a deploy makes no storm of leaves.
pub(super) async fn leave(hub: &Hub, room: &Room) {
    let was_put = room.here().is_put();
    if was_put {
        let nobody = NodeMembers::default();
        let taken = put_members(hub, room, &nobody).await.is_ok();
        // What was not taken lapses in the store.
        room.here().did_put(nobody, taken, Instant::now());
    }
}

/// Follows the room's topic.
pub(super) async fn subscribe(hub: &Hub, room: &Room) -> Result<(), HubError> {
    let topic = Topic::Room(room.id.clone());
    timeout(room.settings.bus_wait, hub.deps.bus.subscribe(&topic)).await??;
    room.set_subscribed(true);
    Ok(())
}

/// Subscribes where that failed when the room was loaded; then what was missed meanwhile is read. Never ends.
pub(super) async fn keep_subscription(hub: &Hub, room: &Arc<Room>) {
    while !room.is_subscribed() {
        tokio::time::sleep(room.settings.head_check).await;
        if subscribe(hub, room).await.is_ok() {
            room.lost(false);
        }
    }
    std::future::pending().await
}
