//! A node with its hub, and clients on channels.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use app::wire::codec;
use app::wire::event::{Event, EventBody};
use app::wire::feed::{Alias, ClientMessage, Cursor, ServerMessage};
use app::wire::ids::{RoomId, Seq};
use app::wire::limits::Limits;
use futures::channel::mpsc::{Receiver, SendError, Sender, channel};
use futures::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::events::{room_id, session};
use super::fakes::{FakeBus, FakePresence, FakeStore, TokioClock};
use crate::bus::Topic;
use crate::bus::message::BusMessage;
use crate::hub::{Codec, Hub, HubDeps, HubSettings, Incoming, Outgoing, Visitor};

/// Longer than anything but a deserted room takes; only time on the paused clock.
const PATIENCE: Duration = Duration::from_secs(90);

/// Both directions of a socket, with as many frames of room as a socket has bytes.
#[derive(Debug)]
pub(super) struct Pipe {
    incoming: Receiver<Incoming>,
    outgoing: Sender<Outgoing>,
}

impl Stream for Pipe {
    type Item = Result<Incoming, SendError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming
            .poll_next_unpin(context)
            .map(|item| item.map(Ok))
    }
}

impl Sink<Outgoing> for Pipe {
    type Error = SendError;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError>> {
        self.outgoing.poll_ready(context)
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Outgoing) -> Result<(), SendError> {
        self.outgoing.start_send(frame)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError>> {
        self.outgoing.poll_flush_unpin(context)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError>> {
        self.outgoing.poll_close_unpin(context)
    }
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) hub: Arc<Hub>,
    pub(super) store: Arc<FakeStore>,
    pub(super) bus: Arc<FakeBus>,
    pub(super) presence: Arc<FakePresence>,
    pub(super) tracker: TaskTracker,
    pub(super) closing: CancellationToken,
    clients: AtomicU32,
}

impl World {
    /// A node whose room 0 has `posts` posts.
    pub(super) fn new(posts: usize) -> Self {
        Self::with(HubSettings::default(), posts)
    }

    pub(super) fn with(settings: HubSettings, posts: usize) -> Self {
        let store = Arc::new(FakeStore::default());
        let bus = Arc::new(FakeBus::default());
        let presence = Arc::new(FakePresence::default());
        let (tracker, closing) = (TaskTracker::new(), CancellationToken::new());
        let deps = HubDeps {
            log: store.clone(),
            rooms: store.clone(),
            participants: store.clone(),
            uploads: store.clone(),
            bus: bus.clone(),
            presence: presence.clone(),
            clock: Arc::new(TokioClock(Instant::now())),
            tracker: tracker.clone(),
            closing: closing.clone(),
        };
        let hub = Hub::new(deps, settings, Limits::default(), "test".into());
        bus.hub.set(Arc::downgrade(&hub)).unwrap();
        tracker.spawn(Arc::clone(&hub).run());
        store.logs.lock().unwrap().insert(room_id(0), Vec::new());
        let world = Self {
            hub,
            store,
            bus,
            presence,
            tracker,
            closing,
            clients: AtomicU32::new(1),
        };
        (0..posts).for_each(|n| drop(world.append(&format!("old {n}"))));
        world
    }

    /// Appends a post to room 0; nobody is told.
    pub(super) fn append(&self, text: &str) -> Event {
        self.append_body(None, post(text))
    }

    pub(super) fn append_body(&self, no: Option<u32>, body: EventBody) -> Event {
        self.store.append(&room_id(0), no, body)
    }

    /// Publishes an event of room 0.
    pub(super) fn publish(&self, event: &Event) {
        let message = BusMessage::Event {
            epoch: self.store.epoch(),
            event: event.clone(),
        };
        self.publish_message(&message);
    }

    pub(super) fn publish_message(&self, message: &BusMessage) {
        self.bus
            .hand_on(&Topic::Room(room_id(0)), &message.encode());
    }

    /// Appends and publishes.
    pub(super) fn post(&self, text: &str) -> Event {
        let event = self.append(text);
        self.publish(&event);
        event
    }

    pub(super) fn cursor(&self, seq: Seq) -> Option<Cursor> {
        let epoch = self.store.epoch();
        Some(Cursor { epoch, seq })
    }

    pub(super) fn connect(&self) -> Client {
        self.connect_as(None, Codec::Postcard, 1_000)
    }

    /// Connects session `n`, or nobody, with `room` frames on their way at most.
    pub(super) fn connect_as(&self, n: Option<u8>, codec: Codec, room: usize) -> Client {
        let (to_hub, incoming) = channel(1_000);
        let (outgoing, from_hub) = channel(room);
        let pipe = Pipe { incoming, outgoing };
        let address = self.clients.fetch_add(1, Ordering::SeqCst);
        let address = std::net::Ipv4Addr::from(address);
        let visitor = Visitor {
            session: n.map(session),
            admission: self.hub.admit(address.into()).unwrap(),
        };
        let hub = Arc::clone(&self.hub);
        self.tracker
            .spawn(async move { hub.serve(pipe, codec, visitor).await });
        Client {
            to_hub,
            from_hub,
            codec,
        }
    }

