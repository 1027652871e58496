//! The line.
use super::FeedEvent;
use crate::wire::feed::Cursor;
use crate::wire::ids::RoomId;
use std::rc::Rc;

pub(super) struct Inner {
    on: Rc<dyn Fn(FeedEvent)>,
}

impl Inner {
    pub(super) fn start(on: Rc<dyn Fn(FeedEvent)>) -> Rc<Self> {
        Rc::new(Self { on })
    }
    pub(super) fn subscribe(&self, _room: RoomId, _since: Option<Cursor>) {}
    pub(super) fn unsubscribe(&self, _room: &RoomId) {}
    pub(super) fn set_cursor(&self, _room: &RoomId, _cursor: Cursor) {}
    pub(super) fn retry_now(&self) {}
    pub(super) fn close(&self) {}
}
