//! How the record of an upload stands in the collection `uploads`.

use app::api::backend::SessionId;
use app::wire::ids::{FileId, Nonce};
use mongodb::bson::Binary;
use serde::{Deserialize, Serialize};

use super::error::CallError;
use super::values::{array, binary, from_json, int, json, number, room};
use crate::domain::upload::{Claim, KeyHash, UploadRecord};
use crate::storage::words::{state, state_word};

/// An upload's record. What is absent is absent in the document too, never null: indexes and filters count on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct UploadDocument {
    #[serde(rename = "_id")]
    pub(super) file: Binary,
    key: Binary,
    room: String,
    owner: Binary,
    address: Binary,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<i64>,
    hint: String,
    placeholder: String,
    chunk_size: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<Binary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    no: Option<i64>,
    /// Set while a claimed upload's post has no number, for the sweeper's index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unposted: Option<bool>,
    turn: i64,
    pub(super) state: String,
    committed: i64,
    /// Absent where it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tail: Option<Binary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<Binary>,
    opened_at: i64,
    last_write: i64,
    /// When its state became an ending, for the sweeper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<i64>,
    told: bool,
}

impl UploadDocument {
    pub(super) fn new(upload: &UploadRecord) -> Result<Self, CallError> {
        let no = upload.post.and_then(|claim| claim.no);
        Ok(Self {
            file: binary(upload.file.0),
            key: binary(upload.key.0),
            room: upload.room.as_str().to_owned(),
            owner: binary(upload.owner.0),
            address: binary(upload.address),
            name: upload.name.clone(),
            size: upload.size.map(int),
            hint: json(&upload.hint)?,
            placeholder: json(&upload.placeholder)?,
            chunk_size: i64::from(upload.chunk_size),
            nonce: upload.post.map(|claim| binary(claim.nonce.0)),
            no: no.map(i64::from),
            unposted: (upload.post.is_some() && no.is_none()).then_some(true),
            turn: i64::from(upload.turn),
            state: state_word(upload.state).to_owned(),
            committed: int(upload.committed),
            tail: Some(binary(upload.tail.to_vec())),
            started: upload.started.as_ref().map(json).transpose()?,
            sha256: upload.sha256.map(binary),
            opened_at: upload.opened_at,
            last_write: upload.last_write,
            ended_at: upload.state.is_ended().then_some(upload.last_write),
            told: upload.told,
        })
    }

    pub(super) fn record(self) -> Result<UploadRecord, CallError> {
        let post = match &self.nonce {
            Some(nonce) => Some(Claim {
                nonce: Nonce(array(nonce, "upload's nonce")?),
                no: self.no.map(|no| number(no, "upload's post")).transpose()?,
            }),
            None => None,
        };
        Ok(UploadRecord {
            file: FileId(array(&self.file, "upload's file")?),
            key: KeyHash(array(&self.key, "upload's key")?),
            room: room(&self.room)?,
            owner: SessionId(array(&self.owner, "upload's owner")?),
            address: array(&self.address, "upload's address")?,
            name: self.name,
            size: self
                .size
                .map(|size| number(size, "upload's size"))
                .transpose()?,
            hint: from_json(&self.hint, "upload's hint")?,
            placeholder: from_json(&self.placeholder, "upload's placeholder")?,
            chunk_size: number(self.chunk_size, "upload's chunk size")?,
            post,
            turn: number(self.turn, "upload's turn")?,
            state: state(&self.state).ok_or(CallError::corrupt("upload's state"))?,
            committed: number(self.committed, "upload's length")?,
            tail: self.tail.map(|tail| tail.bytes.into()).unwrap_or_default(),
            started: self
                .started
                .map(|started| from_json(&started, "upload's first bytes"))
                .transpose()?,
            sha256: self
                .sha256
                .map(|hash| array(&hash, "upload's hash"))
                .transpose()?,
            opened_at: self.opened_at,
            last_write: self.last_write,
            told: self.told,
        })
    }
}
