//! How often something may be done, per session and per address.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::api::backend::{Caller, SessionId};
use app::wire::error::{ApiError, ErrorCode};
use governor::clock::Clock;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::{LimitsConfig, Rate};
use crate::error::ServiceError;

/// Keys remembered at once by one limiter. Keys whose budget is whole again are forgotten first; should that not
/// make room, more than this many were active within seconds, which is a flood, and new keys are refused.
const MOST_KEYS: usize = 100_000;

/// Time between two rounds of forgetting.
const FORGET_EVERY: Duration = Duration::from_secs(1);

/// Several people share an address, so it may post this many times what a session may.
const SESSIONS_PER_ADDRESS: u32 = 5;

/// The budgets of everybody.
#[derive(Debug)]
pub(super) struct Rates {
    posts: Keyed<SessionId>,
    posts_of_address: Keyed<IpAddr>,
    rooms: Keyed<IpAddr>,
    sessions: Keyed<IpAddr>,
}

impl Rates {
    pub(super) fn new(limits: &LimitsConfig) -> Self {
        let of_address = Rate {
            every: limits.posts.every / SESSIONS_PER_ADDRESS,
            burst: limits.posts.burst.saturating_mul(SESSIONS_PER_ADDRESS),
        };
        Self {
            posts: Keyed::new(limits.posts),
            posts_of_address: Keyed::new(of_address),
            rooms: Keyed::new(limits.rooms),
            sessions: Keyed::new(limits.sessions),
        }
    }

    /// Spends a post of the session and of its address.
    pub(super) fn post(&self, caller: &Caller, session: SessionId) -> Result<(), ServiceError> {
        self.posts_of_address
            .spend(&neighbourhood(caller.address))?;
        self.posts.spend(&session)
    }

    /// Spends a change other than a post: an edit, a name.
    pub(super) fn change(&self, session: SessionId) -> Result<(), ServiceError> {
        self.posts.spend(&session)
    }

    /// Spends a room of the address.
    pub(super) fn room(&self, caller: &Caller) -> Result<(), ServiceError> {
        self.rooms.spend(&neighbourhood(caller.address))
    }

    /// Spends a session of the address.
    pub(super) fn session(&self, caller: &Caller) -> Result<(), ServiceError> {
        self.sessions.spend(&neighbourhood(caller.address))
    }
}

struct Keyed<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    forgot: Mutex<Instant>,
}

impl<K: Hash + Eq + Clone> std::fmt::Debug for Keyed<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(rate: Rate) -> Self {
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        let every = rate.every.max(Duration::from_nanos(1));
        let quota = Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::keyed(quota.allow_burst(burst)),
            forgot: Mutex::new(Instant::now()),
        }
    }

    fn spend(&self, key: &K) -> Result<(), ServiceError> {
        if self.limiter.len() >= MOST_KEYS {
            self.forget();
            if self.limiter.len() >= MOST_KEYS {
                return Err(too_often(FORGET_EVERY));
            }
        }
        self.limiter.check_key(key).map_err(|refused| {
            let now = self.limiter.clock().now();
            too_often(refused.wait_time_from(now))
        })
    }

    /// Drops the keys whose budget is whole, at most once in [`FORGET_EVERY`], since it walks all of them.
    fn forget(&self) {
        let mut forgot = self.forgot.lock().unwrap_or_else(PoisonError::into_inner);
        if forgot.elapsed() >= FORGET_EVERY {
            *forgot = Instant::now();
            drop(forgot);
            self.limiter.retain_recent();
        }
    }
}

fn too_often(wait: Duration) -> ServiceError {
    let error = ApiError::new(ErrorCode::TooMany, "too often, wait a moment");
    error.after(wait).into()
}

/// What counts as one address: an IPv6 customer has a whole /64.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => (address.to_bits() & !u128::from(u64::MAX))
            .to_be_bytes()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_no_more() {
        let rate = Keyed::new(Rate {
            every: Duration::from_secs(3_600),
            burst: 3,
        });
        for _ in 0..3 {
            rate.spend(&1).unwrap();
        }
        let Err(ServiceError::Refused(refused)) = rate.spend(&1) else {
            panic!("a fourth was allowed");
        };
        assert!(matches!(refused.retry_after, Some(3_590..=3_600)));
        assert!(rate.spend(&2).is_ok());
    }

    #[test]
    fn a_subnet_of_ipv6_is_one_address() {
        let key = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    }
}
