//! Names of channels and keys, and what a message is on the way.

use app::wire::ids::RoomId;
use bytes::{BufMut, Bytes, BytesMut};

use super::settings::RedisSettings;
use crate::bus::Topic;

/// Where a topic's messages go. Without sharding a topic is a channel and a message its payload. With it a channel
/// carries the topics of one partition, and a message begins with its topic: one byte of length, then the name.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    prefix: String,
    partitions: Option<u64>,
}

impl Names {
    pub(super) fn new(settings: &RedisSettings) -> Self {
        Self {
            prefix: settings.prefix.clone(),
            partitions: settings.sharded.then_some(settings.partitions.into()),
        }
    }

    /// The channel of a topic.
    pub(super) fn channel(&self, topic: &Topic) -> String {
        let name = name(topic);
        match self.partitions {
            // In braces, which say what Redis Cluster takes the slot of.
            Some(partitions) => format!("{}:{{{}}}", self.prefix, hash(&name) % partitions.max(1)),
            None => format!("{}:{name}", self.prefix),
        }
    }

    /// A channel that nobody publishes on. Every subscriber has it, so that the right to subscribe is known from
    /// the start.
    pub(super) fn nobodys_channel(&self) -> String {
        format!("{}:nobody", self.prefix)
    }

    /// The key of who is in a room.
    pub(crate) fn presence_key(&self, room: &RoomId) -> String {
        format!("{}:presence:{room}", self.prefix)
    }

    /// What is published for a payload.
    pub(super) fn pack(&self, topic: &Topic, payload: Bytes) -> Bytes {
        if self.partitions.is_none() {
            return payload;
        }
        let name = name(topic);
        let mut packed = BytesMut::with_capacity(1 + name.len() + payload.len());
        // A name has at most 37 bytes.
        packed.put_u8(u8::try_from(name.len()).unwrap_or(u8::MAX));
        packed.put_slice(name.as_bytes());
        packed.put_slice(&payload);
        packed.freeze()
    }

    /// Topic and payload of what came on a channel; `None` if it is not of ours.
    pub(super) fn unpack(&self, channel: &str, packed: Bytes) -> Option<(Topic, Bytes)> {
        let ours = channel
            .strip_prefix(self.prefix.as_str())?
            .strip_prefix(':')?;
        if self.partitions.is_none() {
            return Some((topic(ours)?, packed));
        }
        let end = 1 + usize::from(*packed.first()?);
        let name = std::str::from_utf8(packed.get(1..end)?).ok()?;
        Some((topic(name)?, packed.slice(end..)))
    }
}

fn name(topic: &Topic) -> String {
    match topic {
        Topic::Room(room) => format!("room:{room}"),
        Topic::File(file) => format!("file:{file}"),
    }
}

fn topic(name: &str) -> Option<Topic> {
    match name.split_once(':')? {
        ("room", room) => room.parse().map(Topic::Room).ok(),
        ("file", file) => file.parse().map(Topic::File).ok(),
        _ => None,
    }
}

/// FNV-1a. The same in every version: nodes of two versions run together during a deploy.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use app::wire::ids::FileId;

    use super::*;
    use crate::bus::contract::new_topic;

    fn names(sharded: bool) -> Names {
        Names::new(&RedisSettings {
            sharded,
            ..RedisSettings::new("")
        })
    }

    #[test]
    fn a_message_comes_back_as_it_was_sent() {
        let topics = [
            Topic::Room("AbCdEfGh".parse().unwrap()),
            Topic::Room("0123456789abcdefghijKL".parse().unwrap()),
            Topic::File(FileId([0xfe; 16])),
        ];
        for names in [names(false), names(true)] {
            for topic in &topics {
                for payload in [Bytes::new(), Bytes::from_static(b"\xff\0\r\n")] {
                    let packed = names.pack(topic, payload.clone());
                    let unpacked = names.unpack(&names.channel(topic), packed);
                    assert_eq!(unpacked, Some((topic.clone(), payload)));
                }
            }
        }
    }

    #[test]
    fn the_names_stay_what_they_are() {
        let topic = Topic::Room("AbCdEfGh".parse().unwrap());
        assert_eq!(names(false).channel(&topic), "streamboard:room:AbCdEfGh");
        assert_eq!(names(true).channel(&topic), "streamboard:{8}");
    }

    #[test]
    fn partitions_are_used_evenly() {
        let names = names(true);
        let channels: HashSet<_> = (0..2_000).map(|_| names.channel(&new_topic())).collect();
        assert_eq!(channels.len(), 128);
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        for (sharded, channel, packed) in [
            (false, "streamboard:room:short", &b"x"[..]),
            (false, "streamboard:else:AbCdEfGh", b"x"),
            (false, "another:room:AbCdEfGh", b"x"),
            (false, "", b"x"),
            (true, "streamboard:{1}", b""),
            (true, "streamboard:{1}", b"\xff"),
            (true, "streamboard:{1}", b"\x04room"),
            (true, "streamboard:{1}", b"\x02\xff\xff"),
        ] {
            let packed = Bytes::copy_from_slice(packed);
            assert_eq!(names(sharded).unpack(channel, packed), None, "{channel}");
        }
    }
}
