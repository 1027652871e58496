//! A connection's place in one room: where its client stands, and what it is to be sent next.

use std::sync::Arc;

use app::wire::event::Event;
use app::wire::feed::{Cursor, RefusedReason, ServerMessage};
use app::wire::ids::Seq;
use tokio::time::Instant;

use super::frames::{Codec, Outgoing};
use super::room::Membership;
use super::state::{Phase, RoomState};
use super::syncs::SyncNo;
use super::{presence, progress, ring};

/// Events taken from a ring at once, before other rooms and the client get their turn.
const EVENTS_AT_ONCE: usize = 64;

/// About how many bytes of events go into one frame of a page.
const FRAME_BYTES: usize = 16 * 1024;

/// One room of one connection.
#[derive(Debug)]
pub(super) struct Follow {
    membership: Membership,
    standing: Standing,
    /// Tells this subscription from the ones before it on the same connection.
    token: u64,
    /// Subscriptions to answer: every one is, so that a client that moved its cursor twice knows which events
    /// follow which. Bounded by the rate at which a client may speak.
    unanswered: u32,
    progress_seen: u64,
    presence_seen: Option<u64>,
}

#[derive(Debug)]
enum Standing {
    /// Waits for the room, or for the read of the store that is to confirm what is known.
    Joining {
        since: Option<Cursor>,
        read: Option<SyncNo>,
    },
    /// Gets every event after `cursor`.
    Following { generation: u32, cursor: Seq },
    /// Was told to start over; gets nothing until it subscribes again.
    Stale,
}

/// Something to send; what is shared is encoded when it is sent.
#[derive(Debug)]
pub(super) enum Sending {
    Message(ServerMessage),
    Event(Arc<ring::Told>),
    Progress(Arc<progress::Telling>),
    Presence(Arc<presence::Telling>),
}

/// What a look at a room gave.
#[derive(Debug)]
pub(super) struct Step {
    /// To be sent in this order.
    pub(super) sendings: Vec<Sending>,
    /// What comes after it.
    pub(super) then: Then,
}

/// What comes after what is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Nothing until the room wakes the connection.
    Wait,
    /// Another look.
    More,
    /// A page from the store: the ring no longer has what comes next.
    Read,
    /// The end of the subscription.
    Refused(RefusedReason),
}

impl Follow {
    /// Enters a room with what the client has.
    pub(super) fn new(membership: Membership, since: Option<Cursor>, token: u64) -> Self {
        Self {
            membership,
            standing: Standing::Joining { since, read: None },
            token,
            unanswered: 1,
            progress_seen: 0,
            presence_seen: None,
        }
    }

    /// Moves the cursor: what is under way for the former one is not sent.
    pub(super) fn restart(&mut self, since: Option<Cursor>, token: u64) {
        self.standing = Standing::Joining { since, read: None };
        self.token = token;
        self.unanswered += 1;
        self.progress_seen = 0;
        self.presence_seen = None;
    }

    pub(super) fn room(&self) -> &Arc<super::room::Room> {
        &self.membership.room
    }

    pub(super) fn token(&self) -> u64 {
        self.token
    }

    /// The last event sent.
    pub(super) fn cursor(&self) -> Option<Seq> {
        match self.standing {
            Standing::Following { cursor, .. } => Some(cursor),
            _ => None,
        }
    }

    /// How many subscriptions a refusal answers.
    pub(super) fn refusals(&self) -> u32 {
        self.unanswered.max(1)
    }

    /// Whether events are sent.
    pub(super) fn is_following(&self) -> bool {
        matches!(self.standing, Standing::Following { .. })
    }

    /// Encodes something of this room.
    pub(super) fn encode(&self, sending: &Sending, codec: Codec) -> Outgoing {
        let alias = self.room().alias;
        match sending {
            Sending::Message(message) => codec.encode(message),
            Sending::Event(told) => told.encode(codec, alias),
            Sending::Progress(telling) => telling.encode(codec, alias),
            Sending::Presence(telling) => telling.encode(codec, alias),
        }
    }

    /// Takes what there is to send. Right after `Subscribed` come progress and presence, before the events.
    pub(super) fn step(&mut self) -> Step {
        let room = Arc::clone(&self.membership.room);
        let mut state = room.state();
        let mut sendings = Vec::new();
        match state.phase {
            Phase::Loading => return Step::of(sendings, Then::Wait),
            Phase::Failed(reason) => return Step::of(sendings, Then::Refused(reason)),
            Phase::Live => {}
        }
        let asks = match self.join(&mut state, &mut sendings) {
            Ok(asks) => asks,
            Err(reason) => return Step::of(sendings, Then::Refused(reason)),
        };
        let mut events = Vec::new();
        let then = self.pull(&mut state, &mut events);
        let mut soft = self
            .progress(&state)
            .map(Sending::Progress)
            .into_iter()
            .collect::<Vec<_>>();
        drop(state);
        if asks {
            room.log_work.notify_one();
        }
        soft.extend(self.presence().map(Sending::Presence));
        let joined = !sendings.is_empty();
        let (first, second) = if joined {
            (soft, events)
        } else {
            (events, soft)
        };
        sendings.extend(first);
        sendings.extend(second);
        Step::of(sendings, then)
    }

