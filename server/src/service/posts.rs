//! Posting, editing, removing.

use app::api::backend::{Caller, SessionId};
use app::wire::error::ErrorCode;
use app::wire::event::Event;
use app::wire::file::{FileKind, FileNotice, Placeholder};
use app::wire::ids::{FileId, Nonce, PostNo, RoomId};
use app::wire::request::{Appended, CreatePost};
use app::wire::room::Author;
use app::wire::text;

use super::{Core, timely};
use crate::domain::entry::Source;
use crate::error::ServiceError;
use crate::log::{AppendError, Command, Draft, Precondition, server_nonce};
use crate::storage::PostRef;

impl Core {
    /// Joins, claims, appends, notes; each step may be repeated by the same nonce, and the sweeper finishes what a
    /// crash leaves between two of them. A repetition is answered before anything that could refuse it.
    pub(super) async fn create_post(
        &self,
        caller: &Caller,
        session: SessionId,
        post: CreatePost,
    ) -> Result<Appended, ServiceError> {
        let CreatePost {
            room,
            nonce,
            text,
            files,
        } = post;
        let text = text::post_text(&text, &self.settings.limits.wire)?;
        if text.is_empty() && files.is_empty() {
            return Err(ServiceError::refused(
                ErrorCode::Invalid,
                "a post needs a text or a file",
            ));
        }
        if self.is_repeated(&room, session, &nonce).await? {
            return self.repeat_post(room, session, nonce, text, &files).await;
        }
        self.rates.post(caller, session)?;
        let record = self.open_room(&room).await?;
        let is_owner = record.owner == session;
        let participant = timely(self.deps.participants.join(&room, &session, is_owner)).await?;
        let uploads = &self.deps.uploads;
        let draft = Draft::Posted {
            author: participant.author(),
            text,
            files: uploads.claim(&room, &session, &nonce, &files).await?,
        };
        let posted = Command::user(room.clone(), session, nonce, draft, Precondition::RoomOpen);
        match self.deps.log.append(posted).await {
            Ok(event) => {
                self.note_posted(&room, &session, &event, &files).await;
                Ok(appended(&event))
            }
            Err(error) => {
                let given = match &error {
                    AppendError::NonceReused => self.note_first(&room, session, &nonce).await,
                    refusal => {
                        let given = uploads.give_back(&nonce, &files, refusal).await;
                        given.map_err(ServiceError::from)
                    }
                };
                if let Err(failure) = given {
                    let error: &dyn std::error::Error = &failure;
                    tracing::warn!(error, "files of a refused post wait for the sweeper");
                }
                Err(error.into())
            }
        }
    }

    /// Changes the text of a post of the session's own; a post without files keeps a text.
    pub(super) async fn edit_post(
        &self,
        session: SessionId,
        room: RoomId,
        no: PostNo,
        nonce: Nonce,
        text: &str,
    ) -> Result<Appended, ServiceError> {
        let text = text::post_text(text, &self.settings.limits.wire)?;
        if !self.is_repeated(&room, session, &nonce).await? {
            self.rates.change(session)?;
            if text.is_empty() {
                self.check_has_files(&room, no).await?;
            }
        }
        let precondition = self.own_post(&room, &session).await?;
        let draft = Draft::Edited { no, text };
        let edited = Command::user(room, session, nonce, draft, precondition);
        Ok(appended(&self.deps.log.append(edited).await?))
    }

    /// Removes a post: its author may, and the owner of its room. The nonce is derived, so once more is the same
    /// command, also after the room's end: the log answers with the first event.
    pub(super) async fn remove_post(
        &self,
        session: SessionId,
        room: RoomId,
        no: PostNo,
    ) -> Result<Appended, ServiceError> {
        let nonce = server_nonce(
            "remove_post",
            &[&session.0, room.as_str().as_bytes(), &no.to_be_bytes()],
        );
        let precondition = if self.is_repeated(&room, session, &nonce).await?
            || self.open_room(&room).await?.owner == session
        {
            Precondition::PostExists
        } else {
            self.own_post(&room, &session).await?
        };
        let draft = Draft::PostRemoved { no };
        let removed = Command::user(room.clone(), session, nonce, draft, precondition);
        let event = self.deps.log.append(removed).await?;
        self.carry_removal_through(&room, no).await;
        Ok(appended(&event))
    }

