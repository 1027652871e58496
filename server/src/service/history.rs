//! Pages of a room: the head first, then the posts, folded.

use app::api::backend::Caller;
use app::model::room::{RoomView, apply};
use app::wire::error::ErrorCode;
use app::wire::event::EventBody;
use app::wire::feed::{Cursor, Progress};
use app::wire::file::Attachment;
use app::wire::ids::{FileId, PostNo, RoomId};
use app::wire::page::{Me, Page, Post, RoomPage};
use app::wire::request::HistoryQuery;
use app::wire::room::RoomSnapshot;

use super::{Core, no_such_room, timely};
use crate::error::ServiceError;

impl Core {
    /// The head is read before the posts: what is appended in between may be in the posts already, and applying it
    /// again when the feed brings it changes nothing. The other way round it would be lost.
    pub(super) async fn page(
        &self,
        room: &RoomId,
        query: HistoryQuery,
    ) -> Result<Page, ServiceError> {
        check(query)?;
        let record = timely(self.deps.rooms.get(room)).await?;
        let record = record.ok_or_else(no_such_room)?;
        let head = timely(self.deps.events.head(room)).await?;
        let head = head.ok_or_else(no_such_room)?;
        let snapshot = self.snapshot(room).await?;
        let posts = match range(query, head.posts) {
            Some((first, last)) => self.posts(room, first, last).await?,
            None => Vec::new(),
        };
        let progress = self.progress(room, &posts).await?;
        Ok(Page {
            cursor: Cursor {
                epoch: record.epoch,
                seq: head.seq,
            },
            room: snapshot,
            posts_total: head.posts,
            ended: head.ended,
            last_activity: head.at,
            posts,
            progress,
        })
    }

    pub(super) async fn room_page(
        &self,
        caller: &Caller,
        room: &RoomId,
        query: HistoryQuery,
    ) -> Result<RoomPage, ServiceError> {
        let page = self.page(room, query).await?;
        let participant = match &caller.session {
            Some(session) => timely(self.deps.participants.get(room, session)).await?,
            None => None,
        };
        Ok(RoomPage {
            page,
            me: Me {
                session: caller.session.is_some(),
                author: participant.map(|participant| participant.author()),
            },
            form_nonce: self.deps.ids.nonce(),
            limits: self.settings.limits.wire,
            build: self.settings.build.clone(),
            now: self.deps.clock.now(),
        })
    }

    pub(super) async fn snapshot(&self, room: &RoomId) -> Result<RoomSnapshot, ServiceError> {
        let entry = timely(self.deps.events.snapshot(room)).await?;
        match entry.map(|entry| entry.event.body) {
            Some(EventBody::RoomChanged { snapshot }) => Ok(snapshot),
            _ => Err(no_such_room()),
        }
    }

    /// Posts `first..=last`, as they stand.
    pub(super) async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Post>, ServiceError> {
        let entries = timely(self.deps.events.posts(room, first, last)).await?;
        let mut view = RoomView::default();
        for entry in &entries {
            apply(&mut view, &entry.event);
        }
        Ok(view.posts.into_values().collect())
    }

    /// How far the open files among `posts` are.
    async fn progress(&self, room: &RoomId, posts: &[Post]) -> Result<Vec<Progress>, ServiceError> {
        let open: Vec<FileId> = posts
            .iter()
            .flat_map(|post| &post.files)
            .filter(|file| Attachment::is_open(file))
            .map(|file| file.notice.file)
            .collect();
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.deps.clock.now();
        let uploads = timely(self.deps.upload_records.open_in_room(room)).await?;
        Ok(uploads
            .into_iter()
            .filter(|upload| open.contains(&upload.file))
            .map(|upload| Progress {
                file: upload.file,
                committed: upload.committed,
                idle_ms: u64::try_from(now - upload.last_write).unwrap_or(0),
            })
            .collect())
    }
}

fn check(query: HistoryQuery) -> Result<(), ServiceError> {
    let most = HistoryQuery::MOST;
    if !(1..=most).contains(&query.limit) {
        return Err(ServiceError::refused(
            ErrorCode::Invalid,
            format!("limit is {}, it must be 1 to {most}", query.limit),
        ));
    }
    if query.before == Some(0) {
        return Err(ServiceError::refused(
            ErrorCode::Invalid,
            "posts are numbered from 1",
        ));
    }
    Ok(())
}

/// The posts a query asks for in a room of `posts`; `None` if there are none. A page before a post that is yet to
/// come is the newest page.
fn range(query: HistoryQuery, posts: u32) -> Option<(PostNo, PostNo)> {
    let last = query.before.map_or(posts, |before| posts.min(before - 1));
    let first = last.saturating_sub(query.limit - 1).max(1);
    (last > 0).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(before: Option<u32>, limit: u32, posts: u32) -> Option<(u32, u32)> {
        range(HistoryQuery { before, limit }, posts)
    }

    #[test]
    fn pages_meet_without_overlap() {
        assert_eq!(asked(None, 50, 120), Some((71, 120)));
        assert_eq!(asked(Some(71), 50, 120), Some((21, 70)));
        assert_eq!(asked(Some(21), 50, 120), Some((1, 20)));
        assert_eq!(asked(Some(1), 50, 120), None);
        assert_eq!(asked(None, 50, 0), None);
        assert_eq!(asked(Some(u32::MAX), 1, 3), Some((3, 3)));
    }

    #[test]
    fn a_query_that_makes_no_sense_is_refused() {
        let refused = |before, limit| check(HistoryQuery { before, limit }).is_err();
        assert!(refused(None, 0) && refused(None, 201) && refused(Some(0), 50));
        assert!(!refused(Some(1), 200));
    }
}
