//! One node: order, batches, preconditions, nonces.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use app::wire::event::EventBody;

use super::fixture::{
    NOW, Node, assert_valid, author, command, creation, edit, ending, post, ready, removal, room,
};
use crate::log::{AppendError, BATCH_COMMANDS, Command, Draft, Precondition, WAITING_COMMANDS};
use crate::storage::{EventLog, PostRef};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_make_one_log_without_gaps() {
    let node = Node::new().await;
    let commands: Vec<_> = (0..200).map(|n| post(&format!("{n}"))).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for command in commands {
        let log = node.log.clone();
        tasks.spawn(async move { log.append(command).await.unwrap() });
    }
    let results = tasks.join_all().await;
    let seqs: HashSet<_> = results.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (2..=201).collect());
    let events = node.events();
    assert_valid(&events);
    assert!(results.iter().all(|event| events.contains(event)));
}

#[tokio::test]
async fn what_waits_goes_in_batches() {
    let node = Node::new().await;
    let inserts = node.store.inserts.load(Ordering::SeqCst);
    let results = node.all((0..200).map(|_| post("x")).collect()).await;
    assert!(results.iter().all(Result::is_ok));
    let inserts = node.store.inserts.load(Ordering::SeqCst) - inserts;
    assert_eq!(inserts, 200_usize.div_ceil(BATCH_COMMANDS));
    // In the order of asking.
    let seqs: Vec<_> = results.iter().flatten().map(|event| event.seq).collect();
    assert!(seqs.is_sorted());
}

#[tokio::test]
async fn a_repeated_command_returns_its_first_event() {
    let node = Node::new().await;
    for command in [
        post("a"),
        edit(1, "b"),
        removal(1),
        ready(2, 1),
        ending(NOW),
    ] {
        if matches!(command.draft, Draft::FileReady { .. }) {
            node.log.append(post("for the file")).await.unwrap();
        }
        let first = node.log.append(command.clone()).await.unwrap();
        let length = node.events().len();
        let again = node.log.append(command).await.unwrap();
        assert_eq!(again, first);
        assert_eq!(node.events().len(), length);
    }
    assert_valid(&node.events());
}

#[tokio::test]
async fn a_command_repeated_in_one_batch_is_appended_once() {
    let node = Node::new().await;
    let (one, other) = (post("a"), post("b"));
    let batch = vec![one.clone(), other.clone(), one.clone(), one, other];
    let events: Vec<_> = node
        .all(batch)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(events[0], events[2]);
    assert_eq!(events[0], events[3]);
    assert_eq!(events[1], events[4]);
    assert_eq!(node.events().len(), 3);
}

#[tokio::test]
async fn a_nonce_belongs_to_one_command_of_its_session() {
    let node = Node::new().await;
    let first = post("a");
    let mut other = post("b");
    other.nonce = first.nonce;
    let results = node.all(vec![first.clone(), other.clone()]).await;
    assert!(results[0].is_ok());
    assert!(matches!(results[1], Err(AppendError::NonceReused)));
    let later = node.log.append(other.clone()).await;
    assert!(matches!(later, Err(AppendError::NonceReused)));
    // Nonces are per session: nobody can take somebody else's.
    let draft = other.draft;
    let foreign = Command::user(
        other.room,
        super::fixture::session(2),
        first.nonce,
        draft,
        Precondition::RoomOpen,
    );
    assert_eq!(node.log.append(foreign).await.unwrap().seq, 3);
}

#[tokio::test]
async fn a_redacted_first_result_still_counts() {
    let node = Node::new().await;
    let (command, edit) = (post("secret"), edit(1, "secret too"));
    let first = node.log.append(command.clone()).await.unwrap();
    let edited = node.log.append(edit.clone()).await.unwrap();
    node.log.append(removal(1)).await.unwrap();
    let post = PostRef {
        room: room(),
        no: 1,
    };
    node.store.redact(&post).await.unwrap();
    let again = node.log.append(command).await.unwrap();
    assert_eq!((again.seq, again.no), (first.seq, first.no));
    assert_eq!(again.body, EventBody::Tombstone);
    assert_eq!(node.log.append(edit).await.unwrap().seq, edited.seq);
    assert_eq!(node.events().len(), 4);
}

