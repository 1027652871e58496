//! What the sync chip says of the line to the server.

/// What is true of the line, in the order of what matters most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chip {
    /// Everything is here.
    Live,
    /// The first connection is being made.
    Connecting,
    /// Missed events come in; how many are still to come.
    CatchingUp(u64),
    /// There is no line; how many posts wait to be sent.
    Offline(u32),
    /// Something is gone for good, the line works; how many posts.
    Missing(u32),
}

/// What the chip is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineFacts {
    /// Whether the feed's socket is open and this room subscribed.
    pub live: bool,
    /// Whether the socket was open before.
    pub was_live: bool,
    /// Events known to exist and not here yet.
    pub behind: u64,
    /// Posts in the outbox.
    pub waiting: u32,
    /// Posts that could not be recovered.
    pub missing: u32,
}

impl Chip {
    /// The state that `facts` amount to.
    #[must_use]
    pub fn of(facts: LineFacts) -> Self {
        match facts {
            LineFacts {
                live: false,
                was_live: true,
                waiting,
                ..
            } => Self::Offline(waiting),
            LineFacts { live: false, .. } => Self::Connecting,
            LineFacts {
                behind: behind @ 1..,
                ..
            } => Self::CatchingUp(behind),
            LineFacts {
                missing: missing @ 1..,
                ..
            } => Self::Missing(missing),
            LineFacts { .. } => Self::Live,
        }
    }

    /// The state's name in the style sheet.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Connecting => "connecting",
            Self::CatchingUp(_) => "catching-up",
            Self::Offline(_) => "offline",
            Self::Missing(_) => "gap",
        }
    }

    /// The words before, within and after what a phone shows: only the middle stays there.
    #[must_use]
    pub fn words(self) -> (&'static str, String, String) {
        match self {
            Self::Live => ("", "Live".to_owned(), String::new()),
            Self::Connecting => ("", "Connecting".to_owned(), String::new()),
            Self::CatchingUp(events) => ("Catching up ", events.to_string(), String::new()),
            Self::Offline(0) => ("", "Offline".to_owned(), String::new()),
            Self::Offline(waiting) => ("", "Offline".to_owned(), format!(", {waiting} waiting")),
            Self::Missing(posts) => ("", posts.to_string(), " missing".to_owned()),
        }
    }

    /// The whole sentence, for those who cannot see the colour.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Live => "Connection: live. Nothing is missing.".to_owned(),
            Self::Connecting => "Connection: connecting.".to_owned(),
            Self::CatchingUp(events) => format!("Connection: catching up, {events} to go."),
            Self::Offline(0) => "Connection: offline. It comes back by itself.".to_owned(),
            Self::Offline(waiting) => {
                format!(
                    "Connection: offline, {waiting} waiting to be sent. It comes back by itself."
                )
            }
            Self::Missing(posts) => {
                format!("Connection: live, but {posts} posts seen before could not be recovered.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chip_says_the_worst_that_is_true() {
        let facts = LineFacts::default();
        assert_eq!(Chip::of(facts), Chip::Connecting);
        let facts = LineFacts {
            was_live: true,
            waiting: 2,
            missing: 9,
            ..facts
        };
        assert_eq!(Chip::of(facts), Chip::Offline(2));
        let facts = LineFacts {
            live: true,
            behind: 14,
            ..facts
        };
        assert_eq!(Chip::of(facts), Chip::CatchingUp(14));
        let facts = LineFacts { behind: 0, ..facts };
        assert_eq!(Chip::of(facts), Chip::Missing(9));
        assert_eq!(
            Chip::of(LineFacts {
                missing: 0,
                ..facts
            }),
            Chip::Live
        );
    }
}
