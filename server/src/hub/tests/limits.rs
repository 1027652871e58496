//! What a client may not do, and how it is told.

use std::time::Duration;

use app::wire::feed::{ClientMessage, RefusedReason, ServerMessage, close};
use bytes::Bytes;

use super::events::room_id;
use super::world::{World, pass, post};
use crate::hub::{Codec, HubSettings, Incoming, Outgoing};

#[tokio::test(start_paused = true)]
async fn garbage_a_foreign_codec_and_too_much_at_once_are_closed_as_no_protocol() {
    let world = World::new(1);
    let pong = app::wire::codec::to_json(&ClientMessage::Pong);
    for frame in [
        Incoming::Binary(Bytes::from_static(b"\xff\xff\xff")),
        Incoming::Binary(Bytes::new()),
        Incoming::Text(pong.into()),
        Incoming::Binary(vec![0; 64 * 1024 + 1].into()),
    ] {
        let mut client = world.connect();
        client.send_raw(frame.clone()).await;
        assert_eq!(client.closed().await, close::PROTOCOL, "{frame:?}");
    }
    let mut client = world.connect_as(None, Codec::Json, 10);
    client
        .send_raw(Incoming::Text(Bytes::from_static(b"{\"no\":1}")))
        .await;
    assert_eq!(client.closed().await, close::PROTOCOL);
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_closed_while_a_burst_is_served() {
    let world = World::new(1);
    let mut client = world.connect();
    for _ in 0..100 {
        client.send(&ClientMessage::Pong).await;
    }
    client.subscribe(None).await;
    client.next().await;
    assert_eq!(client.closed().await, close::PROTOCOL);
    let mut client = world.connect();
    for _ in 0..20 {
        for _ in 0..20 {
            client.send(&ClientMessage::Pong).await;
        }
        pass(Duration::from_secs(1)).await;
    }
    assert!(!client.is_gone());
    for _ in 0..300 {
        client.send_raw(Incoming::Control).await;
    }
    assert_eq!(client.closed().await, close::PROTOCOL);
}

#[tokio::test(start_paused = true)]
async fn the_fifty_first_room_is_refused() {
    let world = World::new(1);
    let mut client = world.connect();
    client.next().await;
    for n in 0..=50 {
        world.store.append(&room_id(n), None, post("x"));
        client.subscribe_to(room_id(n), None).await;
    }
    let refused = client
        .until(|message| match message {
            ServerMessage::Refused { room, reason } => Some((room, reason)),
            _ => None,
        })
        .await;
    assert_eq!(refused, (room_id(50), RefusedReason::TooManyRooms));
    pass(Duration::from_secs(1)).await;
    assert_eq!(world.hub.rooms(), 50);
    // All fifty are served, and a place that was left can be taken.
    client
        .send(&ClientMessage::Unsubscribe { room: room_id(7) })
        .await;
    client.subscribe_to(room_id(50), None).await;
    client
        .until(|message| match message {
            ServerMessage::Subscribed { room, .. } if room == room_id(50) => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn who_answers_pings_stays_and_who_does_not_is_closed() {
    let world = World::new(3);
    let (mut quiet, _) = world.follow(None).await;
    let (mut alive, answer) = world.follow(None).await;
    let ServerMessage::Subscribed { alias, .. } = answer else {
        panic!("no answer");
    };
    for _ in 0..8 {
        pass(Duration::from_secs(25)).await;
        let frames = alive.arrived();
        let pings = frames.iter().map(|frame| alive.decode(frame));
        let pings: Vec<_> = pings
            .filter(|message| matches!(message, ServerMessage::Ping { .. }))
            .collect();
        let heads = vec![(alias, 3)];
        assert_eq!(pings, [ServerMessage::Ping { heads }]);
        alive.send(&ClientMessage::Pong).await;
    }
    assert!(!alive.is_gone());
    let frames = quiet.arrived();
    let pings = frames.iter().filter(|frame| {
        matches!(frame, Outgoing::Binary(_))
            && matches!(quiet.decode(frame), ServerMessage::Ping { .. })
    });
    assert_eq!(pings.count(), 2);
    assert!(matches!(
        frames.last(),
        Some(Outgoing::Close {
            code: close::PING_TIMEOUT,
            ..
        })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_closes_sends_everybody_away_in_batches_and_ends() {
    let settings = HubSettings {
        drain_batch: 10,
        connections_per_address: 100,
        ..HubSettings::default()
    };
    let world = World::with(settings, 3);
    let mut clients: Vec<_> = (0..30).map(|_| world.connect()).collect();
    for client in &mut clients {
        client.subscribe(None).await;
    }
    pass(Duration::from_secs(1)).await;
    world.closing.cancel();
    world.tracker.close();
    pass(Duration::from_millis(50)).await;
    let closed = |clients: &mut Vec<super::world::Client>| {
        let is_closed = |client: &mut super::world::Client| {
            let code = close::RESTART;
            let said = client.arrived();
            said.iter()
                .any(|frame| matches!(frame, Outgoing::Close { code: c, .. } if *c == code))
        };
        clients.retain_mut(|client| !is_closed(client));
        30 - clients.len()
    };
    assert_eq!(closed(&mut clients), 10);
    pass(Duration::from_millis(100)).await;
    assert_eq!(closed(&mut clients), 20);
    pass(Duration::from_millis(100)).await;
    assert_eq!(closed(&mut clients), 30);
    assert!(world.hub.admit([10, 0, 0, 1].into()).is_err());
    drop(clients);
    tokio::time::timeout(Duration::from_secs(10), world.tracker.wait())
        .await
        .unwrap();
    assert!(world.presence.ours.lock().unwrap().is_empty());
}
