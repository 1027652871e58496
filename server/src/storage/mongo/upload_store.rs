//! The uploads' records in the collection `uploads`: each change is one update whose filter is the comparison.

use app::api::backend::SessionId;
use app::wire::file::Started;
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId};
use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;

use super::call::{Database, within};
use super::error::CallError;
use super::upload_documents::UploadDocument;
use super::values::{id, int, json};
use crate::domain::upload::{KeyHash, Turn, UploadRecord, UploadState};
use crate::storage::words::state_word;
use crate::storage::{Commit, CommitOutcome, StorageError, UploadCounts, UploadStore};

/// How often a change of state may meet a claim or its undoing before the caller is told to come again.
const ATTEMPTS: u32 = 20;

#[async_trait]
impl UploadStore for Database {
    async fn create(&self, upload: &UploadRecord) -> Result<(), StorageError> {
        match within(self.uploads.insert_one(UploadDocument::new(upload)?)).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_duplicate() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn get(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        Ok(self.upload(doc! { "_id": id(file.0) }).await?)
    }

    async fn by_key(&self, key: &KeyHash) -> Result<Option<UploadRecord>, StorageError> {
        Ok(self.upload(doc! { "key": id(key.0) }).await?)
    }

    async fn by_post(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let order = doc! { "opened_at": 1, "_id": 1 };
        Ok(self
            .some_uploads(of_post(room, owner, nonce), order, None)
            .await?)
    }

    async fn open_in_room(&self, room: &RoomId) -> Result<Vec<UploadRecord>, StorageError> {
        let filter = doc! {
            "room": room.as_str(),
            "state": { "$in": unfinished() },
            "nonce": { "$exists": true },
        };
        let order = doc! { "opened_at": 1, "_id": 1 };
        Ok(self.some_uploads(filter, order, None).await?)
    }

    async fn counts(
        &self,
        session: &SessionId,
        address: &[u8; 8],
    ) -> Result<UploadCounts, StorageError> {
        let open = state_word(UploadState::Open);
        let of_session = doc! { "owner": id(session.0), "state": open };
        let of_address = doc! { "address": id(*address), "state": open };
        let (of_session, of_address) = tokio::try_join!(
            within(self.uploads.count_documents(of_session)),
            within(self.uploads.count_documents(of_address)),
        )?;
        Ok(UploadCounts {
            of_session: u32::try_from(of_session).unwrap_or(u32::MAX),
            of_address: u32::try_from(of_address).unwrap_or(u32::MAX),
        })
    }

    async fn claim(
        &self,
        file: &FileId,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<bool, StorageError> {
        let own = doc! { "_id": id(file.0), "room": room.as_str(), "owner": id(owner.0) };
        let mut free = own.clone();
        free.insert("nonce", doc! { "$exists": false });
        free.insert("state", doc! { "$in": unfinished() });
        let claim = doc! { "$set": { "nonce": id(nonce.0), "unposted": true } };
        if self.change(free, claim).await? {
            return Ok(true);
        }
        let mut claimed = own;
        claimed.insert("nonce", id(nonce.0));
        Ok(self.upload(claimed).await?.is_some())
    }

    /// An ending is for good, so whichever of the two updates fits when it comes, fits.
    async fn unclaim(&self, file: &FileId, nonce: &Nonce) -> Result<(), StorageError> {
        let claimed = |ended: bool| {
            doc! {
                "_id": id(file.0),
                "nonce": id(nonce.0),
                "no": { "$exists": false },
                "ended_at": { "$exists": ended },
            }
        };
        let undo = doc! { "nonce": "", "unposted": "" };
        if !self
            .change(claimed(false), doc! { "$unset": &undo })
            .await?
        {
            let tell = doc! { "$unset": undo, "$set": { "told": true } };
            self.change(claimed(true), tell).await?;
        }
        Ok(())
    }

    async fn posted(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
        no: PostNo,
    ) -> Result<(), StorageError> {
        let mut claimed = of_post(room, owner, nonce);
        claimed.insert("no", doc! { "$exists": false });
        let update = doc! { "$set": { "no": i64::from(no) }, "$unset": { "unposted": "" } };
        within(self.uploads.update_many(claimed, update)).await?;
        Ok(())
    }

    async fn take_turn(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        let open = doc! { "_id": id(file.0), "state": state_word(UploadState::Open) };
        let raise = doc! { "$inc": { "turn": 1_i64 } };
        Ok(self.change_and_read(open, raise).await?)
    }

    async fn set_started(
        &self,
        file: &FileId,
        turn: Turn,
        started: &Started,
    ) -> Result<CommitOutcome, StorageError> {
        let mut open = in_turn(file, turn);
        open.insert("started", doc! { "$exists": false });
        let update = doc! { "$set": { "started": json(started)? } };
        Ok(outcome(self.change(open, update).await?))
    }

    async fn set_size(
        &self,
        file: &FileId,
        turn: Turn,
        size: u64,
    ) -> Result<CommitOutcome, StorageError> {
        let mut open = in_turn(file, turn);
        open.insert("size", doc! { "$exists": false });
        let update = doc! { "$set": { "size": int(size) } };
        Ok(outcome(self.change(open, update).await?))
    }

    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StorageError> {
        if commit.to < commit.from {
            return Ok(CommitOutcome::Lost);
        }
        let mut open = in_turn(&commit.file, commit.turn);
        open.insert("committed", int(commit.from));
        let update = doc! {
            "$set": { "committed": int(commit.to), "tail": id(commit.tail.to_vec()) },
            "$max": { "last_write": commit.at },
        };
        Ok(outcome(self.change(open, update).await?))
    }

    /// Reads, then changes what it read, with the claim as part of the comparison: whether there is somebody to tell
    /// is decided by it.
    async fn transition(
        &self,
        file: &FileId,
        from: &[UploadState],
        to: UploadState,
        sha256: Option<[u8; 32]>,
        at: Millis,
    ) -> Result<Option<UploadRecord>, StorageError> {
        for _ in 0..ATTEMPTS {
            let Some(found) = self.upload(doc! { "_id": id(file.0) }).await? else {
                return Ok(None);
            };
            if !from.contains(&found.state) {
                return Ok(None);
            }
            let same = doc! {
                "_id": id(file.0),
                "state": state_word(found.state),
                "nonce": { "$exists": found.post.is_some() },
            };
            let update = entering(to, found.post.is_some(), sha256, at);
            if let Some(changed) = self.change_and_read(same, update).await? {
                return Ok(Some(changed));
            }
        }
        Err(CallError::Contended.into())
    }

    async fn mark_told(&self, file: &FileId) -> Result<(), StorageError> {
        let update = doc! { "$set": { "told": true } };
        self.change(doc! { "_id": id(file.0) }, update).await?;
        Ok(())
    }

    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        within(self.uploads.delete_one(doc! { "_id": id(file.0) })).await?;
        Ok(())
    }

    async fn unclaimed(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let mut states = unfinished();
        states.push(state_word(UploadState::Done));
        let filter = doc! {
            "state": { "$in": states },
            "opened_at": { "$lt": before },
            "nonce": { "$exists": false },
        };
        Ok(self
            .some_uploads(filter, doc! { "opened_at": 1 }, Some(limit))
            .await?)
    }

    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let filter = doc! { "state": { "$in": unfinished() }, "last_write": { "$lt": before } };
        Ok(self
            .some_uploads(filter, doc! { "last_write": 1 }, Some(limit))
            .await?)
    }

