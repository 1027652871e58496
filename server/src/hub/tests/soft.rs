//! Progress and presence: shared state of which the latest wins.

use std::sync::atomic::Ordering;
use std::time::Duration;

use app::wire::event::EventBody;
use app::wire::feed::{Progress, ServerMessage};
use app::wire::room::PeopleHere;

use super::events::{author, file, posted_files, room_id, session, upload};
use super::world::{Client, World, pass};
use crate::bus::message::BusMessage;
use crate::domain::participant::Participant;
use crate::hub::Codec;
use crate::presence::NodeMembers;

const MOMENT: Duration = Duration::from_millis(20);

async fn progress(client: &mut Client) -> Vec<(u8, u64, u64)> {
    client
        .until(|message| match message {
            ServerMessage::Progress { files, .. } => Some(files),
            _ => None,
        })
        .await
        .iter()
        .map(|entry| (entry.file.0[0], entry.committed, entry.idle_ms))
        .collect()
}

fn arrived_progress(client: &mut Client) -> Vec<Progress> {
    let frames = client.arrived();
    let messages = frames.iter().map(|frame| client.decode(frame));
    let files = messages.filter_map(|message| match message {
        ServerMessage::Progress { files, .. } => Some(files),
        _ => None,
    });
    files.flatten().collect()
}

fn people_in(client: &mut Client) -> Option<PeopleHere> {
    let frames = client.arrived();
    let messages = frames.iter().map(|frame| client.decode(frame));
    let people = messages.filter_map(|message| match message {
        ServerMessage::Presence { people, .. } => Some(people),
        _ => None,
    });
    people.last()
}

fn told(world: &World, n: u8, committed: u64) {
    world.publish_message(&BusMessage::Progress(Progress {
        file: file(n),
        committed,
        idle_ms: 0,
    }));
}

