//! Whatever the bus does and whoever comes and goes: in the end every client's fold is the store's fold, and no
//! client was ever sent anything but the next event.

use std::sync::Arc;
use std::time::Duration;

use app::model::room::{RoomView, apply};
use app::wire::event::EventBody;
use app::wire::feed::{Cursor, ServerMessage};
use app::wire::ids::Epoch;
use bytes::Bytes;
use proptest::prelude::*;

use super::events::{author, file, posted_files, room_id};
use super::world::{Client, World, pass, post};
use crate::bus::Topic;
use crate::bus::message::BusMessage;
use crate::hub::{Codec, HubSettings, Outgoing};
use crate::storage::{EventLog, PostRef};

const CLIENTS: usize = 3;

#[derive(Debug, Clone)]
enum Op {
    Append(u8, u8),
    Deliver(u8),
    Double(u8),
    Lose(u8),
    Garbage,
    Gap,
    Pass(u16),
    Connect(u8),
    Disconnect(u8),
    Stall(u8),
    Move(u8, u8),
    NewEpoch,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (any::<u8>(), any::<u8>()).prop_map(|(kind, target)| Op::Append(kind, target)),
        10 => any::<u8>().prop_map(Op::Deliver),
        2 => any::<u8>().prop_map(Op::Double),
        3 => any::<u8>().prop_map(Op::Lose),
        1 => Just(Op::Garbage),
        1 => Just(Op::Gap),
        4 => (0_u16..4_000).prop_map(Op::Pass),
        4 => any::<u8>().prop_map(Op::Connect),
        2 => any::<u8>().prop_map(Op::Disconnect),
        1 => any::<u8>().prop_map(Op::Stall),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(client, back)| Op::Move(client, back)),
        1 => Just(Op::NewEpoch),
    ]
}

/// A client as the browser is one: a fold, a cursor, a line that comes and goes.
struct Reader {
    line: Option<Client>,
    view: RoomView,
    epoch: Epoch,
    /// The answer to the last `Subscribe` has not come; what comes before it belongs to the former.
    waiting: u32,
    reads: bool,
}

impl Reader {
    async fn subscribe(&mut self) {
        let cursor = Cursor {
            epoch: self.epoch,
            seq: self.view.head,
        };
        if let Some(line) = &mut self.line {
            line.subscribe(Some(cursor)).await;
            self.waiting += 1;
        }
    }

    async fn connect(&mut self, world: &World) {
        self.waiting = 0;
        self.line = Some(world.connect_as(None, Codec::Postcard, 6));
        self.subscribe().await;
    }

    /// Loads a page of the whole room, as a client does that has to start over.
    async fn start_over(&mut self, world: &World) {
        self.epoch = world.store.epoch();
        self.view = world.store.view(&room_id(0));
        self.subscribe().await;
    }

    /// Reads what has come. Says whether there was anything.
    async fn read(&mut self, world: &World) -> bool {
        let Some(line) = &mut self.line else {
            return false;
        };
        let frames = line.arrived();
        let messages: Vec<_> = frames
            .iter()
            .map(|frame| match frame {
                Outgoing::Close { .. } => None,
                frame => Some(line.decode(frame)),
            })
            .collect();
        for message in messages {
            match message {
                None => self.line = None,
                Some(ServerMessage::Subscribed { resumed, .. }) => {
                    self.waiting = self.waiting.saturating_sub(1);
                    if !resumed && self.waiting == 0 {
                        self.start_over(world).await;
                    }
                }
                Some(ServerMessage::Events { events, .. }) if self.waiting == 0 => {
                    for event in events {
                        assert_eq!(event.seq, self.view.head + 1, "a gap or a double");
                        apply(&mut self.view, &event);
                    }
                }
                Some(ServerMessage::Refused { reason, .. }) => panic!("refused: {reason:?}"),
                Some(_) => {}
            }
        }
        if let Some(line) = &mut self.line
            && frames.is_empty()
            && line.is_gone()
        {
            self.line = None;
        }
        !frames.is_empty()
    }
}

struct Run {
    world: World,
    readers: Vec<Reader>,
    /// Messages the bus has not brought yet.
    on_their_way: Vec<Bytes>,
}

impl Run {
    fn new() -> Self {
        let settings = HubSettings {
            ring_events: 8,
            held_events: 3,
            page_events: 5,
            resume_events: 25,
            ..HubSettings::default()
        };
        let world = World::with(settings, 2);
        let reader = || Reader {
            line: None,
            view: RoomView::default(),
            epoch: world.store.epoch(),
            waiting: 0,
            reads: true,
        };
        let readers = (0..CLIENTS).map(|_| reader()).collect();
        Self {
            world,
            readers,
            on_their_way: Vec::new(),
        }
    }

