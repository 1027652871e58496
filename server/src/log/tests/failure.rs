//! A store that fails: the same nonce tells, and nothing is appended twice.

use std::time::Duration;

use super::fake::Fault;
use super::fixture::{NOW, Node, assert_valid, command, post};
use crate::log::{AppendError, Draft, Precondition, STORE_WAIT, WRITE_WAIT};
use crate::storage::StorageError;

fn is_unavailable<T>(result: &Result<T, AppendError>) -> bool {
    matches!(
        result,
        Err(AppendError::Storage(StorageError::Unavailable(_)))
    )
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_same_nonce_tells() {
    for fault in [
        Fault::Before,
        Fault::After(1),
        Fault::After(2),
        Fault::After(3),
        Fault::Hang,
    ] {
        let node = Node::new().await;
        let commands = vec![post("a"), post("b"), post("c")];
        node.store.fault([fault]);
        let results = node.all(commands.clone()).await;
        assert!(results.iter().all(is_unavailable), "{fault:?}: {results:?}");
        let told = node.all(commands).await;
        let seqs: Vec<_> = told
            .iter()
            .map(|result| result.as_ref().unwrap().seq)
            .collect();
        assert_eq!(seqs, [2, 3, 4], "{fault:?}");
        let events = node.events();
        assert_eq!(events.len(), 4);
        assert_valid(&events);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_only_if_what_it_rests_on_was_stored() {
    let node = Node::new().await;
    let end = command(Draft::RoomEnded, Precondition::IdleSince(NOW));
    let late = post("late");
    // The end is not stored: the post behind it must not hear that the room is over.
    node.store.fault([Fault::Before]);
    let results = node.all(vec![end, late.clone()]).await;
    assert!(results.iter().all(is_unavailable), "{results:?}");
    assert!(node.log.append(late).await.is_ok());

    // A refusal that rests on the log alone is told whatever becomes of the rest.
    let mut foreign = command(
        Draft::Edited {
            no: 1,
            text: String::new(),
        },
        Precondition::PostOf(2),
    );
    foreign.source = crate::domain::entry::Source::Session(super::fixture::session(2));
    node.store.fault([Fault::Before]);
    let results = node.all(vec![foreign, post("b")]).await;
    assert!(matches!(results[0], Err(AppendError::NotYours)));
    assert!(is_unavailable(&results[1]));
}

#[tokio::test(start_paused = true)]
async fn a_silent_store_is_waited_for_within_limits() {
    let node = Node::new().await;
    node.store.fault([Fault::Hang]);
    let begun = tokio::time::Instant::now();
    assert!(is_unavailable(&node.log.append(post("a")).await));
    assert_eq!(begun.elapsed().as_secs(), STORE_WAIT.as_secs());
    assert!(node.log.append(post("b")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn lost_races_are_tried_again_but_not_for_ever() {
    let node = Node::new().await;
    node.store.fault([Fault::Lose; 20]);
    assert!(node.log.append(post("a")).await.is_ok());

    node.store.fault(std::iter::repeat_n(Fault::Lose, 100_000));
    let begun = tokio::time::Instant::now();
    let unlucky = node.log.append(post("b")).await;
    assert!(is_unavailable(&unlucky));
    assert!(begun.elapsed() < WRITE_WAIT + Duration::from_secs(1));
    node.store.faults.lock().unwrap().clear();
    assert!(node.log.append(post("c")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_tears_nothing() {
    let node = Node::new().await;
    let shut = node.store.gate.lock().await;
    {
        let append = node.log.append(post("a"));
        tokio::pin!(append);
        assert!(futures::poll!(append).is_pending());
    }
    drop(shut);
    node.settle().await;
    assert_eq!(node.events().len(), 2);
}

#[test]
fn a_runtime_that_ends_leaves_no_room_stuck() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let first = runtime();
    let node = first.block_on(async {
        let node = Node::new().await;
        node.store.fault([Fault::Hang]);
        {
            let append = node.log.append(post("a"));
            tokio::pin!(append);
            assert!(futures::poll!(&mut append).is_pending());
        }
        tokio::task::yield_now().await;
        node
    });
    drop(first);
    runtime().block_on(async {
        node.store.faults.lock().unwrap().clear();
        let append = node.log.append(post("b"));
        let result = tokio::time::timeout(Duration::from_secs(30), append).await;
        assert!(result.unwrap().is_ok());
    });
}