#[tokio::test(start_paused = true)]
async fn a_late_joiner_is_told_every_open_file_and_who_is_here_before_any_event() {
    let world = World::new(3);
    *world.store.uploads.lock().unwrap() = vec![upload(1, 40, 0), upload(2, 0, 0)];
    let (mut client, _) = world.follow(world.cursor(0)).await;
    let ServerMessage::Progress { files, .. } = client.next().await else {
        panic!("no progress");
    };
    let committed: Vec<_> = files.iter().map(|entry| entry.committed).collect();
    assert_eq!(committed, [40, 0]);
    assert!(matches!(
        client.next().await,
        ServerMessage::Presence { .. }
    ));
    assert!(matches!(client.next().await, ServerMessage::Events { .. }));
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_at_most_five_times_a_second_and_ends_with_its_file() {
    let world = World::new(0);
    let (mut client, _) = world.follow(None).await;
    let body = posted_files(1, 1, &[1]).body;
    let posted = world.append_body(None, body);
    world.publish(&posted);
    *world.store.uploads.lock().unwrap() = vec![upload(1, 0, 0)];
    pass(Duration::from_millis(500)).await;
    client.arrived();
    for step in 1..=100 {
        told(&world, 1, step);
        pass(Duration::from_millis(10)).await;
    }
    let entries = arrived_progress(&mut client);
    assert!((4..=6).contains(&entries.len()), "{entries:?}");
    pass(Duration::from_millis(200)).await;
    assert_eq!(arrived_progress(&mut client).last().unwrap().committed, 100);
    told(&world, 1, 90);
    pass(Duration::from_millis(300)).await;
    assert!(arrived_progress(&mut client).is_empty());
    let ready = EventBody::FileReady {
        file: file(1),
        size: 100,
    };
    let ready = world.append_body(Some(1), ready);
    world.publish(&ready);
    told(&world, 1, 101);
    pass(Duration::from_secs(10)).await;
    assert!(arrived_progress(&mut client).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_silent_sender_is_waited_for_after_three_seconds_and_again_every_five() {
    let world = World::new(1);
    *world.store.uploads.lock().unwrap() = vec![upload(1, 40, 0)];
    let (mut client, _) = world.follow(None).await;
    assert_eq!(progress(&mut client).await[0].1, 40);
    let first = progress(&mut client).await[0];
    assert!((3_000..3_300).contains(&first.2), "{first:?}");
    let second = progress(&mut client).await[0];
    assert!((8_000..8_500).contains(&second.2), "{second:?}");
    // Bytes move on another node whose messages are lost: the store tells.
    *world.store.uploads.lock().unwrap() = vec![upload(1, 60, 8_500)];
    let third = progress(&mut client).await[0];
    assert_eq!(third.1, 60);
    assert!(third.2 >= 3_000);
}

#[tokio::test(start_paused = true)]
async fn a_file_whose_first_byte_never_comes_is_waited_for_too() {
    let world = World::new(0);
    let (mut client, _) = world.follow(None).await;
    *world.store.uploads.lock().unwrap() = vec![upload(1, 0, 0)];
    let posted = world.append_body(None, posted_files(1, 1, &[1]).body);
    world.publish(&posted);
    let entry = progress(&mut client).await[0];
    assert_eq!(entry.1, 0);
    assert!((3_000..3_300).contains(&entry.2), "{entry:?}");
}

#[tokio::test(start_paused = true)]
async fn a_session_counts_once_and_participants_are_named() {
    let world = World::new(0);
    let participant = Participant {
        number: 7,
        name: Some("Ada".into()),
        op: true,
    };
    let key = (room_id(0), session(1));
    world
        .store
        .people
        .lock()
        .unwrap()
        .insert(key, participant.clone());
    let mut first = world.connect_as(Some(1), Codec::Postcard, 100);
    first.subscribe(None).await;
    let mut tab = world.connect_as(Some(1), Codec::Postcard, 100);
    tab.subscribe(None).await;
    let mut nameless = world.connect_as(None, Codec::Postcard, 100);
    nameless.subscribe(None).await;
    pass(Duration::from_secs(1)).await;
    let people = PeopleHere {
        here: 2,
        named: vec![participant.author()],
    };
    assert_eq!(people_in(&mut first), Some(people.clone()));
    drop(tab);
    pass(Duration::from_secs(6)).await;
    assert_eq!(people_in(&mut first), None, "one tab less is no leave");
    drop(nameless);
    pass(Duration::from_secs(4)).await;
    assert_eq!(people_in(&mut first), None, "a reload is no leave");
    pass(Duration::from_secs(2)).await;
    let people = PeopleHere { here: 1, ..people };
    assert_eq!(people_in(&mut first), Some(people));
}

#[tokio::test(start_paused = true)]
async fn who_posts_for_the_first_time_becomes_named() {
    let world = World::new(0);
    let mut client = world.connect_as(Some(1), Codec::Postcard, 100);
    client.subscribe(None).await;
    pass(Duration::from_secs(1)).await;
    assert!(people_in(&mut client).unwrap().named.is_empty());
    let participant = Participant {
        number: 3,
        name: None,
        op: false,
    };
    let key = (room_id(0), session(1));
    world.store.people.lock().unwrap().insert(key, participant);
    let lookups = world.store.lookups.load(Ordering::SeqCst);
    for _ in 0..3 {
        let named = EventBody::ParticipantNamed {
            author: author(3, None),
        };
        let named = world.append_body(None, named);
        world.publish(&named);
        pass(Duration::from_secs(1)).await;
    }
    assert_eq!(people_in(&mut client).unwrap().named, [author(3, None)]);
    assert_eq!(world.store.lookups.load(Ordering::SeqCst), lookups + 1);
}

#[tokio::test(start_paused = true)]
async fn people_of_other_nodes_are_counted_when_they_tell_and_at_every_refresh() {
    let world = World::new(0);
    let (mut client, _) = world.follow(None).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(people_in(&mut client).unwrap().here, 1);
    let theirs = |count| {
        let members = NodeMembers {
            count,
            named: Vec::new(),
        };
        world
            .presence
            .theirs
            .lock()
            .unwrap()
            .insert(room_id(0), members);
    };
    theirs(4);
    world.publish_message(&BusMessage::PresenceChanged);
    pass(MOMENT).await;
    assert_eq!(people_in(&mut client).unwrap().here, 5);
    theirs(6);
    pass(Duration::from_secs(11)).await;
    assert_eq!(people_in(&mut client).unwrap().here, 7);
    assert_eq!(
        world.hub.people_here(&[room_id(0), room_id(1)]).await,
        [7, 0]
    );
}

#[tokio::test(start_paused = true)]
async fn a_hundred_who_come_at_once_are_told_in_a_few_messages() {
    let world = World::new(0);
    let (mut client, _) = world.follow(None).await;
    pass(Duration::from_secs(1)).await;
    client.arrived();
    let puts = world.presence.puts.load(Ordering::SeqCst);
    let mut others: Vec<_> = (0..100).map(|_| world.connect()).collect();
    for other in &mut others {
        other.subscribe(None).await;
        pass(Duration::from_millis(5)).await;
    }
    pass(Duration::from_secs(2)).await;
    assert_eq!(people_in(&mut client).unwrap().here, 101);
    assert!(world.presence.puts.load(Ordering::SeqCst) - puts <= 5);
}

#[tokio::test(start_paused = true)]
async fn without_a_presence_store_this_nodes_people_are_shown() {
    let world = World::new(0);
    world.presence.down.store(true, Ordering::SeqCst);
    let (mut client, _) = world.follow(None).await;
    let (_other, _) = world.follow(None).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(people_in(&mut client).unwrap().here, 2);
    assert_eq!(world.hub.people_here(&[room_id(0)]).await, [2]);
    world.presence.down.store(false, Ordering::SeqCst);
    pass(Duration::from_secs(11)).await;
    assert_eq!(world.presence.ours.lock().unwrap()[&room_id(0)].count, 2);
}
