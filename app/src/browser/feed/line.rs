//! The line itself: one socket at a time, what it is asked for, and when it is tried again.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen_futures::spawn_local;

use super::plan::{self, Next};
use super::socket::{Socket, SocketEvent};
use super::{FeedEvent, Line};
use crate::browser::host::Guard;
use crate::browser::page::{
    is_online, now_ms, on_offline, on_online, on_visibility, random, timeout,
};
use crate::wire::codec;
use crate::wire::feed::{ClientMessage, Cursor, ServerMessage, close};
use crate::wire::ids::RoomId;

/// Code by which a browser tells that the line broke without a goodbye. RFC 6455, section 7.4.1
const BROKEN: u16 = 1006;

pub(super) struct Inner {
    me: Weak<Inner>,
    on: Rc<dyn Fn(FeedEvent)>,
    /// Rooms followed, in the order they were asked for, with the cursor to resume from.
    rooms: RefCell<Vec<(RoomId, Option<Cursor>)>>,
    socket: RefCell<Option<Socket>>,
    /// The socket's number: what a socket of before still says is not heard.
    turn: Cell<u32>,
    /// When the server greeted on this socket.
    greeted: Cell<Option<i64>>,
    heard: Cell<i64>,
    ping_s: Cell<u32>,
    failures: Cell<u32>,
    /// The server wants no further tries by itself.
    refused: Cell<bool>,
    closed: Cell<bool>,
    /// The next try, or the watch over a silent line.
    timer: RefCell<Guard>,
    listeners: RefCell<Vec<Guard>>,
}

