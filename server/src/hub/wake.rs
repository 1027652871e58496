//! How a connection learns that there is something to pull: one bit a room, no queue.

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};
use std::task::Poll;

use futures::task::AtomicWaker;

/// Rooms a connection can follow, one bit each.
pub(super) const SLOTS: usize = 60;

const PING: u64 = 1 << 62;
const CLOSE: u64 = 1 << 63;

/// Shared between a connection, its only waiter, and all who have something for it.
#[derive(Debug, Default)]
pub(super) struct Wake {
    bits: AtomicU64,
    waker: AtomicWaker,
    close_code: AtomicU16,
    pings_unanswered: AtomicU8,
}

/// What a connection was woken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Woken {
    /// Slots of rooms with news.
    pub(super) slots: u64,
    /// Whether a ping is due.
    pub(super) ping: bool,
    /// The code to close with.
    pub(super) close: Option<u16>,
}

impl Wake {
    /// There is news of the room in `slot`.
    pub(super) fn slot(&self, slot: usize) {
        self.raise(1 << slot);
    }

    /// The connection is to close with `code`; the first code stays.
    pub(super) fn close(&self, code: u16) {
        let _ = self
            .close_code
            .compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
        self.raise(CLOSE);
    }

    /// Asks for a ping unless `most` are unanswered, which is told by `false`.
    pub(super) fn ping(&self, most: u8) -> bool {
        if self.pings_unanswered.fetch_add(1, Ordering::AcqRel) >= most {
            return false;
        }
        self.raise(PING);
        true
    }

    /// The client has shown that it is there.
    pub(super) fn alive(&self) {
        self.pings_unanswered.store(0, Ordering::Release);
    }

    fn raise(&self, bits: u64) {
        // Who finds the bit up already has nothing to add: the connection is on its way.
        if self.bits.fetch_or(bits, Ordering::AcqRel) & bits != bits {
            self.waker.wake();
        }
    }

    /// Waits for news and takes it. Dropping it loses nothing. For one waiter.
    pub(super) async fn woken(&self) -> Woken {
        std::future::poll_fn(|context| {
            self.waker.register(context.waker());
            match self.bits.swap(0, Ordering::AcqRel) {
                0 => Poll::Pending,
                bits => Poll::Ready(Woken {
                    slots: bits & !(PING | CLOSE),
                    ping: bits & PING != 0,
                    close: (bits & CLOSE != 0).then(|| self.close_code.load(Ordering::Acquire)),
                }),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::{Wake, Woken};

    #[tokio::test]
    async fn news_while_nobody_waits_is_kept_and_told_once() {
        let wake = Wake::default();
        wake.slot(3);
        wake.slot(0);
        wake.slot(3);
        assert!(wake.ping(2));
        let expected = Woken {
            slots: 0b1001,
            ping: true,
            close: None,
        };
        assert_eq!(wake.woken().await, expected);
        let again = futures::poll!(std::pin::pin!(wake.woken()));
        assert!(again.is_pending());
    }

    #[test]
    fn two_unanswered_pings_are_enough() {
        let wake = Wake::default();
        assert!(wake.ping(2) && wake.ping(2));
        assert!(!wake.ping(2));
        wake.alive();
        assert!(wake.ping(2));
    }
}