    /// Time passes while those who read do so.
    async fn pass(&mut self, mut millis: u64) {
        loop {
            let step = millis.min(100);
            pass(Duration::from_millis(step.max(1))).await;
            let mut busy = true;
            while busy {
                busy = false;
                for reader in self.readers.iter_mut().filter(|reader| reader.reads) {
                    busy |= reader.read(&self.world).await;
                }
                if busy {
                    pass(Duration::from_millis(1)).await;
                }
            }
            millis -= step;
            if millis == 0 {
                return;
            }
        }
    }

    async fn append(&mut self, kind: u8, target: u8) {
        let view = self.world.store.view(&room_id(0));
        let there = view.posts.values().filter(|post| !post.removed);
        let there: Vec<_> = there.map(|post| post.no).collect();
        let no = there.get(usize::from(target) % there.len().max(1)).copied();
        let (no, body) = match (kind % 8, no) {
            (0, Some(no)) => (
                Some(no),
                EventBody::Edited {
                    text: format!("{target}"),
                },
            ),
            (1, Some(no)) => (Some(no), EventBody::PostRemoved),
            (2, Some(no)) => {
                let file = file(target % 4);
                (Some(no), EventBody::FileReady { file, size: 5 })
            }
            (3, _) => {
                let author = author(u32::from(target), Some("Ada"));
                (None, EventBody::ParticipantNamed { author })
            }
            (4, _) => (None, posted_files(0, 0, &[target % 4]).body),
            _ => (None, post(&format!("{target}"))),
        };
        let removes = body == EventBody::PostRemoved;
        let event = self.world.append_body(no, body);
        if let (true, Some(no)) = (removes, no) {
            let post = PostRef {
                room: room_id(0),
                no,
            };
            self.world.store.redact(&post).await.unwrap();
        }
        let epoch = self.world.store.epoch();
        let message = BusMessage::Event { epoch, event };
        self.on_their_way.push(message.encode());
    }

    fn pick(&self, n: u8) -> Option<usize> {
        let count = self.on_their_way.len();
        (count > 0).then(|| usize::from(n) % count)
    }

    fn hand_on(&self, payload: &[u8]) {
        self.world.bus.hand_on(&Topic::Room(room_id(0)), payload);
    }

    async fn apply(&mut self, op: &Op) {
        match *op {
            Op::Append(kind, target) => self.append(kind, target).await,
            Op::Deliver(n) => {
                if let Some(n) = self.pick(n) {
                    let payload = self.on_their_way.remove(n);
                    self.hand_on(&payload);
                }
            }
            Op::Double(n) => {
                if let Some(n) = self.pick(n) {
                    self.hand_on(&self.on_their_way[n]);
                }
            }
            Op::Lose(n) => {
                if let Some(n) = self.pick(n) {
                    self.on_their_way.remove(n);
                }
            }
            Op::Garbage => self.hand_on(b"\xff"),
            Op::Gap => self.world.hub.gap(),
            Op::Pass(millis) => self.pass(u64::from(millis)).await,
            Op::Connect(n) => {
                let reader = &mut self.readers[usize::from(n) % CLIENTS];
                reader.connect(&self.world).await;
            }
            Op::Disconnect(n) => self.readers[usize::from(n) % CLIENTS].line = None,
            Op::Stall(n) => {
                let reader = &mut self.readers[usize::from(n) % CLIENTS];
                reader.reads = !reader.reads;
            }
            Op::Move(n, back) => {
                let reader = &mut self.readers[usize::from(n) % CLIENTS];
                // Back to an older fold, as a page from a cache would be.
                if back < 128 && reader.line.is_some() {
                    reader.view = RoomView::default();
                }
                reader.subscribe().await;
            }
            Op::NewEpoch => *self.world.store.epoch.lock().unwrap() += 1,
        }
        self.pass(1).await;
    }

    /// Everybody reads and is connected; after the head check nothing may be missing.
    async fn end(&mut self) {
        for reader in &mut self.readers {
            reader.reads = true;
        }
        self.pass(12_000).await;
        for reader in &mut self.readers {
            if reader.line.is_none() {
                reader.connect(&self.world).await;
            }
        }
        self.pass(8_000).await;
        let view = self.world.store.view(&room_id(0));
        for reader in &self.readers {
            assert!(reader.line.is_some(), "closed without a reason");
            assert_eq!(reader.view, view);
        }
    }
}

fn run(ops: &[Op]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut run = Run::new();
        for op in ops {
            run.apply(op).await;
        }
        run.end().await;
        assert!(Arc::strong_count(&run.world.hub) > 0);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_fold_is_the_stores_fold(ops in proptest::collection::vec(op(), 1..120)) {
        run(&ops);
    }
}
