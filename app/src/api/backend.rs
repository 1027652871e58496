//! What server functions ask of the server: a trait here, implemented there, since `server` depends on `app`.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use leptos::prelude::use_context;

use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::ids::{PostNo, RoomId};
use crate::wire::page::{Page, RoomPage};
use crate::wire::request::{
    Appended, CreatePost, CreateRoom, HistoryQuery, OpenUpload, RoomList, SessionOpened,
    UploadOpened,
};
use crate::wire::room::{Author, RoomSnapshot};

/// SHA-256 of a session's cookie, the name the server knows a session by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub [u8; 32]);

impl std::fmt::Debug for SessionId {
    /// Redacted: a session must never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionId(..)")
    }
}

/// Who makes a request. A layer of the server puts it into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The session of its cookie, if the store has it.
    pub session: Option<SessionId>,
    /// The client's address behind trusted proxies.
    pub address: IpAddr,
}

/// A session just opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its name.
    pub session: SessionId,
    /// Value of the `Set-Cookie` header that hands it to the client.
    pub set_cookie: String,
}

/// The server behind the server functions.
///
/// Every method validates what it is given, is safe to drop at any await (a command once begun is finished by
/// the server, see its nonce) and answers within the server's own time limits.
#[async_trait]
pub trait Backend: Send + Sync + std::fmt::Debug {
    /// Opens a session in the store.
    async fn open_session(&self, caller: &Caller) -> Result<NewSession, ApiError>;
    /// What a client is told with its session.
    fn session_opened(&self, fresh: bool) -> SessionOpened;
    /// Takes a name in a room, or gives it up where `name` is empty. A name is unique in its room.
    async fn rename(
        &self,
        session: SessionId,
        room: RoomId,
        name: String,
    ) -> Result<Author, ApiError>;
    /// Makes a room; its creator is its first participant and OP.
    async fn create_room(
        &self,
        caller: &Caller,
        session: SessionId,
        room: CreateRoom,
    ) -> Result<RoomSnapshot, ApiError>;
    /// The listed rooms with the latest activity, those with the most people first.
    async fn list_rooms(&self) -> Result<RoomList, ApiError>;
    /// Everything the page of a room is rendered from.
    async fn room_page(
        &self,
        caller: &Caller,
        room: RoomId,
        query: HistoryQuery,
    ) -> Result<RoomPage, ApiError>;
    /// Posts of a room.
    async fn load_history(&self, room: RoomId, query: HistoryQuery) -> Result<Page, ApiError>;
    /// Makes a post and claims its files. The same nonce again returns the first result.
    async fn create_post(
        &self,
        caller: &Caller,
        session: SessionId,
        post: CreatePost,
    ) -> Result<Appended, ApiError>;
    /// Removes a post of the caller's own, or any as the creator of its room.
    async fn remove_post(
        &self,
        session: SessionId,
        room: RoomId,
        no: PostNo,
    ) -> Result<Appended, ApiError>;
    /// Changes the text of a post of the caller's own.
    async fn edit_post(
        &self,
        session: SessionId,
        room: RoomId,
        no: PostNo,
        nonce: crate::wire::ids::Nonce,
        text: String,
    ) -> Result<Appended, ApiError>;
    /// Opens an upload for a post to come.
    async fn open_upload(
        &self,
        caller: &Caller,
        session: SessionId,
        upload: OpenUpload,
    ) -> Result<UploadOpened, ApiError>;
}

/// The server, as provided for every page and server function.
///
/// # Errors
/// [`ErrorCode::Internal`] where nothing was provided, a fault of the router.
pub fn backend() -> Result<Arc<dyn Backend>, ApiError> {
    use_context::<Arc<dyn Backend>>()
        .ok_or_else(|| ApiError::new(ErrorCode::Internal, "the server failed"))
}
