//! The contract of [`RoomStore`].

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::ids::{Millis, RoomId};
use app::wire::room::Visibility::{Listed, Secret};

use super::samples::{NOON, epoch, ids, room_record, session};
use super::{ALL, RACERS, cases, race};
use crate::domain::room::RoomRecord;
use crate::storage::RoomStore;

/// Checks an adapter. Renews the epochs of all rooms in the store.
pub async fn run(adapter: &str, rooms: &Arc<dyn RoomStore>) {
    cases!(
        adapter,
        "rooms",
        rooms,
        [
            a_room_is_read_as_it_was_created,
            a_taken_id_changes_nothing,
            of_those_who_create_one_room_one_does,
            listed_rooms_come_by_activity,
            a_list_ends_at_its_limit,
            activity_never_goes_back,
            an_ended_room_is_in_no_list,
            idle_rooms_are_told_oldest_first,
            every_room_gets_a_new_epoch,
        ]
    );
}

async fn create(rooms: &Arc<dyn RoomStore>, room: &RoomRecord) -> bool {
    rooms.create(room).await.expect("a room")
}

async fn get(rooms: &Arc<dyn RoomStore>, id: &RoomId) -> Option<RoomRecord> {
    rooms.get(id).await.expect("a look")
}

/// Those of `found` that are in `ours`, as places in it.
fn places(found: &[RoomRecord], ours: &[RoomRecord]) -> Vec<usize> {
    let place = |room: &RoomRecord| ours.iter().position(|our| our.id == room.id);
    found.iter().filter_map(place).collect()
}

async fn a_room_is_read_as_it_was_created(rooms: &Arc<dyn RoomStore>) {
    for visibility in [Listed, Secret] {
        let mut room = room_record(visibility);
        room.last_activity += 5;
        room.ended = visibility == Secret;
        assert_eq!(get(rooms, &room.id).await, None);
        assert!(create(rooms, &room).await);
        assert_eq!(get(rooms, &room.id).await, Some(room));
    }
}

async fn a_taken_id_changes_nothing(rooms: &Arc<dyn RoomStore>) {
    let room = room_record(Listed);
    assert!(create(rooms, &room).await);
    let other = RoomRecord {
        epoch: epoch(),
        owner: session(),
        ..room.clone()
    };
    assert!(!create(rooms, &other).await);
    assert_eq!(get(rooms, &room.id).await, Some(room));
}

async fn of_those_who_create_one_room_one_does(rooms: &Arc<dyn RoomStore>) {
    let room = room_record(Listed);
    let created = race((0..RACERS).map(|_| {
        let rooms = rooms.clone();
        let room = RoomRecord {
            owner: session(),
            ..room.clone()
        };
        async move { create(&rooms, &room).await.then_some(room) }
    }))
    .await;
    let winners: Vec<_> = created.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(get(rooms, &room.id).await.as_ref(), winners.first());
}

async fn listed_rooms_come_by_activity(rooms: &Arc<dyn RoomStore>) {
    let mut ours = [Listed, Listed, Secret, Listed].map(room_record);
    for (room, at) in ours.iter_mut().zip([20, 30, 25, 10]) {
        room.last_activity = NOON + at;
        assert!(create(rooms, room).await);
    }
    let listed = rooms.listed(ALL).await.expect("a list");
    assert_eq!(places(&listed, &ours), [1, 0, 3]);
    rooms.touch(&ours[3].id, NOON + 40).await.expect("a touch");
    let listed = rooms.listed(ALL).await.expect("a list");
    assert_eq!(places(&listed, &ours), [3, 1, 0]);
    let touched = listed.iter().find(|room| room.id == ours[3].id);
    assert_eq!(touched.map(|room| room.last_activity), Some(NOON + 40));
}

async fn a_list_ends_at_its_limit(rooms: &Arc<dyn RoomStore>) {
    // Later than everybody else, so that these are the first.
    let far: Millis = NOON * 2;
    let mut ours = [Listed, Listed, Listed].map(room_record);
    for (room, at) in ours.iter_mut().zip([1, 3, 2]) {
        room.last_activity = far + at;
        assert!(create(rooms, room).await);
    }
    let listed = rooms.listed(2).await.expect("a list");
    assert_eq!((listed.len(), places(&listed, &ours)), (2, vec![1, 2]));
    assert_eq!(rooms.idle(far * 2, 1).await.expect("a list").len(), 1);
    for room in &ours {
        rooms.end(&room.id).await.expect("an end");
    }
}

async fn activity_never_goes_back(rooms: &Arc<dyn RoomStore>) {
    let room = room_record(Listed);
    assert!(create(rooms, &room).await);
    race((0..RACERS).map(|n| {
        let (rooms, id) = (rooms.clone(), room.id.clone());
        let at = NOON + Millis::try_from(n).unwrap_or_default();
        async move { rooms.touch(&id, at).await.expect("a touch") }
    }))
    .await;
    rooms.touch(&room.id, NOON - 1).await.expect("a touch");
    let latest = NOON + Millis::try_from(RACERS).unwrap_or_default() - 1;
    let found = get(rooms, &room.id).await;
    assert_eq!(found.map(|room| room.last_activity), Some(latest));
    let unknown = ids().room(Listed);
    rooms.touch(&unknown, NOON).await.expect("a touch");
    assert_eq!(get(rooms, &unknown).await, None, "a touch makes no room");
}

async fn an_ended_room_is_in_no_list(rooms: &Arc<dyn RoomStore>) {
    let ours = [room_record(Listed), room_record(Listed)];
    for room in &ours {
        assert!(create(rooms, room).await);
    }
    for _ in 0..2 {
        rooms.end(&ours[0].id).await.expect("an end");
    }
    rooms.end(&ids().room(Listed)).await.expect("an end");
    let found = get(rooms, &ours[0].id).await;
    assert_eq!(found.map(|room| room.ended), Some(true));
    let listed = rooms.listed(ALL).await.expect("a list");
    assert_eq!(places(&listed, &ours), [1]);
    let idle = rooms.idle(NOON * 4, ALL).await.expect("a list");
    assert_eq!(places(&idle, &ours), [1]);
}

async fn idle_rooms_are_told_oldest_first(rooms: &Arc<dyn RoomStore>) {
    let mut ours = [Listed, Secret, Listed, Listed].map(room_record);
    for (room, at) in ours.iter_mut().zip([3, 1, 5, 2]) {
        room.last_activity = NOON + at;
        assert!(create(rooms, room).await);
    }
    let idle = rooms.idle(NOON + 5, ALL).await.expect("a list");
    assert_eq!(places(&idle, &ours), [1, 3, 0], "5 itself is not before 5");
    rooms.touch(&ours[1].id, NOON + 9).await.expect("a touch");
    let idle = rooms.idle(NOON + 5, ALL).await.expect("a list");
    assert_eq!(places(&idle, &ours), [3, 0]);
}

async fn every_room_gets_a_new_epoch(rooms: &Arc<dyn RoomStore>) {
    let ours = [Listed, Secret].map(room_record);
    for room in &ours {
        assert!(create(rooms, room).await);
    }
    let renewed = rooms.renew_epochs(ids()).await.expect("epochs");
    assert!(renewed >= 2);
    let mut epochs = Vec::new();
    for room in &ours {
        let found = get(rooms, &room.id).await.expect("the room");
        assert_ne!(found.epoch, room.epoch);
        epochs.push(found.epoch);
        let otherwise = RoomRecord {
            epoch: room.epoch,
            ..found
        };
        assert_eq!(otherwise, *room, "nothing else changes");
    }
    assert_ne!(epochs[0], epochs[1]);
}
