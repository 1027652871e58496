//! Every message, filled with anything its Rust type can hold: not only what a server would say.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::parts::{
    attachment, author, cursor, epoch, file_id, file_kind, file_notice, limits, nonce, people,
    placeholder, progress, refused_reason, room_id, snapshot, started, stop_reason, text,
};
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::event::{Event, EventBody};
use crate::wire::feed::{ClientMessage, ServerMessage};
use crate::wire::ids::UploadKey;
use crate::wire::page::{Me, Page, Post, RoomPage};
use crate::wire::request::{
    CreatePost, HistoryQuery, OpenUpload, RoomList, SessionOpened, UploadOpened,
};
use crate::wire::room::RoomCard;

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
    let parts = (code, text(), text(), any::<Option<u32>>());
    parts.prop_map(|(error, message, request, retry_after)| ApiError {
        error,
        message,
        request,
        retry_after,
    })
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
