//! Which topics this node follows, which it left a moment ago, and the channels they need.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::names::Names;
use super::settings::RedisSettings;
use crate::bus::Topic;

/// The topics whose channels are subscribed, or will be, with a gap told, where the connection is being replaced.
/// As many as the node follows; the hub bounds them.
#[derive(Debug)]
pub(super) struct Followed {
    names: Names,
    topics: HashMap<Topic, State>,
    /// Who left when, oldest first. Holds for a topic only what its state says too.
    left: VecDeque<(Instant, Topic)>,
    /// How many of the topics go by a channel.
    channels: HashMap<String, usize>,
    linger: Duration,
    lingering: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Followed,
    /// Its messages are dropped; soon its channel is too.
    Left(Instant),
}

impl Followed {
    pub(super) fn new(settings: &RedisSettings, names: Names) -> Self {
        Self {
            names,
            topics: HashMap::new(),
            left: VecDeque::new(),
            channels: HashMap::new(),
            linger: settings.linger,
            lingering: settings.lingering,
        }
    }

    /// Whether messages of the topic are wanted.
    pub(super) fn hears(&self, topic: &Topic) -> bool {
        self.topics.get(topic) == Some(&State::Followed)
    }

    /// Follows a topic whose channel is subscribed for it already; `false` if it is not.
    pub(super) fn follow_again(&mut self, topic: &Topic) -> bool {
        let state = self.topics.get_mut(topic);
        state.map(|state| *state = State::Followed).is_some()
    }

    /// Takes in a topic whose channel is subscribed now; left at once where nobody waits for it any more.
    pub(super) fn add(&mut self, topic: &Topic, wanted: bool, now: Instant) {
        if wanted && self.follow_again(topic) {
            return;
        }
        if let Entry::Vacant(vacant) = self.topics.entry(topic.clone()) {
            vacant.insert(State::Followed);
            let channel = self.names.channel(topic);
            *self.channels.entry(channel).or_default() += 1;
            if !wanted {
                self.leave(topic, now);
            }
        }
    }

    /// Leaves a topic. Says whether too many linger.
    pub(super) fn leave(&mut self, topic: &Topic, now: Instant) -> bool {
        if let Some(state @ State::Followed) = self.topics.get_mut(topic) {
            *state = State::Left(now);
            self.left.push_back((now, topic.clone()));
        }
        self.left.len() > self.lingering
    }

    /// Forgets who left long ago, and the oldest where too many linger. Returns the channels nobody needs now.
    pub(super) fn sweep(&mut self, now: Instant) -> Vec<String> {
        let mut needless = Vec::new();
        while let Some((left, _)) = self.left.front() {
            if *left + self.linger > now && self.left.len() <= self.lingering {
                break;
            }
            let Some((left, topic)) = self.left.pop_front() else {
                break;
            };
            // Who came back has another state, and who left again another moment.
            if self.topics.get(&topic) == Some(&State::Left(left)) {
                self.topics.remove(&topic);
                needless.extend(self.release(&topic));
            }
        }
        needless
    }

    /// For a new connection: forgets who left, and returns all channels needed.
    pub(super) fn restart(&mut self) -> Vec<String> {
        self.left.clear();
        self.topics.retain(|_, state| *state == State::Followed);
        self.channels.clear();
        for topic in self.topics.keys() {
            *self.channels.entry(self.names.channel(topic)).or_default() += 1;
        }
        self.channels.keys().cloned().collect()
    }

    fn release(&mut self, topic: &Topic) -> Option<String> {
        let channel = self.names.channel(topic);
        let uses = self.channels.get_mut(&channel)?;
        *uses -= 1;
        if *uses > 0 {
            return None;
        }
        self.channels.remove(&channel);
        Some(channel)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::bus::contract::new_topic;

    fn followed(partitions: Option<u16>, lingering: usize) -> Followed {
        let settings = RedisSettings {
            sharded: partitions.is_some(),
            partitions: partitions.unwrap_or(1),
            lingering,
            ..RedisSettings::new("")
        };
        Followed::new(&settings, Names::new(&settings))
    }

    #[tokio::test(start_paused = true)]
    async fn who_left_lingers_unheard_and_may_come_back() {
        let mut followed = followed(None, 10);
        let topic = new_topic();
        assert!(!followed.follow_again(&topic));
        followed.add(&topic, true, Instant::now());
        assert!(followed.hears(&topic));
        followed.leave(&topic, Instant::now());
        assert!(!followed.hears(&topic));
        advance(Duration::from_secs(29)).await;
        assert!(followed.sweep(Instant::now()).is_empty());
        assert!(followed.follow_again(&topic));
        followed.leave(&topic, Instant::now());
        advance(Duration::from_secs(2)).await;
        assert!(followed.sweep(Instant::now()).is_empty(), "left again");
        advance(Duration::from_secs(29)).await;
        let channel = followed.names.channel(&topic);
        assert_eq!(followed.sweep(Instant::now()), [channel]);
        assert!(!followed.follow_again(&topic));
        assert!(followed.left.is_empty() && followed.channels.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_gave_up_waiting_takes_nothing_from_others() {
        let mut followed = followed(None, 10);
        let (shared, alone) = (new_topic(), new_topic());
        followed.add(&shared, true, Instant::now());
        followed.add(&shared, false, Instant::now());
        followed.add(&alone, false, Instant::now());
        assert!(followed.hears(&shared) && !followed.hears(&alone));
        advance(Duration::from_secs(31)).await;
        let channel = followed.names.channel(&alone);
        assert_eq!(followed.sweep(Instant::now()), [channel]);
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_who_left_make_the_oldest_go() {
        let mut followed = followed(None, 2);
        let topics: Vec<_> = (0..3).map(|_| new_topic()).collect();
        for topic in &topics {
            followed.add(topic, true, Instant::now());
        }
        let crowded = topics
            .iter()
            .map(|topic| followed.leave(topic, Instant::now()));
        assert_eq!(crowded.collect::<Vec<_>>(), [false, false, true]);
        let channel = followed.names.channel(&topics[0]);
        assert_eq!(followed.sweep(Instant::now()), [channel]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_partition_goes_with_its_last_topic() {
        let mut followed = followed(Some(1), 10);
        let topics = [new_topic(), new_topic()];
        for topic in &topics {
            followed.add(topic, true, Instant::now());
        }
        followed.leave(&topics[0], Instant::now());
        advance(Duration::from_secs(31)).await;
        assert!(followed.sweep(Instant::now()).is_empty());
        assert!(followed.hears(&topics[1]));
        followed.leave(&topics[1], Instant::now());
        advance(Duration::from_secs(31)).await;
        assert_eq!(followed.sweep(Instant::now()), ["streamboard:{0}"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_needs_only_what_is_followed() {
        let mut followed = followed(None, 10);
        let (kept, left, unwanted) = (new_topic(), new_topic(), new_topic());
        followed.add(&kept, true, Instant::now());
        followed.add(&left, true, Instant::now());
        followed.add(&unwanted, false, Instant::now());
        followed.leave(&left, Instant::now());
        assert_eq!(followed.restart(), [followed.names.channel(&kept)]);
        assert!(!followed.follow_again(&left) && !followed.follow_again(&unwanted));
        advance(Duration::from_secs(60)).await;
        assert!(followed.sweep(Instant::now()).is_empty());
    }
}
