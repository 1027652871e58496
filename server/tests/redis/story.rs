//! An oracle for faults: what was published while something broke, and what a listener heard of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use server::bus::{Bus, BusEvent, Topic};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{self, PATIENCE};

/// Between two messages.
const PACE: Duration = Duration::from_millis(3);

/// A publish takes this long at the most: 250 ms for a connection, 2 s for an answer, and what a busy machine adds.
const PUBLISH_LIMIT: Duration = Duration::from_millis(3_500);

/// A publisher at work, one message after the other, and somebody who listens.
pub(crate) struct Story {
    over: Arc<AtomicBool>,
    publisher: JoinHandle<Vec<Published>>,
    listener: JoinHandle<Vec<u64>>,
    gaps: watch::Receiver<Vec<Instant>>,
}

struct Published {
    begun: Instant,
    acknowledged: bool,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Messages the bus took.
    pub(crate) acknowledged: usize,
    /// Messages it refused.
    pub(crate) refused: usize,
    /// Messages it took that were not heard; a gap was told after each of them.
    pub(crate) lost: usize,
    /// Gaps told.
    pub(crate) gaps: usize,
}

impl Story {
    /// `ear` listens to `topic`, on which `bus` publishes from now on.
    pub(crate) fn begin(bus: &Arc<dyn Bus>, topic: &Topic, ear: mpsc::Receiver<BusEvent>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (told, gaps) = watch::channel(Vec::new());
        Self {
            publisher: spawn(tell(Arc::clone(bus), topic.clone(), Arc::clone(&over))),
            listener: spawn(listen(ear, told)),
            over,
            gaps,
        }
    }

    /// Waits until a gap is told, at most for `limit`.
    pub(crate) async fn gap_within(&mut self, limit: Duration) {
        let told = self.gaps.wait_for(|gaps| !gaps.is_empty());
        let told = timeout(limit, told).await;
        told.expect("a gap is told in time").unwrap();
    }

    /// Lets a few more messages through, ends the story with a last message and looks at what was heard.
    ///
    /// # Panics
    /// Where the bus broke its promise: order, or a loss without a gap after it.
    pub(crate) async fn end(self, bus: &Arc<dyn Bus>, topic: &Topic) -> Outcome {
        sleep(20 * PACE).await;
        self.over.store(true, Ordering::Relaxed);
        let published = self.publisher.await.unwrap();
        support::publish(bus, topic, b"last").await;
        let heard = self.listener.await.unwrap();
        let gaps = self.gaps.borrow().clone();
        let known = |number: &u64| published[usize::try_from(*number).unwrap()].acknowledged;
        let order: Vec<_> = heard.iter().filter(|number| known(number)).collect();
        assert!(order.is_sorted(), "out of order: {order:?}");
        let taken: Vec<_> = (0_u64..)
            .zip(&published)
            .filter(|(_, published)| published.acknowledged)
            .collect();
        let lost = taken.iter().filter(|(number, _)| !heard.contains(number));
        for (number, published) in lost.clone() {
            let told = gaps.iter().any(|told| *told >= published.begun);
            assert!(told, "{number} was lost and no gap told");
        }
        Outcome {
            acknowledged: taken.len(),
            refused: published.len() - taken.len(),
            lost: lost.count(),
            gaps: gaps.len(),
        }
    }
}

async fn tell(bus: Arc<dyn Bus>, topic: Topic, over: Arc<AtomicBool>) -> Vec<Published> {
    let mut published = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let number = Bytes::copy_from_slice(&(published.len() as u64).to_be_bytes());
        let outcome = bus.publish(&topic, number).await;
        let took = begun.elapsed();
        assert!(took < PUBLISH_LIMIT, "publishing took {took:?}");
        published.push(Published {
            begun,
            acknowledged: outcome.is_ok(),
        });
        sleep(PACE).await;
    }
    published
}

/// Numbers heard until the last message.
async fn listen(mut ear: mpsc::Receiver<BusEvent>, gaps: watch::Sender<Vec<Instant>>) -> Vec<u64> {
    let mut heard = Vec::new();
    while let Some(event) = ear.recv().await {
        match event {
            BusEvent::Gap => gaps.send_modify(|gaps| gaps.push(Instant::now())),
            BusEvent::Message { payload, .. } if payload == b"last"[..] => break,
            BusEvent::Message { payload, .. } => {
                heard.push(u64::from_be_bytes(payload[..].try_into().unwrap()));
            }
        }
    }
    heard
}

#[expect(clippy::disallowed_methods, reason = "the test waits for it itself")]
fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    // Whatever happens, no test waits for ever.
    tokio::spawn(async {
        timeout(3 * PATIENCE, task)
            .await
            .expect("the story ends in time")
    })
}
