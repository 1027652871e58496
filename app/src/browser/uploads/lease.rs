//! Locks between tabs where the browser has none (pages that are not in a secure context): leases in localStorage.

use web_sys::AbortSignal;

use crate::browser::host::{Guard, listen_window};
use crate::browser::page::{
    interval, local_get, local_remove, local_set, now_ms, random_nonce, sleep,
};
use crate::wire::ids::Millis;

/// Lifetime of a lease that is not renewed. Hidden tabs are woken once a minute: it must outlive that.
const LEASE_MS: Millis = 75_000;
/// Time between renewals.
const RENEW_MS: u32 = 5_000;
/// Time between looks at leases that others hold.
const LOOK_MS: u32 = 500;
/// After this time a claim that two tabs wrote at once has one winner: the last.
const SETTLE_MS: u32 = 60;

/// Waits for one of `names` to be free and holds it; `None` once `stop` is raised.
pub(super) async fn acquire(names: &[String], stop: &AbortSignal) -> Option<Guard> {
    let me = random_nonce().to_string();
    while !stop.aborted() {
        for name in names {
            if !may_take(local_get(name).as_deref(), &me, now_ms()) {
                continue;
            }
            if !local_set(name, &written(&me, now_ms())) {
                // No storage, so no other tab can be asked: each sends for itself, the server sorts it out.
                return Some(Guard::default());
            }
            sleep(SETTLE_MS).await;
            if holder(local_get(name).as_deref()) == Some(&me) {
                return Some(hold(name.clone(), me));
            }
        }
        sleep(LOOK_MS).await;
    }
    None
}

/// Renews until dropped, then lets go; leaving the page lets go too.
fn hold(name: String, me: String) -> Guard {
    let renewal = interval(RENEW_MS, {
        let (name, me) = (name.clone(), me.clone());
        move || {
            local_set(&name, &written(&me, now_ms()));
        }
    });
    let leaving = listen_window("pagehide", {
        let (name, me) = (name.clone(), me.clone());
        move || release(&name, &me)
    });
    renewal
        .and(leaving)
        .and(Guard::new(move || release(&name, &me)))
}

fn release(name: &str, me: &str) {
    if holder(local_get(name).as_deref()) == Some(me) {
        local_remove(name);
    }
}

/// A lease as it is stored: who holds it, until when.
fn written(me: &str, now: Millis) -> String {
    format!("{me} {}", now.saturating_add(LEASE_MS))
}

fn holder(lease: Option<&str>) -> Option<&str> {
    Some(lease?.split_once(' ')?.0)
}

/// Whether `me` may claim: nobody holds it, or its time is over, or it reaches further than any lease can because
/// the clock was set back.
fn may_take(lease: Option<&str>, me: &str, now: Millis) -> bool {
    let Some((holder, until)) = lease.and_then(|lease| lease.split_once(' ')) else {
        return true;
    };
    let Ok(until) = until.parse::<Millis>() else {
        return true;
    };
    holder == me || until <= now || until > now.saturating_add(LEASE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_excludes_others_until_its_time_is_over() {
        let lease = written("a", 1_000);
        assert_eq!(holder(Some(&lease)), Some("a"));
        assert!(may_take(Some(&lease), "a", 2_000));
        assert!(!may_take(Some(&lease), "b", 2_000));
        assert!(!may_take(Some(&lease), "b", 999 + LEASE_MS));
        assert!(may_take(Some(&lease), "b", 1_000 + LEASE_MS));
    }

    #[test]
    fn nothing_and_nonsense_are_free() {
        for lease in [None, Some(""), Some("a"), Some("a soon")] {
            assert!(may_take(lease, "b", 0), "{lease:?}");
        }
    }

    #[test]
    fn a_clock_set_back_does_not_lock_for_ever() {
        assert!(may_take(Some(&written("a", 1_000_000_000)), "b", 1_000));
    }
}
