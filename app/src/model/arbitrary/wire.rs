//! Every wire type, filled with anything its Rust type can hold: not only what a server would say.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::event::{Event, EventBody};
use crate::wire::feed::{ClientMessage, Cursor, Progress, RefusedReason, ServerMessage};
use crate::wire::file::{
    Attachment, FileKind, FileNotice, FileState, Placeholder, Preview, Started, StopReason,
};
use crate::wire::ids::{Epoch, FileId, Nonce, RoomId, UploadKey};
use crate::wire::limits::Limits;
use crate::wire::page::{Me, Page, Post, RoomPage};
use crate::wire::request::{
    CreatePost, HistoryQuery, OpenUpload, RoomList, SessionOpened, UploadOpened,
};
use crate::wire::room::{Author, PeopleHere, RoomCard, RoomSnapshot, Visibility};

/// A room's id, listed or secret.
pub fn room_id() -> impl Strategy<Value = RoomId> {
    #[expect(clippy::expect_used, reason = "letters and digits of the right length")]
    "[0-9A-Za-z]{8}|[0-9A-Za-z]{22}".prop_map(|text| text.parse().expect("a room id"))
}

/// Any event by itself; [`super::log`] gives events that belong together.
pub fn any_event() -> impl Strategy<Value = Event> {
    let numbers = any::<(u64, u32, u32, i64)>();
    (numbers, nonce(), body()).prop_map(|((seq, no, posts, at), nonce, body)| Event {
        seq,
        no,
        posts,
        at,
        nonce,
        body,
    })
}

/// Any message of a client.
pub fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        (room_id(), option::of(cursor()))
            .prop_map(|(room, since)| ClientMessage::Subscribe { room, since }),
        room_id().prop_map(|room| ClientMessage::Unsubscribe { room }),
        Just(ClientMessage::Pong),
    ]
}

/// Any message of a server.
pub fn server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![
        (text(), any::<u32>(), limits()).prop_map(|(build, ping_s, limits)| {
            ServerMessage::Welcome {
                build,
                ping_s,
                limits,
            }
        }),
        (
            room_id(),
            any::<u32>(),
            epoch(),
            any::<u64>(),
            any::<bool>()
        )
            .prop_map(
                |(room, alias, epoch, head, resumed)| ServerMessage::Subscribed {
                    room,
                    alias,
                    epoch,
                    head,
                    resumed
                }
            ),
        (any::<u32>(), vec(any_event(), 0..4))
            .prop_map(|(alias, events)| ServerMessage::Events { alias, events }),
        (any::<u32>(), vec(progress(), 0..4))
            .prop_map(|(alias, files)| ServerMessage::Progress { alias, files }),
        (any::<u32>(), people())
            .prop_map(|(alias, people)| ServerMessage::Presence { alias, people }),
        vec(any::<(u32, u64)>(), 0..4).prop_map(|heads| ServerMessage::Ping { heads }),
        (room_id(), refused_reason())
            .prop_map(|(room, reason)| ServerMessage::Refused { room, reason }),
    ]
}

/// Any page; [`super::page`] gives the page of a log.
pub fn page_of_anything() -> impl Strategy<Value = Page> {
    let room = (cursor(), snapshot(), any::<(u32, bool, i64)>());
    (room, vec(post(), 0..4), vec(progress(), 0..4)).prop_map(|(room, posts, progress)| {
        let (cursor, room, (posts_total, ended, last_activity)) = room;
        Page {
            cursor,
            room,
            posts_total,
            ended,
            last_activity,
            posts,
            progress,
        }
    })
}

/// Everything a room's page is rendered from.
pub fn room_page() -> impl Strategy<Value = RoomPage> {
    let me =
        (any::<bool>(), option::of(author())).prop_map(|(session, author)| Me { session, author });
    (
        page_of_anything(),
        me,
        nonce(),
        limits(),
        text(),
        any::<i64>(),
    )
        .prop_map(|(page, me, form_nonce, limits, build, now)| RoomPage {
            page,
            me,
            form_nonce,
            limits,
            build,
            now,
        })
}

/// Result of `open_session`.
pub fn session_opened() -> impl Strategy<Value = SessionOpened> {
    (any::<bool>(), limits(), text()).prop_map(|(fresh, limits, build)| SessionOpened {
        fresh,
        limits,
        build,
    })
}

/// Arguments of `create_post`.
pub fn create_post() -> impl Strategy<Value = CreatePost> {
    (room_id(), nonce(), text(), vec(file_id(), 0..4)).prop_map(|(room, nonce, text, files)| {
        CreatePost {
            room,
            nonce,
            text,
            files,
        }
    })
}

/// Arguments of `open_upload`.
pub fn open_upload() -> impl Strategy<Value = OpenUpload> {
    let (hint, size) = (option::of(file_kind()), any::<Option<u64>>());
    (room_id(), text(), size, hint, placeholder()).prop_map(
        |(room, name, size, hint, placeholder)| OpenUpload {
            room,
            name,
            size,
            hint,
            placeholder,
        },
    )
}

