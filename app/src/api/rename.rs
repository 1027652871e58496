//! Takes a name in a room.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::ids::RoomId;
use crate::wire::room::Author;

/// Takes `name` in `room`, or gives the name up where it is empty. A name is unique in its room.
#[server(name = Rename, prefix = "/api", endpoint = "rename")]
pub async fn rename(room: RoomId, #[server(default)] name: String) -> Result<Author, ApiError> {
    let backend = super::backend::backend()?;
    let caller = super::caller::caller()?;
    let (session, _) = super::caller::ensure_session(&*backend, &caller).await?;
    backend.rename(session, room, name).await
}
