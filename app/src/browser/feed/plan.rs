//! When a lost line is tried again, and what its end means.

use crate::wire::feed::close;

/// First and longest mean wait of the backoff in milliseconds.
const FIRST_MS: f64 = 500.0;
const LONGEST_MS: f64 = 30_000.0;

/// A line that stood this long was a good one: the next loss starts the backoff anew.
pub(super) const GOOD_MS: i64 = 5_000;

/// Longest wait for the handshake and the greeting.
pub(super) const GREETING_MS: u32 = 15_000;

/// Seconds between pings until the server has told.
pub(super) const PING_S: u32 = 25;

/// What to do after a line has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again after so many milliseconds.
    Retry(u32),
    /// Do not try by itself.
    Refused(u16),
}

/// What to do after the close code `code`, when `failures` lines in a row were no good ones; `random` is from 0 up
/// to 1.
pub(super) fn after(code: u16, failures: u32, random: f64) -> Next {
    match code {
        close::PROTOCOL | close::SESSION => Next::Refused(code),
        close::RESTART if failures == 0 => Next::Retry(between(200.0, 2_000.0, random)),
        close::SLOW | close::PING_TIMEOUT if failures == 0 => Next::Retry(0),
        close::OVERLOADED => Next::Retry(between(10_000.0, LONGEST_MS, random)),
        _ => Next::Retry(backoff_ms(failures, random)),
    }
}

/// Full jitter: anything up to a bound that doubles with every failure.
fn backoff_ms(failures: u32, random: f64) -> u32 {
    let bound = FIRST_MS * f64::from(2_u32.pow(failures.min(10)));
    between(0.0, bound.min(LONGEST_MS), random)
}

/// How long a line may be silent, in milliseconds, before it is dead.
pub(super) fn silence_ms(ping_s: u32) -> u32 {
    ping_s.clamp(1, 600) * 2_000
}

fn between(least: f64, most: f64, random: f64) -> u32 {
    // Between 0 and 30,000.
    (least + (most - least) * random.clamp(0.0, 1.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_half_a_minute() {
        let bounds: Vec<u32> = (0..9).map(|failures| backoff_ms(failures, 1.0)).collect();
        assert_eq!(
            bounds,
            [
                500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000
            ]
        );
        assert_eq!(backoff_ms(u32::MAX, 1.0), 30_000);
        assert_eq!(backoff_ms(5, 0.0), 0);
    }

    #[test]
    fn only_protocol_and_session_end_the_tries() {
        assert_eq!(after(close::PROTOCOL, 0, 0.5), Next::Refused(4000));
        assert_eq!(after(close::SESSION, 3, 0.5), Next::Refused(4001));
        for code in [
            1000,
            1001,
            1006,
            close::RESTART,
            close::SLOW,
            close::PING_TIMEOUT,
            close::OVERLOADED,
        ] {
            assert!(matches!(after(code, 2, 0.5), Next::Retry(_)), "{code}");
        }
    }

    #[test]
    fn a_slow_reader_comes_back_at_once_but_does_not_spin() {
        assert_eq!(after(close::SLOW, 0, 0.9), Next::Retry(0));
        assert!(matches!(after(close::SLOW, 1, 0.9), Next::Retry(ms) if ms > 0));
    }

    #[test]
    fn restarts_and_overload_spread_the_herd() {
        assert_eq!(after(close::RESTART, 0, 0.0), Next::Retry(200));
        assert_eq!(after(close::RESTART, 0, 1.0), Next::Retry(2_000));
        assert_eq!(after(close::OVERLOADED, 0, 0.0), Next::Retry(10_000));
    }
}
