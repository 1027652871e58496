//! Writers whose turn is over: what they write late, and what they left.

use std::sync::Arc;

use bytes::Bytes;

use super::{CHUNK, Writer, noise, race};
use crate::storage::ByteStore;

/// The old writer has not learnt yet that its turn is over. What it is told does not matter, its commit is lost.
pub(super) async fn an_older_turn_cannot_damage_what_a_newer_wrote(store: &Arc<dyn ByteStore>) {
    let mut writer = Writer::with(store, &noise(100, 1)).await;
    let old = writer.extent.clone();
    writer.turn = 2;
    writer.append(&[&noise(400, 2)]).await;
    let late = Bytes::from(noise(150, 3));
    drop(store.write(&old, 1, &[late]).await);
    writer.check().await;
    writer.append(&[&noise(100, 4)]).await;
    writer.check().await;
    assert_eq!(writer.finish().await, writer.sha256());
}

pub(super) async fn a_finished_file_takes_no_late_write(store: &Arc<dyn ByteStore>) {
    let mut writer = Writer::with(store, &noise(100, 1)).await;
    let old = writer.extent.clone();
    writer.turn = 2;
    writer.append(&[&noise(400, 2)]).await;
    writer.finish().await;
    let late = Bytes::from(noise(150, 3));
    drop(store.write(&old, 1, &[late]).await);
    writer.check().await;
    assert_eq!(writer.finish().await, writer.sha256());
}

/// The writer of the last turn: a call of it that was given up may still be on its way.
pub(super) async fn a_finished_file_takes_no_late_write_of_its_own_turn(
    store: &Arc<dyn ByteStore>,
) {
    for size in [150, 400] {
        let mut writer = Writer::with(store, &noise(100, 1)).await;
        let old = writer.extent.clone();
        writer.append(&[&noise(400, 2)]).await;
        writer.finish().await;
        for late in [&old, &writer.extent] {
            let piece = Bytes::from(noise(size, 3));
            drop(store.write(late, writer.turn, &[piece]).await);
            writer.check().await;
            assert_eq!(writer.finish().await, writer.sha256());
        }
    }
}

pub(super) async fn what_a_lost_turn_left_is_discarded(store: &Arc<dyn ByteStore>) {
    for (left, then) in [(500, 30), (30, 500), (64, 64), (500, 0)] {
        let mut writer = Writer::with(store, &noise(100, 1)).await;
        writer.write(&[&noise(left, 2)]).await;
        writer.turn = 2;
        writer.append(&[&noise(then, 3)]).await;
        for _ in 0..2 {
            let discarded = store.discard(&writer.extent, 1).await;
            discarded.expect("a discard");
            writer.check().await;
        }
        writer.append(&[&noise(100, 4)]).await;
        writer.check().await;
        assert_eq!(writer.finish().await, writer.sha256());
    }
}

/// The commit of the turn came into force, and only its answer was lost.
pub(super) async fn what_a_lost_turn_committed_is_not_discarded(store: &Arc<dyn ByteStore>) {
    let mut writer = Writer::with(store, &noise(300, 1)).await;
    let discarded = store.discard(&writer.extent, 1).await;
    discarded.expect("a discard");
    writer.check().await;
    writer.turn = 2;
    writer.append(&[&noise(300, 2)]).await;
    for turn in [0, 1, 2] {
        let discarded = store.discard(&writer.extent, turn).await;
        discarded.expect("a discard");
        writer.check().await;
    }
    assert_eq!(writer.finish().await, writer.sha256());
}

pub(super) async fn a_finished_file_keeps_all_of_it(store: &Arc<dyn ByteStore>) {
    let chunk = CHUNK as usize;
    for size in [1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 5] {
        let mut writer = Writer::with(store, &noise(size, 1)).await;
        writer.turn = 2;
        writer.append(&[]).await;
        writer.finish().await;
        for turn in [1, 2] {
            let discarded = store.discard(&writer.extent, turn).await;
            discarded.expect("a discard");
            writer.check().await;
        }
        assert_eq!(writer.finish().await, writer.sha256(), "{size} bytes");
    }
}

pub(super) async fn a_turn_may_be_discarded_while_the_next_one_writes(store: &Arc<dyn ByteStore>) {
    for seed in 0..20 {
        let mut writer = Writer::with(store, &noise(100, seed)).await;
        writer.write(&[&noise(500, seed + 1)]).await;
        writer.turn = 2;
        let (held, piece) = (writer.extent.clone(), Bytes::from(noise(500, seed + 2)));
        let racers = [1, 2].map(|turn| {
            let (store, held, piece) = (store.clone(), held.clone(), piece.clone());
            async move {
                match turn {
                    1 => store.discard(&held, turn).await.map(|()| None),
                    _ => store.write(&held, turn, &[piece]).await.map(Some),
                }
            }
        });
        for done in race(racers).await {
            if let Some(tail) = done.expect("both are done") {
                writer.extent.tail = tail;
            }
        }
        writer.content.extend_from_slice(&piece);
        writer.extent.committed = writer.content.len() as u64;
        writer.check().await;
        assert_eq!(writer.finish().await, writer.sha256());
    }
}