    /// Takes the files of a removed post away, then its words. The post is gone whatever comes of it.
    async fn carry_removal_through(&self, room: &RoomId, no: PostNo) {
        if let Err(error) = self.try_removal(room, no).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "a removed post waits for the sweeper");
        }
    }

    async fn try_removal(&self, room: &RoomId, no: PostNo) -> Result<(), ServiceError> {
        // The first entry is the one that made the post, also as what a redaction that broke off left of it: whose
        // command, and which, by which its files are found.
        let entries = timely(self.deps.events.posts(room, no, no)).await?;
        if let Some(made) = entries.first()
            && let Source::Session(author) = &made.source
        {
            let nonce = &made.event.nonce;
            let uploads = &self.deps.uploads;
            uploads.remove_post_files(room, author, nonce).await?;
        }
        // Last, since it clears the mark that the sweeper finds the removal by.
        let post = PostRef {
            room: room.clone(),
            no,
        };
        timely(self.deps.events.redact(&post)).await?;
        Ok(())
    }

    async fn is_repeated(
        &self,
        room: &RoomId,
        session: SessionId,
        nonce: &Nonce,
    ) -> Result<bool, ServiceError> {
        let source = Source::Session(session);
        let first = timely(self.deps.events.by_nonce(room, &source, nonce)).await?;
        Ok(first.is_some())
    }

    /// The first result of a command whose nonce is in the log, or "nonce reused": the log tells which, by what was
    /// asked for alone. Author and captions are no part of that and left blank; nothing is appended.
    async fn repeat_post(
        &self,
        room: RoomId,
        session: SessionId,
        nonce: Nonce,
        text: String,
        files: &[FileId],
    ) -> Result<Appended, ServiceError> {
        let draft = Draft::Posted {
            author: Author::nobody(),
            text,
            files: files.iter().map(blank_notice).collect(),
        };
        let again = Command::user(room.clone(), session, nonce, draft, Precondition::RoomOpen);
        let event = self.deps.log.append(again).await?;
        self.note_posted(&room, &session, &event, files).await;
        Ok(appended(&event))
    }

    /// After another command under this nonce was first: its post keeps the files that it shows, and the others that
    /// were claimed are free again.
    async fn note_first(
        &self,
        room: &RoomId,
        session: SessionId,
        nonce: &Nonce,
    ) -> Result<(), ServiceError> {
        let source = Source::Session(session);
        let first = timely(self.deps.events.by_nonce(room, &source, nonce)).await?;
        if let Some(first) = first {
            let uploads = &self.deps.uploads;
            uploads.posted(room, &session, &first.event).await?;
        }
        Ok(())
    }

    /// Tells the uploads the number of their post. The post stands whatever comes of it.
    async fn note_posted(
        &self,
        room: &RoomId,
        session: &SessionId,
        post: &Event,
        files: &[FileId],
    ) {
        if files.is_empty() {
            return;
        }
        if let Err(error) = self.deps.uploads.posted(room, session, post).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "files of a post wait for the sweeper");
        }
    }

    /// Lets through what concerns a post of the session's own.
    async fn own_post(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Precondition, ServiceError> {
        let participant = timely(self.deps.participants.get(room, session)).await?;
        match participant {
            Some(participant) => Ok(Precondition::PostOf(participant.number)),
            None => {
                self.open_room(room).await?;
                Err(AppendError::NotYours.into())
            }
        }
    }

    async fn check_has_files(&self, room: &RoomId, no: PostNo) -> Result<(), ServiceError> {
        let posts = self.posts(room, no, no).await?;
        if posts
            .first()
            .is_some_and(|post| post.files.is_empty() && !post.removed)
        {
            return Err(ServiceError::refused(
                ErrorCode::Invalid,
                "a post needs a text or a file",
            ));
        }
        Ok(())
    }
}

fn appended(event: &Event) -> Appended {
    Appended {
        no: event.no,
        seq: event.seq,
    }
}

fn blank_notice(file: &FileId) -> FileNotice {
    FileNotice {
        file: *file,
        name: String::new(),
        size: None,
        hint: FileKind::Other,
        placeholder: Placeholder::default(),
    }
}
