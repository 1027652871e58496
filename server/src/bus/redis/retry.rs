//! How long to wait before the next attempt to connect.

use std::time::Duration;

use super::settings::RedisSettings;

/// Pauses that double up to a limit, and begin anew once a connection has proved itself.
#[derive(Debug)]
pub(super) struct Retry {
    first: Duration,
    most: Duration,
    proven: Duration,
    next: Duration,
}

impl Retry {
    pub(super) fn new(settings: &RedisSettings) -> Self {
        Self {
            first: settings.retry_first,
            most: settings.retry_most,
            proven: settings.probe_every,
            next: settings.retry_first,
        }
    }

    /// A connection was in service for this long. One that never came as far as its first probe proves nothing.
    pub(super) fn lived(&mut self, time: Duration) {
        if time >= self.proven {
            self.next = self.first;
        }
    }

    /// The pause before the next attempt.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (2 * pause).min(self.most);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_a_connection_has_lived() {
        let mut retry = Retry::new(&RedisSettings::new(""));
        let pauses: Vec<_> = (0..7).map(|_| retry.pause().as_millis()).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1_000, 1_000]);
        retry.lived(Duration::from_secs(1));
        assert_eq!(retry.pause().as_millis(), 1_000);
        retry.lived(Duration::from_secs(3));
        assert_eq!(retry.pause().as_millis(), 50);
    }
}
