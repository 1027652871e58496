//! A bus that loses, doubles and reorders by a seeded plan, for property tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::{Bus, BusError, BusEvent, Topic};
use crate::testing::Lots;

/// How often which fault happens, in thousandths of all messages; together at most 1,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The message is lost; nobody is told.
    pub drop: u16,
    /// The message comes twice.
    pub duplicate: u16,
    /// The message comes after the next one of its topic.
    pub hold: u16,
    /// The publisher is told that the bus did not answer; the message arrives nevertheless.
    pub refuse: u16,
}

/// How many messages met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fates {
    /// Passed on as they came, held ones among them.
    pub passed: u64,
    /// Lost.
    pub dropped: u64,
    /// Doubled.
    pub duplicated: u64,
    /// Held back until the next one of their topic.
    pub held: u64,
    /// Passed on, and reported as failed.
    pub refused: u64,
}

/// Wraps a bus and spoils what is published; the same seed and order of calls give the same faults.
#[derive(Debug)]
pub struct FaultyBus {
    inner: Arc<dyn Bus>,
    plan: Mutex<Plan>,
}

#[derive(Debug)]
struct Plan {
    faults: Faults,
    lots: Lots,
    held: HashMap<Topic, Vec<Bytes>>,
    fates: Fates,
}

impl FaultyBus {
    /// Spoils `inner` by `faults`, drawn from `seed`.
    #[must_use]
    pub fn new(inner: Arc<dyn Bus>, faults: Faults, seed: u64) -> Self {
        Self {
            inner,
            plan: Mutex::new(Plan {
                faults,
                lots: Lots::of(seed),
                held: HashMap::new(),
                fates: Fates::default(),
            }),
        }
    }

    /// Changes what happens from now on; [`Faults::default`] heals the bus.
    pub fn set(&self, faults: Faults) {
        self.plan().faults = faults;
    }

    /// What happened so far.
    #[must_use]
    pub fn fates(&self) -> Fates {
        self.plan().fates
    }

    /// Publishes what is held back.
    ///
    /// # Errors
    /// As the inner bus.
    pub async fn release(&self) -> Result<(), BusError> {
        let held = std::mem::take(&mut self.plan().held);
        for (topic, payloads) in held {
            for payload in payloads {
                self.inner.publish(&topic, payload).await?;
            }
        }
        Ok(())
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    /// What is published now in place of `payload`, and whether the publisher is told of a failure.
    fn spoil(&mut self, topic: &Topic, payload: Bytes) -> (Vec<Bytes>, bool) {
        let Faults {
            drop,
            duplicate,
            hold,
            refuse,
        } = self.faults;
        let lot = self.lots.per_mille();
        let mut refused = false;
        let mut now = if lot < drop {
            self.fates.dropped += 1;
            Vec::new()
        } else if lot < drop + duplicate {
            self.fates.duplicated += 1;
            vec![payload.clone(), payload]
        } else if lot < drop + duplicate + hold {
            self.fates.held += 1;
            self.held.entry(topic.clone()).or_default().push(payload);
            return (Vec::new(), false);
        } else if lot < drop + duplicate + hold + refuse {
            self.fates.refused += 1;
            refused = true;
            vec![payload]
        } else {
            vec![payload]
        };
        now.extend(self.held.remove(topic).unwrap_or_default());
        self.fates.passed += now.len() as u64;
        (now, refused)
    }
}

#[async_trait]
impl Bus for FaultyBus {
    async fn publish(&self, topic: &Topic, payload: Bytes) -> Result<(), BusError> {
        let (payloads, refused) = self.plan().spoil(topic, payload);
        for payload in payloads {
            self.inner.publish(topic, payload).await?;
        }
        if refused {
            return Err(BusError::Unavailable("refused by the plan".into()));
        }
        Ok(())
    }

    async fn subscribe(&self, topic: &Topic) -> Result<(), BusError> {
        self.inner.subscribe(topic).await
    }

    async fn unsubscribe(&self, topic: &Topic) -> Result<(), BusError> {
        self.inner.unsubscribe(topic).await
    }

    fn listen(&self) -> Option<mpsc::Receiver<BusEvent>> {
        self.inner.listen()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::contract;
    use crate::bus::local::LocalBus;

    const FAULTS: Faults = Faults {
        drop: 100,
        duplicate: 100,
        hold: 100,
        refuse: 100,
    };

    /// What a listener hears of 1,000 numbered messages, and how many publishes were reported as failed.
    async fn heard(faults: Faults, seed: u64) -> (Vec<u16>, u64) {
        let bus = FaultyBus::new(Arc::new(LocalBus::new()), faults, seed);
        let topic = contract::new_topic();
        bus.subscribe(&topic).await.unwrap();
        let mut ear = bus.listen().unwrap();
        let mut failed = 0;
        for number in 0..1_000_u16 {
            let payload = Bytes::copy_from_slice(&number.to_be_bytes());
            failed += u64::from(bus.publish(&topic, payload).await.is_err());
        }
        bus.release().await.unwrap();
        let fates = bus.fates();
        assert_eq!(fates.refused, failed);
        let mut numbers = Vec::new();
        while let Ok(BusEvent::Message { payload, .. }) = ear.try_recv() {
            numbers.push(u16::from_be_bytes(payload[..].try_into().unwrap()));
        }
        assert_eq!(
            numbers.len() as u64,
            1_000 - fates.dropped + fates.duplicated
        );
        (numbers, failed)
    }

    #[tokio::test]
    async fn a_seed_repeats_its_faults() {
        let (numbers, failed) = heard(FAULTS, 7).await;
        assert_eq!((numbers.clone(), failed), heard(FAULTS, 7).await);
        assert_ne!(numbers, heard(FAULTS, 8).await.0);
        assert!(failed > 0);
        assert!(numbers.windows(2).any(|pair| pair[0] == pair[1]), "doubled");
        assert!(
            numbers.windows(2).any(|pair| pair[0] > pair[1]),
            "reordered"
        );
        assert!((0..1_000).any(|number| !numbers.contains(&number)), "lost");
    }

    #[tokio::test]
    async fn without_faults_it_keeps_the_contract() {
        contract::run(|| async {
            let inner = Arc::new(LocalBus::new());
            vec![Arc::new(FaultyBus::new(inner, Faults::default(), 1)) as Arc<dyn Bus>]
        })
        .await;
    }
}
