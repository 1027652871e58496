//! The catalog: listed rooms as cards, made at most once a second whoever asks.

use std::collections::HashMap;
use std::time::Duration;

use app::wire::file::{Attachment, FileKind, FileState};
use app::wire::ids::{Epoch, Millis, RoomId, Seq};
use app::wire::page::Post;
use app::wire::request::RoomList;
use app::wire::room::{RoomCard, RoomSnapshot};
use futures::{StreamExt, stream};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Core, timely};
use crate::domain::room::RoomRecord;
use crate::error::ServiceError;
use crate::storage::Head;

/// How old a list may be.
const FRESH: Duration = Duration::from_secs(1);

/// Newest posts of a room that are looked through for its picture and words.
const LOOK_BACK: u32 = 20;

/// Characters of a card's words.
const WORDS: usize = 200;

/// Rooms read at once.
const READS: usize = 8;

/// The list made last, and what each of its rooms had to show at which head: as long as a room's head stands, it
/// is not read again. Bounded by the rooms listed.
#[derive(Debug, Default)]
pub(super) struct Catalog(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    list: Option<(Instant, RoomList)>,
    shown: HashMap<RoomId, Shown>,
}

/// What a room has to show.
#[derive(Debug, Clone)]
struct Shown {
    epoch: Epoch,
    seq: Seq,
    snapshot: RoomSnapshot,
    arriving: u32,
    cover: Option<Attachment>,
    words: Option<String>,
}

impl Core {
    /// Whoever comes while the list is being made waits for it: one read of the store, whatever the crowd.
    pub(super) async fn list_rooms(&self) -> Result<RoomList, ServiceError> {
        let mut cached = self.catalog.0.lock().await;
        if let Some((made, list)) = &cached.list
            && made.elapsed() < FRESH
        {
            return Ok(list.clone());
        }
        let list = self.make_list(&mut cached.shown).await?;
        cached.list = Some((Instant::now(), list.clone()));
        Ok(list)
    }

    async fn make_list(
        &self,
        shown: &mut HashMap<RoomId, Shown>,
    ) -> Result<RoomList, ServiceError> {
        let most = self.settings.limits.listed_rooms;
        let records = timely(self.deps.rooms.listed(most)).await?;
        let ids: Vec<RoomId> = records.iter().map(|record| record.id.clone()).collect();
        let heads: HashMap<_, _> = timely(self.deps.events.heads(&ids))
            .await?
            .into_iter()
            .collect();
        let here = self.people(&ids).await;
        // A record without a log was left by a crash and is no room; one that ended is not listed any more.
        let listed: Vec<_> = records
            .into_iter()
            .zip(here)
            .filter_map(|(record, here)| {
                let head = heads.get(&record.id).copied()?;
                (!head.ended).then_some((record, head, here))
            })
            .collect();
        let known = std::mem::take(shown);
        let mut cards = stream::iter(listed)
            .map(|(record, head, here)| {
                let known = known.get(&record.id).cloned();
                async move { self.card(&record, head, here, known).await }
            })
            .buffered(READS);
        let mut rooms = Vec::new();
        while let Some(made) = cards.next().await {
            let (card, content) = made?;
            shown.insert(card.snapshot.room.clone(), content);
            rooms.push(card);
        }
        // Stable: among rooms with as many people, the one with the latest activity stays first.
        rooms.sort_by_key(|card| std::cmp::Reverse(card.here));
        Ok(RoomList {
            rooms,
            now: self.deps.clock.now(),
            limits: self.settings.limits.wire,
        })
    }

    /// Presence is soft: without it the rooms are listed as empty.
    async fn people(&self, rooms: &[RoomId]) -> Vec<u32> {
        let counts = tokio::time::timeout(super::STORE_WAIT, self.deps.presence.counts(rooms));
        match counts.await {
            Ok(Ok(counts)) if counts.len() == rooms.len() => counts,
            _ => {
                tracing::warn!("presence did not answer, rooms are listed as empty");
                vec![0; rooms.len()]
            }
        }
    }

    async fn card(
        &self,
        record: &RoomRecord,
        head: Head,
        here: u32,
        known: Option<Shown>,
    ) -> Result<(RoomCard, Shown), ServiceError> {
        let is_current = |shown: &Shown| shown.epoch == record.epoch && shown.seq == head.seq;
        let shown = match known.filter(is_current) {
            Some(shown) => shown,
            None => self.shown(record, head).await?,
        };
        let ends_after = Millis::from(shown.snapshot.ends_after_hours) * 3_600_000;
        let card = RoomCard {
            snapshot: shown.snapshot.clone(),
            posts: head.posts,
            here,
            arriving: shown.arriving,
            last_activity: head.at,
            ends_at: head.at.saturating_add(ends_after),
            cover: shown.cover.clone(),
            words: shown.words.clone(),
        };
        Ok((card, shown))
    }

    async fn shown(&self, record: &RoomRecord, head: Head) -> Result<Shown, ServiceError> {
        let snapshot = self.snapshot(&record.id).await?;
        let posts = if head.posts == 0 {
            Vec::new()
        } else {
            let first = head.posts.saturating_sub(LOOK_BACK - 1).max(1);
            self.posts(&record.id, first, head.posts).await?
        };
        let cover = cover(&posts);
        Ok(Shown {
            epoch: record.epoch,
            seq: head.seq,
            snapshot,
            arriving: arriving(&posts),
            words: words(&posts, cover.as_ref()),
            cover,
        })
    }
}

fn arriving(posts: &[Post]) -> u32 {
    let files = posts.iter().flat_map(|post| &post.files);
    let open = files.filter(|file| file.is_open()).count();
    u32::try_from(open).unwrap_or(u32::MAX)
}

/// The files that are there or still come, those of the newest post first.
fn newest_files(posts: &[Post]) -> impl Iterator<Item = &Attachment> {
    let files = posts.iter().rev().flat_map(|post| &post.files);
    files.filter(|file| !matches!(file.state, FileState::Stopped { .. } | FileState::Removed))
}

fn cover(posts: &[Post]) -> Option<Attachment> {
    let mut pictures = newest_files(posts).filter(|file| file.kind() == FileKind::Image);
    pictures.next().cloned()
}

/// The newest text; in a room that has neither one nor a picture to show, the name of the newest file.
fn words(posts: &[Post], cover: Option<&Attachment>) -> Option<String> {
    let mut texts = posts.iter().rev().map(|post| &post.text);
    let words = match texts.find(|text| !text.is_empty()) {
        Some(text) => text,
        None if cover.is_some() => return None,
        None => &newest_files(posts).next()?.notice.name,
    };
    Some(words.chars().take(WORDS).collect())
}