    /// Lets the client in once what is known was confirmed by the store. Says whether a read was asked for.
    fn join(
        &mut self,
        state: &mut RoomState,
        sendings: &mut Vec<Sending>,
    ) -> Result<bool, RefusedReason> {
        let Standing::Joining { since, read } = &mut self.standing else {
            return Ok(false);
        };
        let read = *read.get_or_insert_with(|| {
            let fresh = self.membership.room.settings.fresh;
            match since {
                // The page may be of a node that knows of the new log already.
                Some(since) if since.epoch != state.epoch => state.syncs.ask_with_record(),
                // The store may be ahead of the bus.
                Some(since) if since.seq > state.end() => state.syncs.ask(),
                _ => state.syncs.ask_unless_fresh(Instant::now(), fresh),
            }
        });
        match state.syncs.outcome(read) {
            None => {
                state.joiners.insert(self.membership.no);
                return Ok(true);
            }
            Some(false) => return Err(RefusedReason::Unavailable),
            Some(true) => {}
        }
        let cursor = self.judge(state);
        self.standing = match cursor {
            Some(cursor) => Standing::Following {
                generation: state.generation,
                cursor,
            },
            None => Standing::Stale,
        };
        for _ in 0..std::mem::take(&mut self.unanswered) {
            sendings.push(self.subscribed(state, cursor.is_some()));
        }
        Ok(false)
    }

    /// Where to go on from; `None` if the client has to start over.
    fn judge(&self, state: &RoomState) -> Option<Seq> {
        let end = state.end();
        match self.standing {
            Standing::Joining { since: None, .. } => Some(end),
            Standing::Joining {
                since: Some(since), ..
            } => {
                let behind = end.checked_sub(since.seq)?;
                let most = self.membership.room.settings.resume_events;
                (since.epoch == state.epoch && behind <= most).then_some(since.seq)
            }
            _ => None,
        }
    }

    fn subscribed(&self, state: &RoomState, resumed: bool) -> Sending {
        let room = self.room();
        Sending::Message(ServerMessage::Subscribed {
            room: room.id.clone(),
            alias: room.alias,
            epoch: state.epoch,
            head: state.end(),
            resumed,
        })
    }

    fn pull(&mut self, state: &mut RoomState, events: &mut Vec<Sending>) -> Then {
        let Standing::Following { generation, cursor } = &mut self.standing else {
            return Then::Wait;
        };
        let most = self.membership.room.settings.resume_events;
        let behind = state.ring.head().saturating_sub(*cursor);
        if *generation != state.generation || behind > most {
            self.standing = Standing::Stale;
            events.push(self.subscribed(state, false));
            return Then::Wait;
        }
        let Some(told) = state.ring.after(*cursor, EVENTS_AT_ONCE) else {
            return Then::Read;
        };
        let full = told.len() == EVENTS_AT_ONCE;
        if let Some(last) = told.last() {
            *cursor = last.event.seq;
        }
        events.extend(told.into_iter().map(Sending::Event));
        if full { Then::More } else { Then::Wait }
    }

    fn progress(&mut self, state: &RoomState) -> Option<Arc<progress::Telling>> {
        if !self.is_following() {
            return None;
        }
        let (version, telling) = state.board.news(self.progress_seen, Instant::now());
        self.progress_seen = version;
        telling
    }

    fn presence(&mut self) -> Option<Arc<presence::Telling>> {
        if !self.is_following() {
            return None;
        }
        let room = Arc::clone(self.room());
        let (version, telling) = room.here().news(self.presence_seen, &room.settings);
        self.presence_seen = Some(version);
        telling
    }

    /// Takes a page that was read for this subscription: events right after its cursor, at least one.
    pub(super) fn page(&mut self, events: Vec<Event>) -> Vec<Sending> {
        let alias = self.room().alias;
        let room = Arc::clone(self.room());
        let state = room.state();
        let Standing::Following { generation, cursor } = &mut self.standing else {
            return Vec::new();
        };
        let fits = events.first().is_some_and(|first| first.seq == *cursor + 1);
        if *generation != state.generation || !fits {
            return Vec::new();
        }
        *cursor += events.len() as Seq;
        drop(state);
        let frames = in_frames(events).into_iter();
        frames
            .map(|events| Sending::Message(ServerMessage::Events { alias, events }))
            .collect()
    }
}

impl Step {
    fn of(sendings: Vec<Sending>, then: Then) -> Self {
        Self { sendings, then }
    }
}

/// Divides a page into frames of about [`FRAME_BYTES`], each with at least one event.
fn in_frames(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut frames: Vec<Vec<Event>> = Vec::new();
    let mut bytes = FRAME_BYTES;
    for event in events {
        bytes += ring::weight(&event);
        match frames.last_mut() {
            Some(frame) if bytes <= FRAME_BYTES => frame.push(event),
            _ => {
                bytes = ring::weight(&event);
                frames.push(vec![event]);
            }
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::super::tests::events::posted;
    use super::in_frames;

    #[test]
    fn a_page_is_divided_in_order_by_bytes() {
        let events: Vec<_> = (1..=20)
            .map(|seq| posted(seq, 1, &"x".repeat(4_000)))
            .collect();
        let frames = in_frames(events.clone());
        assert!(frames.len() >= 5 && frames.iter().all(|frame| (1..=4).contains(&frame.len())));
        assert_eq!(frames.concat(), events);
        assert_eq!(in_frames(vec![posted(1, 1, &"x".repeat(40_000))]).len(), 1);
        assert!(in_frames(Vec::new()).is_empty());
    }
}
