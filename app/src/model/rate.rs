//! How fast a file arrives, smoothed over the last seconds.

use std::collections::VecDeque;

use crate::wire::ids::Millis;

/// Speed is told of the bytes of this many milliseconds: long enough to be calm, short enough to be true.
const WINDOW_MS: i64 = 4_000;
/// Below this many milliseconds of samples a speed would be a guess.
const LEAST_MS: i64 = 600;
/// Samples held; progress comes at most five times a second.
const MOST_SAMPLES: usize = 32;

/// Watches how far a file is and says how fast it moves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpeedMeter {
    samples: VecDeque<(Millis, u64)>,
}

impl SpeedMeter {
    /// Notes that `committed` bytes were there at `now`.
    pub fn note(&mut self, now: Millis, committed: u64) {
        if let Some((last, bytes)) = self.samples.back()
            && (now < *last || committed < *bytes)
        {
            self.samples.clear();
        }
        self.samples.push_back((now, committed));
        while self.samples.len() > MOST_SAMPLES {
            self.samples.pop_front();
        }
        // One sample before the window stays, so that the window is covered whole.
        while self.samples.len() > 2 && self.samples[1].0 < now - WINDOW_MS {
            self.samples.pop_front();
        }
    }

    /// Bytes a second; `None` until it is known.
    #[must_use]
    pub fn bytes_per_second(&self) -> Option<u64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let elapsed = last.0 - first.0;
        if elapsed < LEAST_MS {
            return None;
        }
        let elapsed = u64::try_from(elapsed).ok()?;
        Some((last.1 - first.1).saturating_mul(1_000) / elapsed)
    }

    /// Seconds until `size` bytes are there at this speed; `None` while nothing moves.
    #[must_use]
    pub fn seconds_left(&self, size: u64) -> Option<u64> {
        let speed = self.bytes_per_second().filter(|speed| *speed > 0)?;
        let missing = size.saturating_sub(self.samples.back()?.1);
        Some(missing.div_ceil(speed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_told_once_there_is_enough_to_tell_it_from() {
        let mut meter = SpeedMeter::default();
        meter.note(0, 0);
        meter.note(200, 50_000);
        assert_eq!(meter.bytes_per_second(), None);
        meter.note(1_000, 250_000);
        assert_eq!(meter.bytes_per_second(), Some(250_000));
        assert_eq!(meter.seconds_left(1_000_000), Some(3));
    }

    #[test]
    fn an_old_speed_is_forgotten() {
        let mut meter = SpeedMeter::default();
        for second in 0..20 {
            let bytes = if second < 10 {
                second * 1_000_000
            } else {
                10_000_000 + (second - 10) * 1_000
            };
            meter.note(i64::try_from(second).unwrap() * 1_000, bytes);
        }
        assert!(meter.bytes_per_second().unwrap() <= 1_000);
        assert!(meter.samples.len() <= MOST_SAMPLES);
    }

    #[test]
    fn going_back_starts_over() {
        let mut meter = SpeedMeter::default();
        meter.note(0, 0);
        meter.note(2_000, 500);
        meter.note(3_000, 100);
        assert_eq!(meter.bytes_per_second(), None);
        meter.note(2_000, 200);
        assert_eq!(meter.bytes_per_second(), None);
    }

    #[test]
    fn nothing_moving_has_no_end_in_sight() {
        let mut meter = SpeedMeter::default();
        meter.note(0, 7);
        meter.note(3_000, 7);
        assert_eq!(meter.bytes_per_second(), Some(0));
        assert_eq!(meter.seconds_left(100), None);
    }
}
