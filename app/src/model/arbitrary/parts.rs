//! What messages are made of.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::wire::feed::{Cursor, Progress, RefusedReason};
use crate::wire::file::{
    Attachment, FileKind, FileNotice, FileState, Placeholder, Preview, Started, StopReason,
};
use crate::wire::ids::{Epoch, FileId, Nonce, RoomId};
use crate::wire::limits::Limits;
use crate::wire::room::{Author, PeopleHere, RoomSnapshot, Visibility};

/// A room's id, listed or secret.
pub fn room_id() -> impl Strategy<Value = RoomId> {
    #[expect(clippy::expect_used, reason = "letters and digits of the right length")]
    "[0-9A-Za-z]{8}|[0-9A-Za-z]{22}".prop_map(|text| text.parse().expect("a room id"))
}

/// Limits.
pub fn limits() -> impl Strategy<Value = Limits> {
    let small = any::<[u32; 5]>();
    let large = any::<(u64, u32, u64, u32, u32)>();
    (small, large).prop_map(|(small, large)| Limits {
        text_chars: small[0],
        text_lines: small[1],
        name_chars: small[2],
        title_chars: small[3],
        files_per_post: small[4],
        file_bytes: large.0,
        open_uploads: large.1,
        image_pixels: large.2,
        image_side: large.3,
        room_hours: large.4,
    })
}

/// People in a room.
pub fn people() -> impl Strategy<Value = PeopleHere> {
    (any::<u32>(), vec(author(), 0..4)).prop_map(|(here, named)| PeopleHere { here, named })
}

/// A file as its post announces it.
pub fn file_notice() -> impl Strategy<Value = FileNotice> {
    let size = any::<Option<u64>>();
    (file_id(), text(), size, file_kind(), placeholder()).prop_map(
        |(file, name, size, hint, placeholder)| FileNotice {
            file,
            name,
            size,
            hint,
            placeholder,
        },
    )
}

/// What the first bytes of a file tell.
pub fn started() -> impl Strategy<Value = Started> {
    let how = prop_oneof![
        Just(Preview::Paints),
        Just(Preview::Plays),
        Just(Preview::Waits)
    ];
    (file_kind(), text(), any::<[Option<u32>; 2]>(), how).prop_map(
        |(kind, mime, [width, height], how)| Started {
            kind,
            mime,
            width,
            height,
            how,
        },
    )
}

pub(super) fn snapshot() -> impl Strategy<Value = RoomSnapshot> {
    let visibility = prop_oneof![Just(Visibility::Listed), Just(Visibility::Secret)];
    // Far from both ends of time, so that a log has room to go on.
    let created_at = 0..4_000_000_000_000_i64;
    (room_id(), text(), visibility, created_at, any::<u32>()).prop_map(
        |(room, title, visibility, created_at, ends_after_hours)| RoomSnapshot {
            room,
            title,
            visibility,
            created_at,
            ends_after_hours,
        },
    )
}

pub(super) fn stop_reason() -> impl Strategy<Value = StopReason> {
    prop_oneof![
        Just(StopReason::Cancelled),
        Just(StopReason::Expired),
        Just(StopReason::Invalid)
    ]
}

/// Short, with everything that may trouble a codec.
pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        vec(any::<char>(), 0..6).prop_map(String::from_iter)
    ]
}

pub(super) fn attachment() -> impl Strategy<Value = Attachment> {
    let state = prop_oneof![
        Just(FileState::Waiting),
        Just(FileState::Arriving),
        any::<u64>().prop_map(|size| FileState::Ready { size }),
        stop_reason().prop_map(|reason| FileState::Stopped { reason }),
        Just(FileState::Removed),
    ];
    (file_notice(), option::of(started()), state).prop_map(|(notice, started, state)| Attachment {
        notice,
        started,
        state,
    })
}

pub(super) fn author() -> impl Strategy<Value = Author> {
    (any::<u32>(), option::of(text()), any::<bool>()).prop_map(|(number, name, op)| Author {
        number,
        name,
        op,
    })
}

pub(super) fn placeholder() -> impl Strategy<Value = Placeholder> {
    (
        option::of(text()),
        any::<(Option<u32>, Option<u32>, Option<u64>)>(),
    )
        .prop_map(|(thumbhash, (width, height, duration_ms))| Placeholder {
            thumbhash,
            width,
            height,
            duration_ms,
        })
}

pub(super) fn progress() -> impl Strategy<Value = Progress> {
    (file_id(), any::<u64>(), any::<u64>()).prop_map(|(file, committed, idle_ms)| Progress {
        file,
        committed,
        idle_ms,
    })
}

pub(super) fn file_kind() -> impl Strategy<Value = FileKind> {
    prop_oneof![
        Just(FileKind::Image),
        Just(FileKind::Video),
        Just(FileKind::Audio),
        Just(FileKind::Other)
    ]
}

pub(super) fn refused_reason() -> impl Strategy<Value = RefusedReason> {
    prop_oneof![
        Just(RefusedReason::NoSuchRoom),
        Just(RefusedReason::TooManyRooms),
        Just(RefusedReason::Unavailable)
    ]
}

pub(super) fn cursor() -> impl Strategy<Value = Cursor> {
    (epoch(), any::<u64>()).prop_map(|(epoch, seq)| Cursor { epoch, seq })
}

pub(super) fn epoch() -> impl Strategy<Value = Epoch> {
    any::<[u8; 8]>().prop_map(Epoch)
}

pub(super) fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce)
}

pub(super) fn file_id() -> impl Strategy<Value = FileId> {
    any::<[u8; 16]>().prop_map(FileId)
}