#[tokio::test]
async fn a_log_begins_once_and_with_the_room() {
    let node = Node::on(std::sync::Arc::default()).await;
    let early = node.log.append(post("a")).await;
    assert!(matches!(early, Err(AppendError::NoSuchRoom)));
    let mut headless = post("a");
    headless.precondition = Precondition::NoLog;
    let headless = node.log.append(headless).await;
    assert!(matches!(headless, Err(AppendError::NoSuchRoom)));
    // The refusal was not remembered.
    let created = node.log.append(creation()).await.unwrap();
    assert_eq!((created.seq, created.no, created.posts), (1, 0, 0));
    assert_eq!(node.log.append(creation()).await.unwrap(), created);
    let draft = creation().draft;
    let other = node.log.append(command(draft, Precondition::NoLog)).await;
    assert!(matches!(other, Err(AppendError::RoomEnded)));
}

#[tokio::test]
async fn preconditions_see_the_log() {
    let node = Node::new().await;
    node.log.append(post("a")).await.unwrap();
    let text = String::new;
    let by = |no, author| {
        let draft = Draft::Edited { no, text: text() };
        command(draft, Precondition::PostOf(author))
    };
    let results = node
        .all(vec![by(1, 2), by(2, 1), by(0, 1), by(1, 1), ready(9, 1)])
        .await;
    assert!(matches!(results[0], Err(AppendError::NotYours)));
    assert!(matches!(results[1], Err(AppendError::NoSuchPost)));
    assert!(matches!(results[2], Err(AppendError::NoSuchPost)));
    assert!(results[3].is_ok());
    assert!(matches!(results[4], Err(AppendError::NoSuchPost)));
    let idle = node.log.append(ending(NOW - 1)).await;
    assert!(matches!(idle, Err(AppendError::NotIdle)));
}

#[tokio::test]
async fn preconditions_see_the_commands_before_in_the_batch() {
    let node = Node::new().await;
    let mut named = author(2);
    named.name = Some("Ada".to_owned());
    let results = node
        .all(vec![
            edit(1, "too early"),
            post("a"),
            edit(1, "b"),
            removal(1),
            edit(1, "c"),
            ready(1, 1),
            removal(1),
            command(
                Draft::ParticipantNamed { author: named },
                Precondition::RoomOpen,
            ),
            command(Draft::RoomEnded, Precondition::RoomOpen),
            post("too late"),
        ])
        .await;
    let outcome: Vec<_> = results
        .iter()
        .map(|result| match result {
            Ok(event) => Ok(event.seq),
            Err(error) => Err(error.to_string()),
        })
        .collect();
    let removed = || Err(AppendError::PostRemoved.to_string());
    assert_eq!(
        outcome,
        [
            Err(AppendError::NoSuchPost.to_string()),
            Ok(2),
            Ok(3),
            Ok(4),
            removed(),
            removed(),
            removed(),
            Ok(5),
            Ok(6),
            Err(AppendError::RoomEnded.to_string()),
        ]
    );
    assert_valid(&node.events());
}

#[tokio::test]
async fn time_never_goes_back_within_a_log() {
    let node = Node::new().await;
    node.clock.advance(500);
    let late = node.log.append(post("a")).await.unwrap();
    node.clock.advance(-10_000);
    let early = node.log.append(post("b")).await.unwrap();
    assert_eq!((late.at, early.at), (NOW + 500, NOW + 500));
}

#[tokio::test]
async fn a_queue_that_is_full_refuses() {
    let node = Node::new().await;
    let shut = node.store.gate.lock().await;
    let first = node.log.append(post("being written"));
    tokio::pin!(first);
    while futures::poll!(&mut first).is_pending() && node.store.inserts.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    let others = node.all((0..WAITING_COMMANDS + 10).map(|_| post("x")).collect());
    tokio::pin!(others);
    assert!(futures::poll!(&mut others).is_pending());
    drop(shut);
    let (first, others) = tokio::join!(first, others);
    assert!(first.is_ok());
    let (taken, refused) = others.split_at(WAITING_COMMANDS);
    assert!(taken.iter().all(Result::is_ok));
    assert!(
        refused
            .iter()
            .all(|result| matches!(result, Err(AppendError::Overloaded)))
    );
    assert!(node.log.append(post("later")).await.is_ok());
}
