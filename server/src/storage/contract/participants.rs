//! The contract of [`ParticipantStore`].

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::api::backend::SessionId;
use app::wire::ids::{ParticipantNo, RoomId};

use super::samples::{room, session};
use super::{RACERS, cases, race};
use crate::domain::participant::{Name, Participant};
use crate::storage::{ParticipantStore, Renamed};

/// Checks an adapter.
pub async fn run(adapter: &str, people: &Arc<dyn ParticipantStore>) {
    cases!(
        adapter,
        "participants",
        people,
        [
            participants_are_numbered_as_they_come,
            joining_again_changes_nothing,
            of_one_session_joining_many_times_one_participant_is_made,
            sessions_that_join_at_once_get_numbers_of_their_own,
            a_name_is_taken_and_given_up,
            a_name_has_one_owner_in_a_room,
            ones_own_name_may_be_written_anew,
            who_is_not_there_gets_no_name,
            of_those_who_want_one_name_one_gets_it,
        ]
    );
}

async fn join(people: &Arc<dyn ParticipantStore>, room: &RoomId, who: &SessionId) -> Participant {
    people.join(room, who, false).await.expect("a participant")
}

async fn get(
    people: &Arc<dyn ParticipantStore>,
    room: &RoomId,
    who: &SessionId,
) -> Option<Participant> {
    people.get(room, who).await.expect("a look")
}

async fn rename(
    people: &Arc<dyn ParticipantStore>,
    room: &RoomId,
    who: &SessionId,
    name: Option<&str>,
) -> Renamed {
    let name = name.map(|name| Name::new(name.to_owned()));
    people
        .rename(room, who, name.as_ref())
        .await
        .expect("an answer")
}

fn named(number: ParticipantNo, name: Option<&str>) -> Participant {
    Participant {
        number,
        name: name.map(str::to_owned),
        op: false,
    }
}

async fn participants_are_numbered_as_they_come(people: &Arc<dyn ParticipantStore>) {
    let (room, creator, guest) = (room(), session(), session());
    assert_eq!(get(people, &room, &creator).await, None);
    let first = people.join(&room, &creator, true).await.expect("OP");
    let op = Participant {
        op: true,
        ..named(1, None)
    };
    assert_eq!(first, op);
    assert_eq!(join(people, &room, &guest).await, named(2, None));
    assert_eq!(get(people, &room, &creator).await, Some(op));
    assert_eq!(get(people, &room, &guest).await, Some(named(2, None)));
    let elsewhere = super::samples::room();
    assert_eq!(get(people, &elsewhere, &guest).await, None);
    assert_eq!(join(people, &elsewhere, &guest).await, named(1, None));
}

async fn joining_again_changes_nothing(people: &Arc<dyn ParticipantStore>) {
    let (room, who) = (room(), session());
    join(people, &room, &who).await;
    rename(people, &room, &who, Some("Ada")).await;
    let again = people.join(&room, &who, true).await.expect("the same");
    assert_eq!(again, named(1, Some("Ada")), "op counts only when made");
    assert_eq!(join(people, &room, &session()).await.number, 2);
}

async fn of_one_session_joining_many_times_one_participant_is_made(
    people: &Arc<dyn ParticipantStore>,
) {
    let (room, who) = (room(), session());
    let joined = race((0..RACERS).map(|_| {
        let (people, room) = (people.clone(), room.clone());
        async move { join(&people, &room, &who).await }
    }))
    .await;
    assert_eq!(joined, vec![named(1, None); RACERS]);
    assert_eq!(join(people, &room, &session()).await.number, 2);
}

async fn sessions_that_join_at_once_get_numbers_of_their_own(people: &Arc<dyn ParticipantStore>) {
    let room = room();
    let mut numbers = race((0..RACERS).map(|_| {
        let (people, room, who) = (people.clone(), room.clone(), session());
        async move { join(&people, &room, &who).await.number }
    }))
    .await;
    numbers.sort_unstable();
    let all: Vec<_> = (1..).take(RACERS).collect();
    assert_eq!(numbers, all);
}