    async fn untold(&self, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let filter = doc! {
            "ended_at": { "$exists": true },
            "told": false,
            "nonce": { "$exists": true },
        };
        Ok(self
            .some_uploads(filter, doc! { "ended_at": 1 }, Some(limit))
            .await?)
    }

    async fn unposted(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let filter = doc! { "unposted": true, "last_write": { "$lt": before } };
        Ok(self
            .some_uploads(filter, doc! { "last_write": 1 }, Some(limit))
            .await?)
    }

    async fn spent(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let filter = doc! {
            "ended_at": { "$exists": true, "$lt": before },
            "told": true,
            "state": { "$ne": state_word(UploadState::Done) },
        };
        Ok(self
            .some_uploads(filter, doc! { "ended_at": 1 }, Some(limit))
            .await?)
    }
}

impl Database {
    async fn upload(&self, filter: Document) -> Result<Option<UploadRecord>, CallError> {
        let found = within(self.uploads.find_one(filter)).await?;
        found.map(UploadDocument::record).transpose()
    }

    /// Records in this order, without their tails, which are up to a chunk each.
    async fn some_uploads(
        &self,
        filter: Document,
        order: Document,
        limit: Option<u32>,
    ) -> Result<Vec<UploadRecord>, CallError> {
        // To MongoDB a limit of 0 is none.
        let limit = match limit {
            Some(0) => return Ok(Vec::new()),
            Some(limit) => i64::from(limit),
            None => 0,
        };
        let find = self
            .uploads
            .find(filter)
            .sort(order)
            .projection(doc! { "tail": 0 })
            .limit(limit);
        let found: Vec<UploadDocument> = within(async { find.await?.try_collect().await }).await?;
        found.into_iter().map(UploadDocument::record).collect()
    }

    /// Whether a record was what the filter says, and is changed.
    async fn change(&self, filter: Document, update: Document) -> Result<bool, CallError> {
        let changed = within(self.uploads.update_one(filter, update)).await?;
        Ok(changed.matched_count == 1)
    }

    async fn change_and_read(
        &self,
        filter: Document,
        update: Document,
    ) -> Result<Option<UploadRecord>, CallError> {
        let change = self
            .uploads
            .find_one_and_update(filter, update)
            .return_document(ReturnDocument::After);
        let changed = within(change).await?;
        changed.map(UploadDocument::record).transpose()
    }
}

/// The update that enters a state.
fn entering(to: UploadState, claimed: bool, sha256: Option<[u8; 32]>, at: Millis) -> Document {
    let ends = to.is_ended();
    let mut set = doc! { "state": state_word(to), "told": ends && !claimed };
    let mut update = Document::new();
    if ends {
        set.insert("ended_at", at);
    } else {
        update.insert("$unset", doc! { "ended_at": "" });
    }
    if ends && to != UploadState::Done {
        set.insert("tail", id(Vec::new()));
    }
    if let Some(hash) = sha256.filter(|_| to == UploadState::Done) {
        set.insert("sha256", id(hash));
    }
    update.insert("$set", set);
    update
}

fn of_post(room: &RoomId, owner: &SessionId, nonce: &Nonce) -> Document {
    doc! { "room": room.as_str(), "nonce": id(nonce.0), "owner": id(owner.0) }
}

fn in_turn(file: &FileId, turn: Turn) -> Document {
    doc! {
        "_id": id(file.0),
        "turn": i64::from(turn),
        "state": state_word(UploadState::Open),
    }
}

/// The states of uploads that go on.
fn unfinished() -> Vec<&'static str> {
    vec![
        state_word(UploadState::Open),
        state_word(UploadState::Finishing),
    ]
}

fn outcome(changed: bool) -> CommitOutcome {
    if changed {
        CommitOutcome::Done
    } else {
        CommitOutcome::Lost
    }
}
