//! Records with random names, so that no two cases meet.

use app::api::backend::SessionId;
use app::wire::event::{Event, EventBody};
use app::wire::file::{FileKind, FileNotice, Placeholder, Preview, Started};
use app::wire::ids::{Epoch, FileId, Millis, Nonce, PostNo, RoomId, Seq};
use app::wire::room::{Author, RoomSnapshot, Visibility};
use bytes::Bytes;

use crate::domain::entry::{CommandHash, Entry, Source};
use crate::domain::room::RoomRecord;
use crate::domain::upload::{KeyHash, UploadRecord, UploadState};
use crate::ids::{IdSource, SystemIds};

/// The time around which the cases play.
pub(super) const NOON: Millis = 1_800_000_000_000;

pub(super) fn ids() -> &'static dyn IdSource {
    &SystemIds
}

pub(super) fn room() -> RoomId {
    ids().room(Visibility::Listed)
}

pub(super) fn nonce() -> Nonce {
    ids().nonce()
}

pub(super) fn session() -> SessionId {
    SessionId(ids().session_token())
}

pub(super) fn room_record(visibility: Visibility) -> RoomRecord {
    RoomRecord {
        id: ids().room(visibility),
        epoch: ids().epoch(),
        visibility,
        owner: session(),
        created_at: NOON,
        last_activity: NOON,
        ended: false,
    }
}

pub(super) fn epoch() -> Epoch {
    ids().epoch()
}

/// An entry with a nonce of its own, from a session of its own.
pub(super) fn entry(room: &RoomId, seq: Seq, no: PostNo, body: EventBody) -> Entry {
    Entry {
        room: room.clone(),
        source: Source::Session(session()),
        command: CommandHash([7; 16]),
        event: Event {
            seq,
            no,
            posts: no,
            at: NOON + Millis::try_from(seq).unwrap_or_default(),
            nonce: nonce(),
            body,
        },
    }
}

pub(super) fn posted(room: &RoomId, seq: Seq, no: PostNo) -> Entry {
    let body = EventBody::Posted {
        author: author(),
        text: format!("post {no}"),
        files: vec![notice()],
    };
    entry(room, seq, no, body)
}

pub(super) fn edited(room: &RoomId, seq: Seq, no: PostNo) -> Entry {
    let body = EventBody::Edited {
        text: format!("post {no}, better"),
    };
    entry(room, seq, no, body)
}

pub(super) fn changed(room: &RoomId, seq: Seq, title: &str) -> Entry {
    let snapshot = RoomSnapshot {
        room: room.clone(),
        title: title.to_owned(),
        visibility: Visibility::Listed,
        created_at: NOON,
        ends_after_hours: 72,
    };
    entry(room, seq, 0, EventBody::RoomChanged { snapshot })
}

pub(super) fn author() -> Author {
    Author {
        number: 3,
        name: Some("Ada \u{1F469}\u{200D}\u{1F680}".to_owned()),
        op: true,
    }
}

pub(super) fn notice() -> FileNotice {
    FileNotice {
        file: ids().file(),
        name: "a \"photo\".jpg".to_owned(),
        size: Some(1 << 40),
        hint: FileKind::Image,
        placeholder: placeholder(),
    }
}

pub(super) fn placeholder() -> Placeholder {
    Placeholder {
        thumbhash: Some("1d0a".to_owned()),
        width: Some(640),
        height: Some(480),
        duration_ms: None,
    }
}

pub(super) fn started() -> Started {
    Started {
        kind: FileKind::Image,
        mime: "image/jpeg".to_owned(),
        width: Some(640),
        height: None,
        how: Preview::Paints,
    }
}

/// An open upload of a new session, that nobody claimed and that has no byte yet.
pub(super) fn upload(room: &RoomId) -> UploadRecord {
    let owner = session();
    let [a, b, c, d, e, f, g, h, ..] = owner.0;
    UploadRecord {
        file: ids().file(),
        key: KeyHash(ids().session_token()),
        room: room.clone(),
        owner,
        address: [a, b, c, d, e, f, g, h],
        name: "a \"photo\".jpg".to_owned(),
        size: Some(1_000),
        hint: FileKind::Image,
        placeholder: placeholder(),
        chunk_size: 64,
        post: None,
        turn: 0,
        state: UploadState::Open,
        committed: 0,
        tail: Bytes::new(),
        started: None,
        sha256: None,
        opened_at: NOON,
        last_write: NOON,
        told: false,
    }
}

/// The files of records, to compare lists without regard to other data.
pub(super) fn files(uploads: &[UploadRecord]) -> Vec<FileId> {
    uploads.iter().map(|upload| upload.file).collect()
}