async fn a_name_is_taken_and_given_up(people: &Arc<dyn ParticipantStore>) {
    let (room, who, other) = (room(), session(), session());
    join(people, &room, &who).await;
    join(people, &room, &other).await;
    let named_ada = named(1, Some("Ada"));
    let renamed = rename(people, &room, &who, Some("Ada")).await;
    assert_eq!(renamed, Renamed::Done(named_ada.clone()));
    assert_eq!(get(people, &room, &who).await, Some(named_ada));
    let renamed = rename(people, &room, &who, None).await;
    assert_eq!(renamed, Renamed::Done(named(1, None)));
    let renamed = rename(people, &room, &other, None).await;
    let nameless = Renamed::Done(named(2, None));
    assert_eq!(renamed, nameless, "any number may be nameless");
    let renamed = rename(people, &room, &other, Some("ADA")).await;
    let free = Renamed::Done(named(2, Some("ADA")));
    assert_eq!(renamed, free, "what was given up is free");
}

async fn a_name_has_one_owner_in_a_room(people: &Arc<dyn ParticipantStore>) {
    let (room, who, other) = (room(), session(), session());
    join(people, &room, &who).await;
    join(people, &room, &other).await;
    rename(people, &room, &who, Some("Ada")).await;
    rename(people, &room, &other, Some("Bob")).await;
    for name in ["Ada", "aDa", "ＡＤＡ"] {
        let renamed = rename(people, &room, &other, Some(name)).await;
        assert_eq!(renamed, Renamed::Taken, "{name}");
    }
    let kept = get(people, &room, &other).await;
    assert_eq!(
        kept,
        Some(named(2, Some("Bob"))),
        "a refusal changes nothing"
    );
    let elsewhere = super::samples::room();
    join(people, &elsewhere, &other).await;
    let renamed = rename(people, &elsewhere, &other, Some("Ada")).await;
    assert_eq!(renamed, Renamed::Done(named(1, Some("Ada"))));
}

async fn ones_own_name_may_be_written_anew(people: &Arc<dyn ParticipantStore>) {
    let (room, who) = (room(), session());
    join(people, &room, &who).await;
    for name in ["Ada", "Ada", "ADA", "Bob", "Ada"] {
        let renamed = rename(people, &room, &who, Some(name)).await;
        assert_eq!(renamed, Renamed::Done(named(1, Some(name))));
    }
}

async fn who_is_not_there_gets_no_name(people: &Arc<dyn ParticipantStore>) {
    let (room, who, stranger) = (room(), session(), session());
    join(people, &room, &who).await;
    rename(people, &room, &who, Some("Ada")).await;
    for name in [Some("Bob"), Some("Ada"), None] {
        let renamed = rename(people, &room, &stranger, name).await;
        assert_eq!(renamed, Renamed::NotThere, "{name:?}");
    }
    assert_eq!(get(people, &room, &stranger).await, None);
    let renamed = rename(people, &room, &who, Some("Bob")).await;
    assert_eq!(renamed, Renamed::Done(named(1, Some("Bob"))));
}

async fn of_those_who_want_one_name_one_gets_it(people: &Arc<dyn ParticipantStore>) {
    let room = room();
    let sessions: Vec<_> = (0..RACERS).map(|_| session()).collect();
    for who in &sessions {
        join(people, &room, who).await;
    }
    let outcomes = race(sessions.into_iter().map(|who| {
        let (people, room) = (people.clone(), room.clone());
        async move { rename(&people, &room, &who, Some("Ada")).await }
    }))
    .await;
    let done = outcomes.iter().filter(|o| matches!(o, Renamed::Done(_)));
    assert_eq!(done.count(), 1);
    let taken = outcomes.iter().filter(|o| **o == Renamed::Taken);
    assert_eq!(taken.count(), RACERS - 1);
}
