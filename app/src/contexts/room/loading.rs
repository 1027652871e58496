//! Pages asked for after the first.

use leptos::prelude::*;
use leptos::task::tick;

use super::Room;
use crate::api::{load_history, load_room};
use crate::browser::Guard;
use crate::model::room_sync::{RoomSync, Step};
use crate::wire::error::ApiError;
use crate::wire::feed::Cursor;

/// Tries to get a page that fits what is held, before the reader has to ask again.
const TRIES: usize = 4;

impl Room {
    /// Loads the newest page in place of what is shown, until one fits. `None`: the room has gone from the page.
    ///
    /// # Errors
    /// As `load_room`.
    pub async fn load_again(self) -> Result<Option<Cursor>, ApiError> {
        loop {
            let Some(id) = self.id.try_get_value() else {
                return Ok(None);
            };
            let page = load_room(id, None).await?;
            let Some(step) = self.sync.try_update_value(|sync| sync.reloaded(&page.page)) else {
                return Ok(None);
            };
            if let Step::Changed(_) = step {
                self.until.set(None);
                self.me.set(page.me);
                self.limits.set(page.limits);
                self.draw_all();
                self.count();
                return Ok(Some(self.cursor()));
            }
        }
    }

    /// Loads the posts before those shown. Does nothing while that is under way. `hold` is called right before
    /// they are drawn; what it returns is dropped once they are in the document.
    ///
    /// # Errors
    /// As `load_history`.
    pub async fn load_older(self, hold: impl Fn() -> Guard) -> Result<(), ApiError> {
        let before = self
            .numbers
            .with_untracked(|numbers| numbers.first().copied())
            .filter(|first| *first > 1);
        if before.is_none() || self.loading_older.get_untracked() {
            return Ok(());
        }
        self.loading_older.set(true);
        let mut result = Ok(());
        for _ in 0..TRIES {
            self.sync.update_value(RoomSync::older_asked);
            let page = load_history(self.id(), before, None).await;
            if self.is_gone() {
                return Ok(());
            }
            match page {
                Ok(page)
                    if self.sync.try_update_value(|sync| sync.absorb_older(&page))
                        == Some(true) =>
                {
                    let held = hold();
                    self.draw_all();
                    tick().await;
                    drop(held);
                    break;
                }
                Ok(_) => {}
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        self.loading_older.set(false);
        result
    }
}
