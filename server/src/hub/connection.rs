//! One connection: pulls from its rooms what its client has not got, and sends it as fast as the client reads.
//!
//! There is no queue of events. A connection wakes, takes what its cursors say, feeds it to the socket and flushes
//! once; while the socket is full it takes nothing, and what it misses stays in the ring or the store. Dropping
//! the future of [`Hub::serve`] leaves all rooms.

use std::sync::Arc;

use app::api::backend::SessionId;
use app::wire::feed::{ClientMessage, Cursor, RefusedReason, ServerMessage, close};
use app::wire::ids::RoomId;
use futures::{Sink, Stream};
use tokio::time::Instant;

use super::Hub;
use super::admission::Admission;
use super::bucket::Bucket;
use super::frames::{Codec, Incoming, Outgoing};
use super::line::{End, Line};
use super::pages::{self, PageRead, Reading};
use super::registry::Entered;
use super::resume::{Follow, Sending, Then};
use super::wake::{SLOTS, Woken};

/// Who a connection belongs to.
#[derive(Debug)]
pub struct Visitor {
    /// The session of its cookie; without one the visitor only counts.
    pub session: Option<SessionId>,
    /// The right to be here.
    pub admission: Admission,
}

struct Connection<'a, S> {
    hub: &'a Arc<Hub>,
    line: Line<S>,
    session: Option<SessionId>,
    entered: Entered,
    /// The rooms by slot.
    follows: Vec<Option<Follow>>,
    /// Slots that have more to send without being woken.
    again: u64,
    /// Slots that wait for their turn to read the store.
    behind: u64,
    /// The one read in flight.
    reading: Option<Reading>,
    bucket: Bucket,
    next_token: u64,
}

/// What a connection waits for.
enum Next {
    Woken(Woken),
    Incoming(Result<Incoming, End>),
    Page(PageRead),
    Again,
}

impl Hub {
    /// Serves one connection until it ends. Frames larger than [`super::HubSettings::message_bytes`] are refused;
    /// a socket that gives an error in their place spares the memory.
    pub async fn serve<S, E>(self: &Arc<Self>, socket: S, codec: Codec, visitor: Visitor)
    where
        S: Stream<Item = Result<Incoming, E>> + Sink<Outgoing> + Unpin + Send,
        E: Send,
    {
        let Visitor { session, admission } = visitor;
        let settings = &self.settings;
        let mut connection = Connection {
            hub: self,
            line: Line::new(socket, codec, settings),
            session,
            entered: self.registry.enter(),
            follows: Vec::new(),
            again: 0,
            behind: 0,
            reading: None,
            bucket: Bucket::new(
                settings.messages_a_second,
                settings.messages_burst,
                Instant::now(),
            ),
            next_token: 0,
        };
        let Err(end) = connection.run().await;
        // Nobody has to wait for the closing of a connection.
        connection.follows.clear();
        connection.line.close(end).await;
        drop(admission);
    }
}