impl Inner {
    pub(super) fn start(on: Rc<dyn Fn(FeedEvent)>) -> Rc<Self> {
        let inner = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            on,
            rooms: RefCell::default(),
            socket: RefCell::default(),
            turn: Cell::new(0),
            greeted: Cell::new(None),
            heard: Cell::new(0),
            ping_s: Cell::new(plan::PING_S),
            failures: Cell::new(0),
            refused: Cell::new(false),
            closed: Cell::new(false),
            timer: RefCell::default(),
            listeners: RefCell::default(),
        });
        *inner.listeners.borrow_mut() = vec![
            on_online(inner.later(Self::network_came)),
            on_offline(inner.later(Self::network_went)),
            on_visibility({
                let seen = inner.later(Self::seen);
                move |visible| {
                    if visible {
                        seen();
                    }
                }
            }),
        ];
        inner.retry_now();
        inner
    }

    pub(super) fn subscribe(&self, room: RoomId, since: Option<Cursor>) {
        let mut rooms = self.rooms.borrow_mut();
        let since = if let Some((_, cursor)) = rooms.iter_mut().find(|(known, _)| *known == room) {
            *cursor = since.or(*cursor);
            *cursor
        } else {
            rooms.push((room.clone(), since));
            since
        };
        drop(rooms);
        self.say(&ClientMessage::Subscribe { room, since });
    }

    pub(super) fn unsubscribe(&self, room: &RoomId) {
        self.rooms.borrow_mut().retain(|(known, _)| known != room);
        self.say(&ClientMessage::Unsubscribe { room: room.clone() });
    }

    pub(super) fn set_cursor(&self, room: &RoomId, cursor: Cursor) {
        let mut rooms = self.rooms.borrow_mut();
        if let Some((_, known)) = rooms.iter_mut().find(|(known, _)| known == room) {
            *known = Some(cursor);
        }
    }

    /// Opens from a task of its own, so that nothing is told from within the caller.
    pub(super) fn retry_now(&self) {
        let me = Weak::clone(&self.me);
        spawn_local(async move {
            if let Some(inner) = me.upgrade() {
                inner.open();
            }
        });
    }

    pub(super) fn close(&self) {
        self.closed.set(true);
        self.turn.set(self.turn.get() + 1);
        drop(self.timer.take());
        self.listeners.take();
        self.socket.take();
    }

    fn open(&self) {
        if self.closed.get() || self.socket.borrow().is_some() {
            return;
        }
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        self.refused.set(false);
        self.greeted.set(None);
        self.heard.set(now_ms());
        let me = Weak::clone(&self.me);
        let socket = Socket::open(move |event| {
            if let Some(inner) = me.upgrade()
                && inner.turn.get() == turn
            {
                inner.happened(event);
            }
        });
        let opened = socket.is_some();
        *self.socket.borrow_mut() = socket;
        self.tell(FeedEvent::Line(Line::Connecting));
        if opened {
            self.watch(plan::GREETING_MS);
        } else {
            self.ended(BROKEN);
        }
    }

    fn happened(&self, event: SocketEvent) {
        match event {
            SocketEvent::Opened => {
                // The greeting need not be waited for: the server reads from the first moment.
                for (room, since) in self.rooms.borrow().iter().cloned() {
                    self.say(&ClientMessage::Subscribe { room, since });
                }
            }
            SocketEvent::Message(bytes) => {
                self.heard.set(now_ms());
                match codec::from_postcard(&bytes) {
                    Ok(message) => self.heard_message(message),
                    Err(codec::Undecodable) => self.ended(close::PROTOCOL),
                }
            }
            SocketEvent::Closed(code) => self.ended(code),
        }
    }

    fn heard_message(&self, message: ServerMessage) {
        match &message {
            ServerMessage::Welcome { ping_s, .. } => {
                self.ping_s.set(*ping_s);
                self.greeted.set(Some(now_ms()));
                self.watch(plan::silence_ms(*ping_s));
                self.tell(FeedEvent::Line(Line::Open));
            }
            ServerMessage::Ping { .. } => self.say(&ClientMessage::Pong),
            _ => {}
        }
        self.tell(FeedEvent::Message(message));
    }

    /// The line is over: lets the socket go and plans the next.
    fn ended(&self, code: u16) {
        self.turn.set(self.turn.get() + 1);
        self.socket.take();
        let good = self
            .greeted
            .take()
            .is_some_and(|since| now_ms() - since >= plan::GOOD_MS);
        let failures = if good { 0 } else { self.failures.get() };
        self.failures.set(failures.saturating_add(1));
        match plan::after(code, failures, random()) {
            Next::Refused(code) => {
                self.refused.set(true);
                drop(self.timer.take());
                self.tell(FeedEvent::Line(Line::Refused(code)));
            }
            Next::Retry(ms) => {
                *self.timer.borrow_mut() = timeout(ms, self.later(Self::open));
                self.tell(FeedEvent::Line(Line::Lost { retry_in_ms: ms }));
            }
        }
    }

    /// Ends the line if it is still silent in `ms` milliseconds, counted from when it was last heard.
    fn watch(&self, ms: u32) {
        *self.timer.borrow_mut() = timeout(ms, self.later(Self::check));
    }

    fn check(&self) {
        if self.socket.borrow().is_none() {
            return;
        }
        let allowed = if self.greeted.get().is_some() {
            plan::silence_ms(self.ping_s.get())
        } else {
            plan::GREETING_MS
        };
        let silent = u32::try_from(now_ms() - self.heard.get()).unwrap_or(0);
        match allowed.checked_sub(silent) {
            None | Some(0) => self.ended(BROKEN),
            Some(rest) => self.watch(rest),
        }
    }

    /// A new network: whatever the old one carried is dead, even if nobody said so.
    fn network_came(&self) {
        self.failures.set(0);
        if self.socket.take().is_some() {
            self.turn.set(self.turn.get() + 1);
            self.greeted.set(None);
        }
        if !self.refused.get() {
            self.open();
        }
    }

    fn network_went(&self) {
        if self.socket.borrow().is_some() {
            self.ended(BROKEN);
        }
    }

    /// Timers of a hidden page may have slept: look at the line now.
    fn seen(&self) {
        if self.socket.borrow().is_some() {
            self.check();
        } else if !self.refused.get() && is_online() {
            self.open();
        }
    }

    fn say(&self, message: &ClientMessage) {
        if let Some(socket) = &*self.socket.borrow() {
            socket.send(&codec::to_postcard(message));
        }
    }

    fn tell(&self, event: FeedEvent) {
        if !self.closed.get() {
            (self.on)(event);
        }
    }

    /// A callback that does nothing once the feed is gone.
    fn later(&self, act: impl Fn(&Self) + 'static) -> impl Fn() + 'static {
        let me = Weak::clone(&self.me);
        move || {
            if let Some(inner) = me.upgrade() {
                act(&inner);
            }
        }
    }
}