/// Result of `open_upload`.
pub fn upload_opened() -> impl Strategy<Value = UploadOpened> {
    (file_id(), any::<[u8; 16]>(), any::<u64>()).prop_map(|(file, key, slice_bytes)| UploadOpened {
        file,
        key: UploadKey(key),
        slice_bytes,
    })
}

/// Arguments of `load_history`.
pub fn history_query() -> impl Strategy<Value = HistoryQuery> {
    any::<(Option<u32>, u32)>().prop_map(|(before, limit)| HistoryQuery { before, limit })
}

/// Result of `list_rooms`.
pub fn room_list() -> impl Strategy<Value = RoomList> {
    (vec(room_card(), 0..4), any::<i64>(), limits()).prop_map(|(rooms, now, limits)| RoomList {
        rooms,
        now,
        limits,
    })
}

/// A room of the catalog.
pub fn room_card() -> impl Strategy<Value = RoomCard> {
    let counts = any::<(u32, u32, u32, i64, i64)>();
    let cover = option::of(attachment());
    (snapshot(), counts, cover, option::of(text())).prop_map(|(snapshot, counts, cover, words)| {
        let (posts, here, arriving, last_activity, ends_at) = counts;
        RoomCard {
            snapshot,
            posts,
            here,
            arriving,
            last_activity,
            ends_at,
            cover,
            words,
        }
    })
}

/// An error as a client sees it.
pub fn api_error() -> impl Strategy<Value = ApiError> {
    let code = prop_oneof![
        Just(ErrorCode::Invalid),
        Just(ErrorCode::NonceReused),
        Just(ErrorCode::Gone),
        Just(ErrorCode::TooMany),
        Just(ErrorCode::Internal),
    ];
    (code, text(), text()).prop_map(|(error, message, request)| ApiError {
        error,
        message,
        request,
    })
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

fn body() -> impl Strategy<Value = EventBody> {
    prop_oneof![
        (author(), text(), vec(file_notice(), 0..3)).prop_map(|(author, text, files)| {
            EventBody::Posted {
                author,
                text,
                files,
            }
        }),
        text().prop_map(|text| EventBody::Edited { text }),
        Just(EventBody::PostRemoved),
        (file_id(), started()).prop_map(|(file, started)| EventBody::FileStarted { file, started }),
        (file_id(), any::<u64>()).prop_map(|(file, size)| EventBody::FileReady { file, size }),
        (file_id(), stop_reason())
            .prop_map(|(file, reason)| EventBody::FileStopped { file, reason }),
        file_id().prop_map(|file| EventBody::FileRemoved { file }),
        author().prop_map(|author| EventBody::ParticipantNamed { author }),
        snapshot().prop_map(|snapshot| EventBody::RoomChanged { snapshot }),
        Just(EventBody::RoomEnded),
        Just(EventBody::Tombstone),
        Just(EventBody::Unknown),
    ]
}

fn post() -> impl Strategy<Value = Post> {
    let numbers = any::<(u32, i64, bool, bool, u64)>();
    let files = vec(attachment(), 0..3);
    (numbers, nonce(), author(), text(), files).prop_map(|(numbers, nonce, author, text, files)| {
        let (no, at, edited, removed, changed) = numbers;
        Post {
            no,
            at,
            nonce,
            author,
            text,
            files,
            edited,
            removed,
            changed,
        }
    })
}

fn attachment() -> impl Strategy<Value = Attachment> {
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

fn author() -> impl Strategy<Value = Author> {
    (any::<u32>(), option::of(text()), any::<bool>()).prop_map(|(number, name, op)| Author {
        number,
        name,
        op,
    })
}

fn placeholder() -> impl Strategy<Value = Placeholder> {
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

fn progress() -> impl Strategy<Value = Progress> {
    (file_id(), any::<u64>(), any::<u64>()).prop_map(|(file, committed, idle_ms)| Progress {
        file,
        committed,
        idle_ms,
    })
}

fn file_kind() -> impl Strategy<Value = FileKind> {
    prop_oneof![
        Just(FileKind::Image),
        Just(FileKind::Video),
        Just(FileKind::Audio),
        Just(FileKind::Other)
    ]
}

fn refused_reason() -> impl Strategy<Value = RefusedReason> {
    prop_oneof![
        Just(RefusedReason::NoSuchRoom),
        Just(RefusedReason::TooManyRooms),
        Just(RefusedReason::Unavailable)
    ]
}

fn cursor() -> impl Strategy<Value = Cursor> {
    (epoch(), any::<u64>()).prop_map(|(epoch, seq)| Cursor { epoch, seq })
}

fn epoch() -> impl Strategy<Value = Epoch> {
    any::<[u8; 8]>().prop_map(Epoch)
}

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce)
}

fn file_id() -> impl Strategy<Value = FileId> {
    any::<[u8; 16]>().prop_map(FileId)
}
