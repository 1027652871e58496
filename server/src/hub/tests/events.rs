//! Events, uploads and people made up for tests.

use app::api::backend::SessionId;
use app::wire::event::{Event, EventBody};
use app::wire::file::{FileKind, FileNotice, Placeholder};
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId, Seq};
use app::wire::room::Author;
use bytes::Bytes;

use crate::domain::upload::{Claim, KeyHash, UploadRecord, UploadState};

pub(in crate::hub) fn event(seq: Seq, no: PostNo, body: EventBody) -> Event {
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&seq.to_le_bytes());
    Event {
        seq,
        no,
        posts: no,
        at: Millis::try_from(seq).unwrap(),
        nonce: Nonce(nonce),
        body,
    }
}

pub(in crate::hub) fn author(number: u32, name: Option<&str>) -> Author {
    Author {
        number,
        name: name.map(str::to_owned),
        op: false,
    }
}

pub(in crate::hub) fn posted(seq: Seq, no: PostNo, text: &str) -> Event {
    let body = EventBody::Posted {
        author: author(1, None),
        text: text.into(),
        files: Vec::new(),
    };
    event(seq, no, body)
}

pub(in crate::hub) fn posted_files(seq: Seq, no: PostNo, files: &[u8]) -> Event {
    let notice = |n: &u8| FileNotice {
        file: file(*n),
        name: format!("{n}.jpg"),
        size: Some(100),
        hint: FileKind::Image,
        placeholder: Placeholder::default(),
    };
    let body = EventBody::Posted {
        author: author(1, None),
        text: String::new(),
        files: files.iter().map(notice).collect(),
    };
    event(seq, no, body)
}

pub(in crate::hub) fn edited(seq: Seq, no: PostNo, text: &str) -> Event {
    event(seq, no, EventBody::Edited { text: text.into() })
}

pub(in crate::hub) fn removed(seq: Seq, no: PostNo) -> Event {
    event(seq, no, EventBody::PostRemoved)
}

pub(in crate::hub) fn file(n: u8) -> FileId {
    FileId([n; 16])
}

pub(in crate::hub) fn session(n: u8) -> SessionId {
    SessionId([n; 32])
}

pub(in crate::hub) fn room_id(n: usize) -> RoomId {
    format!("room{n:04}").parse().unwrap()
}

/// An open upload of room 0's post 1.
pub(in crate::hub) fn upload(n: u8, committed: u64, last_write: Millis) -> UploadRecord {
    UploadRecord {
        file: file(n),
        key: KeyHash([n; 32]),
        room: room_id(0),
        owner: session(1),
        address: [0; 8],
        name: format!("{n}.jpg"),
        size: Some(100),
        hint: FileKind::Image,
        placeholder: Placeholder::default(),
        chunk_size: 64,
        post: Some(Claim {
            nonce: Nonce([n; 16]),
            no: Some(1),
        }),
        turn: 1,
        state: UploadState::Open,
        committed,
        tail: Bytes::new(),
        started: None,
        sha256: None,
        opened_at: 0,
        last_write,
        told: false,
    }
}
