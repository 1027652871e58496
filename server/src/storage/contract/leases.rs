//! The contract of [`LeaseStore`].

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;
use std::time::Duration;

use app::wire::ids::Millis;

use super::samples::{NOON, room};
use super::{RACERS, cases, race};
use crate::storage::LeaseStore;

const LENGTH: Duration = Duration::from_secs(30);
const LENGTH_MS: Millis = 30_000;

/// Checks an adapter.
pub async fn run(adapter: &str, leases: &Arc<dyn LeaseStore>) {
    cases!(
        adapter,
        "leases",
        leases,
        [
            a_free_lease_is_taken_and_extended,
            a_held_lease_is_refused_until_it_lapses,
            a_lease_given_back_is_free,
            nobody_gives_back_what_another_holds,
            of_many_one_gets_it,
            leases_do_not_meet,
        ]
    );
}

/// A name that no other case has.
fn name() -> String {
    room().as_str().to_owned()
}

async fn hold(leases: &Arc<dyn LeaseStore>, name: &str, holder: &str, now: Millis) -> bool {
    let held = leases.hold(name, holder, now, LENGTH).await;
    held.expect("an answer")
}

async fn a_free_lease_is_taken_and_extended(leases: &Arc<dyn LeaseStore>) {
    let name = name();
    for step in 0..5 {
        assert!(hold(leases, &name, "one", NOON + step * LENGTH_MS / 2).await);
    }
    let later = NOON + 2 * LENGTH_MS + LENGTH_MS / 2;
    assert!(!hold(leases, &name, "two", later).await, "extended");
}

async fn a_held_lease_is_refused_until_it_lapses(leases: &Arc<dyn LeaseStore>) {
    let name = name();
    assert!(hold(leases, &name, "one", NOON).await);
    assert!(!hold(leases, &name, "two", NOON).await);
    assert!(!hold(leases, &name, "two", NOON + LENGTH_MS - 1).await);
    assert!(hold(leases, &name, "two", NOON + LENGTH_MS).await);
    assert!(!hold(leases, &name, "one", NOON + LENGTH_MS).await);
}

async fn a_lease_given_back_is_free(leases: &Arc<dyn LeaseStore>) {
    let name = name();
    assert!(hold(leases, &name, "one", NOON).await);
    for _ in 0..2 {
        leases.release(&name, "one").await.expect("given back");
    }
    assert!(hold(leases, &name, "two", NOON).await);
}

async fn nobody_gives_back_what_another_holds(leases: &Arc<dyn LeaseStore>) {
    let name = name();
    assert!(hold(leases, &name, "one", NOON).await);
    leases.release(&name, "two").await.expect("nothing to do");
    assert!(!hold(leases, &name, "two", NOON).await);
}

async fn of_many_one_gets_it(leases: &Arc<dyn LeaseStore>) {
    let name = name();
    for now in [NOON, NOON + LENGTH_MS] {
        let held = race((0..RACERS).map(|racer| {
            let (leases, name) = (leases.clone(), name.clone());
            async move { hold(&leases, &name, &format!("{now} {racer}"), now).await }
        }));
        let winners = held.await.into_iter().filter(|held| *held).count();
        assert_eq!(winners, 1);
    }
}

async fn leases_do_not_meet(leases: &Arc<dyn LeaseStore>) {
    let (first, second) = (name(), name());
    assert!(hold(leases, &first, "one", NOON).await);
    assert!(hold(leases, &second, "two", NOON).await);
}