impl<S, E> Connection<'_, S>
where
    S: Stream<Item = Result<Incoming, E>> + Sink<Outgoing> + Unpin,
{
    async fn run(&mut self) -> Result<std::convert::Infallible, End> {
        let welcome = ServerMessage::Welcome {
            build: self.hub.build.clone(),
            ping_s: u32::try_from(self.hub.settings.ping_every.as_secs()).unwrap_or(u32::MAX),
            limits: self.hub.limits,
        };
        self.line.feed_message(&welcome).await?;
        loop {
            self.line.flush().await?;
            self.read_next();
            match self.next().await {
                Next::Woken(woken) => {
                    if let Some(code) = woken.close {
                        return Err(End::Close(code, closed_by_node(code)));
                    }
                    if woken.ping {
                        self.ping().await?;
                    }
                    self.step(woken.slots | self.again).await?;
                }
                Next::Incoming(incoming) => self.hear(&incoming?).await?,
                Next::Page(page) => self.page(page).await?,
                Next::Again => self.step(self.again).await?,
            }
        }
    }

    /// Waits for the next thing to do. The branches take turns, so that a busy room cannot keep the client's
    /// answers from being heard. All of them may be dropped.
    async fn next(&mut self) -> Next {
        let Self {
            line,
            entered,
            reading,
            again,
            ..
        } = self;
        let page = async {
            match reading.as_mut() {
                Some(reading) => reading.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            woken = entered.wake.woken() => Next::Woken(woken),
            incoming = line.next() => Next::Incoming(incoming),
            page = page => Next::Page(page),
            () = std::future::ready(()), if *again != 0 => Next::Again,
        }
    }

    async fn hear(&mut self, incoming: &Incoming) -> Result<(), End> {
        if !self.bucket.take(Instant::now()) {
            return Err(End::Close(close::PROTOCOL, "too many messages"));
        }
        let size = match incoming {
            Incoming::Close => return Err(End::Gone),
            Incoming::Control => return Ok(()),
            Incoming::Text(bytes) | Incoming::Binary(bytes) => bytes.len(),
        };
        if size > self.hub.settings.message_bytes {
            return Err(End::Close(close::PROTOCOL, "message too large"));
        }
        let message = self.line.codec.decode(incoming);
        let message =
            message.map_err(|_| End::Close(close::PROTOCOL, "not a message of this protocol"))?;
        self.entered.wake.alive();
        match message {
            ClientMessage::Subscribe { room, since } => self.subscribe(room, since).await,
            ClientMessage::Unsubscribe { room } => {
                if let Some(slot) = self.slot_of(&room) {
                    self.forget(slot);
                }
                Ok(())
            }
            ClientMessage::Pong => Ok(()),
        }
    }

    fn slot_of(&self, id: &RoomId) -> Option<usize> {
        let of_room = |follow: &Option<Follow>| {
            follow
                .as_ref()
                .is_some_and(|follow| follow.room().id == *id)
        };
        self.follows.iter().position(of_room)
    }

    fn forget(&mut self, slot: usize) {
        self.follows[slot] = None;
        self.again &= !(1 << slot);
        self.behind &= !(1 << slot);
    }

    async fn subscribe(&mut self, room: RoomId, since: Option<Cursor>) -> Result<(), End> {
        let token = self.next_token;
        self.next_token += 1;
        let slot = match self.slot_of(&room) {
            Some(slot) => {
                if let Some(follow) = &mut self.follows[slot] {
                    follow.restart(since, token);
                }
                self.behind &= !(1 << slot);
                slot
            }
            None => match self.enter(&room, since, token) {
                Ok(slot) => slot,
                Err(reason) => {
                    return self
                        .line
                        .feed_message(&ServerMessage::Refused { room, reason })
                        .await;
                }
            },
        };
        self.again |= 1 << slot;
        Ok(())
    }

    fn enter(
        &mut self,
        room: &RoomId,
        since: Option<Cursor>,
        token: u64,
    ) -> Result<usize, RefusedReason> {
        let most = self.hub.settings.rooms_per_connection.min(SLOTS);
        let free = self.follows.iter().position(Option::is_none);
        let slot = free.unwrap_or(self.follows.len());
        if slot >= most {
            return Err(RefusedReason::TooManyRooms);
        }
        let wake = &self.entered.wake;
        let membership = self
            .hub
            .enter(room, self.entered.no, wake, slot, self.session)?;
        let follow = Some(Follow::new(membership, since, token));
        match self.follows.get_mut(slot) {
            Some(place) => *place = follow,
            None => self.follows.push(follow),
        }
        Ok(slot)
    }

    /// Sends what the rooms in `slots` have.
    async fn step(&mut self, slots: u64) -> Result<(), End> {
        self.again = 0;
        for slot in slots_of(slots) {
            let Some(follow) = self.follows.get_mut(slot).and_then(Option::as_mut) else {
                continue;
            };
            let step = follow.step();
            self.behind &= !(1 << slot);
            self.send(slot, step.sendings).await?;
            match step.then {
                Then::Wait => {}
                Then::More => self.again |= 1 << slot,
                Then::Read => self.behind |= 1 << slot,
                Then::Refused(reason) => self.refuse(slot, reason).await?,
            }
        }
        Ok(())
    }

    async fn refuse(&mut self, slot: usize, reason: RefusedReason) -> Result<(), End> {
        let Some(follow) = self.follows.get(slot).and_then(Option::as_ref) else {
            return Ok(());
        };
        let room = follow.room().id.clone();
        let refusals = follow.refusals();
        self.forget(slot);
        let refused = ServerMessage::Refused { room, reason };
        for _ in 0..refusals {
            self.line.feed_message(&refused).await?;
        }
        Ok(())
    }

    async fn send(&mut self, slot: usize, sendings: Vec<Sending>) -> Result<(), End> {
        for sending in sendings {
            let Some(follow) = self.follows.get(slot).and_then(Option::as_ref) else {
                return Ok(());
            };
            let frame = follow.encode(&sending, self.line.codec);
            self.line.feed(frame).await?;
        }
        Ok(())
    }

    /// Begins the next page, if somebody is behind and none is being read. Called after a flush: what was read
    /// before is on its way.
    fn read_next(&mut self) {
        if self.reading.is_some() || self.behind == 0 {
            return;
        }
        let slot = self.behind.trailing_zeros() as usize;
        self.behind &= !(1 << slot);
        let Some(follow) = self.follows.get(slot).and_then(Option::as_ref) else {
            return;
        };
        let Some(after) = follow.cursor() else {
            return;
        };
        let (room, token) = (follow.room(), follow.token());
        self.reading = Some(pages::begin(self.hub, room, after, slot, token));
    }

    async fn page(&mut self, page: PageRead) -> Result<(), End> {
        self.reading = None;
        let PageRead {
            slot,
            token,
            events,
        } = page;
        let Some(follow) = self.follows.get_mut(slot).and_then(Option::as_mut) else {
            return Ok(());
        };
        // Read for a subscription that is over.
        if follow.token() != token {
            return Ok(());
        }
        // What was asked for while this was read: the next look tells whether it is still needed.
        self.behind &= !(1 << slot);
        match events {
            Ok(events) => {
                let sendings = follow.page(events);
                self.again |= 1 << slot;
                self.send(slot, sendings).await
            }
            Err(error) => {
                let alias = follow.room().alias;
                tracing::warn!(
                    room.alias = alias,
                    error = &error as &dyn std::error::Error,
                    "a page cannot be read"
                );
                self.refuse(slot, RefusedReason::Unavailable).await
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        let follows = self.follows.iter().flatten();
        let following = follows.filter(|follow| follow.is_following());
        let heads = following.map(|follow| {
            let room = follow.room();
            (room.alias, room.state().ring.head())
        });
        let ping = ServerMessage::Ping {
            heads: heads.collect(),
        };
        self.line.feed_message(&ping).await
    }
}

fn closed_by_node(code: u16) -> &'static str {
    match code {
        close::PING_TIMEOUT => "no answer to pings",
        _ => "the server restarts",
    }
}

fn slots_of(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let slot = bits.trailing_zeros() as usize;
        bits &= bits.checked_sub(1)?;
        Some(slot)
    })
}