    /// Connects and follows room 0 from `since`; gives the answer too.
    pub(super) async fn follow(&self, since: Option<Cursor>) -> (Client, ServerMessage) {
        let mut client = self.connect();
        client.subscribe(since).await;
        assert!(matches!(client.next().await, ServerMessage::Welcome { .. }));
        let answer = client.next().await;
        (client, answer)
    }
}

pub(super) fn post(text: &str) -> EventBody {
    EventBody::Posted {
        author: super::events::author(1, None),
        text: text.into(),
        files: Vec::new(),
    }
}

/// Lets time pass on the paused clock; everything that is due in it happens.
pub(super) async fn pass(time: Duration) {
    sleep(time).await;
}

#[derive(Debug)]
pub(super) struct Client {
    to_hub: Sender<Incoming>,
    from_hub: Receiver<Outgoing>,
    codec: Codec,
}

impl Client {
    pub(super) async fn send(&mut self, message: &ClientMessage) {
        let frame = match self.codec {
            Codec::Postcard => Incoming::Binary(codec::to_postcard(message).into()),
            Codec::Json => Incoming::Text(codec::to_json(message).into()),
        };
        self.send_raw(frame).await;
    }

    pub(super) async fn send_raw(&mut self, frame: Incoming) {
        // A hub that has closed meanwhile is seen by what it sent.
        let _ = self.to_hub.send(frame).await;
    }

    pub(super) async fn subscribe(&mut self, since: Option<Cursor>) {
        self.subscribe_to(room_id(0), since).await;
    }

    pub(super) async fn subscribe_to(&mut self, room: RoomId, since: Option<Cursor>) {
        self.send(&ClientMessage::Subscribe { room, since }).await;
    }

    pub(super) async fn next_frame(&mut self) -> Option<Outgoing> {
        let next = timeout(PATIENCE, self.from_hub.next());
        next.await.expect("the hub says something")
    }

    pub(super) fn decode(&self, frame: &Outgoing) -> ServerMessage {
        match (self.codec, frame) {
            (Codec::Postcard, Outgoing::Binary(bytes)) => codec::from_postcard(bytes).unwrap(),
            (Codec::Json, Outgoing::Text(bytes)) => {
                codec::from_json(std::str::from_utf8(bytes).unwrap()).unwrap()
            }
            (_, frame) => panic!("not a message: {frame:?}"),
        }
    }

    /// The next message, pings aside.
    pub(super) async fn next(&mut self) -> ServerMessage {
        loop {
            let frame = self.next_frame().await.expect("the connection is open");
            match self.decode(&frame) {
                ServerMessage::Ping { .. } => self.send(&ClientMessage::Pong).await,
                message => return message,
            }
        }
    }

    /// Events until there are `n`, whatever else comes.
    pub(super) async fn events(&mut self, n: usize) -> Vec<Event> {
        let mut got = Vec::new();
        while got.len() < n {
            if let ServerMessage::Events { events, .. } = self.next().await {
                got.extend(events);
            }
        }
        got
    }

    pub(super) async fn seqs(&mut self, n: usize) -> Vec<Seq> {
        let events = self.events(n).await;
        events.iter().map(|event| event.seq).collect()
    }

    /// The next message that `pick` takes.
    pub(super) async fn until<T>(&mut self, pick: impl Fn(ServerMessage) -> Option<T>) -> T {
        loop {
            if let Some(picked) = pick(self.next().await) {
                return picked;
            }
        }
    }

    /// What has come by now, without waiting.
    pub(super) fn arrived(&mut self) -> Vec<Outgoing> {
        std::iter::from_fn(|| self.from_hub.try_recv().ok()).collect()
    }

    /// Events among what has come by now.
    pub(super) fn arrived_events(&mut self) -> Vec<Event> {
        let frames = self.arrived();
        let messages = frames.iter().map(|frame| self.decode(frame));
        messages
            .filter_map(|message| match message {
                ServerMessage::Events { events, .. } => Some(events),
                _ => None,
            })
            .flatten()
            .collect()
    }

    /// The code it is closed with; pings are not answered meanwhile.
    pub(super) async fn closed(&mut self) -> u16 {
        loop {
            match self.next_frame().await.expect("closed with a code") {
                Outgoing::Close { code, .. } => return code,
                _ => continue,
            }
        }
    }

    /// Whether the hub has let go of the connection; to be asked after what arrived was taken.
    pub(super) fn is_gone(&mut self) -> bool {
        self.to_hub.is_closed()
    }
}

/// Takes `Subscribed` apart.
pub(super) fn subscribed(message: ServerMessage) -> (Alias, Seq, bool) {
    match message {
        ServerMessage::Subscribed {
            alias,
            head,
            resumed,
            ..
        } => (alias, head, resumed),
        other => panic!("not an answer: {other:?}"),
    }
}
