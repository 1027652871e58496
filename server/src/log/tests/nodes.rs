//! Two nodes that do not know of each other, on one store.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::wire::event::EventBody;

use super::fixture::{NOW, Node, assert_valid, edit, ending, nonce, post, removal, room};
use crate::log::AppendError;

async fn two() -> (Node, Node) {
    let one = Node::new().await;
    let other = Node::on(Arc::clone(&one.store)).await;
    (one, other)
}

#[tokio::test(start_paused = true)]
async fn both_append_to_one_log_without_gaps() {
    let (one, other) = two().await;
    let posts = |name: &str| (0..200).map(|n| post(&format!("{name} {n}"))).collect();
    let (ones, others) = tokio::join!(one.all(posts("one")), other.all(posts("other")));
    for result in ones.iter().chain(&others) {
        assert!(result.is_ok(), "{result:?}");
    }
    let events = one.events();
    assert_eq!(events.len(), 401);
    assert_valid(&events);
    // Each node's own commands keep their order.
    for results in [ones, others] {
        let seqs: Vec<_> = results.iter().flatten().map(|event| event.seq).collect();
        assert!(seqs.is_sorted());
    }
}

#[tokio::test(start_paused = true)]
async fn one_command_sent_to_both_is_one_event() {
    let (one, other) = two().await;
    for _ in 0..50 {
        let commands = vec![post("a"), post("b"), post("c")];
        let turned = commands.iter().rev().cloned().collect();
        let (ones, mut others) = tokio::join!(one.all(commands), other.all(turned));
        others.reverse();
        for (one, other) in ones.into_iter().zip(others) {
            assert_eq!(one.unwrap(), other.unwrap());
        }
    }
    let events = one.events();
    assert_eq!(events.len(), 151);
    assert_valid(&events);
}

#[tokio::test(start_paused = true)]
async fn an_edit_never_follows_its_posts_removal() {
    let (one, other) = two().await;
    for round in 0..50_u32 {
        let no = one.log.append(post("a")).await.unwrap().no;
        // Other writes on either side, so that the race falls differently each time.
        let noise = |many| (0..many).map(|_| post("noise")).collect();
        let (_, _, edited, removed) = tokio::join!(
            one.all(noise(round % 3)),
            other.all(noise(round % 5)),
            one.log.append(edit(no, "b")),
            other.log.append(removal(no)),
        );
        let removed = removed.unwrap();
        match edited {
            Ok(edited) => assert!(edited.seq < removed.seq),
            Err(error) => assert!(matches!(error, AppendError::PostRemoved), "{error}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_racing_the_end_of_its_room_wins_or_is_refused() {
    let mut outcomes = [0, 0];
    for round in 0..20_u32 {
        let (one, other) = two().await;
        one.clock.advance(1_000);
        other.clock.advance(1_000);
        let late = async {
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            one.log.append(post("late")).await
        };
        let (posted, ended) = tokio::join!(late, other.log.append(ending(NOW)));
        match (posted, ended) {
            (Ok(_), Err(AppendError::NotIdle)) => outcomes[0] += 1,
            (Err(AppendError::RoomEnded), Ok(_)) => outcomes[1] += 1,
            both => panic!("{both:?}"),
        }
        let events = one.events();
        assert_valid(&events);
        assert_eq!(events.len(), 2);
    }
    assert!(outcomes.iter().all(|times| *times > 0), "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn what_another_node_wrote_since_is_seen() {
    let (one, other) = two().await;
    one.log.append(post("a")).await.unwrap();
    // `one` remembers a head that is no longer the last.
    let no = other.log.append(post("b")).await.unwrap().no;
    assert_eq!(one.log.append(edit(no, "c")).await.unwrap().seq, 4);
    other.log.append(removal(no)).await.unwrap();
    let late = one.log.append(edit(no, "d")).await;
    assert!(matches!(late, Err(AppendError::PostRemoved)));
    other.log.append(ending(NOW)).await.unwrap();
    let late = one.log.append(post("e")).await;
    assert!(matches!(late, Err(AppendError::RoomEnded)));
    let last = one.events().pop().unwrap();
    assert_eq!(last.body, EventBody::RoomEnded);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_judged_again_after_another_nodes_event() {
    let node = Node::new().await;
    let shut = node.store.gate.lock().await;
    let batch = node.all(vec![ending(NOW), post("late")]);
    tokio::pin!(batch);
    while node.store.inserts.load(Ordering::SeqCst) < 2 {
        assert!(futures::poll!(&mut batch).is_pending());
        tokio::task::yield_now().await;
    }
    // The batch stands before the store with seq 2 and 3 when another node takes 2.
    let mut elsewhere = node.store.of(&room()).remove(0);
    elsewhere.event.seq = 2;
    elsewhere.event.at = NOW + 5;
    elsewhere.event.nonce = nonce();
    node.store.store(&[elsewhere]);
    drop(shut);
    let results = batch.await;
    assert!(matches!(results[0], Err(AppendError::NotIdle)));
    assert_eq!(results[1].as_ref().unwrap().seq, 3, "the room is not over");
}
