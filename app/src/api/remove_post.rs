//! Removes a post.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::ids::{PostNo, RoomId};
use crate::wire::request::Appended;

/// Removes a post of the caller's own, or any as the room's creator, its text and its files with it. Once more changes
/// nothing.
#[server(name = RemovePost, prefix = "/api", endpoint = "remove_post")]
pub async fn remove_post(room: RoomId, no: PostNo) -> Result<Appended, ApiError> {
    let backend = super::backend::backend()?;
    let session = super::caller::require_session(&super::caller::caller()?)?;
    backend.remove_post(session, room, no).await
}
