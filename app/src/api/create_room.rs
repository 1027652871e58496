//! Makes a room.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::room::{RoomSnapshot, Visibility};

/// Makes a room; its creator is its first participant and OP. A form without script is sent to the room.
#[server(name = CreateRoom, prefix = "/api", endpoint = "create_room")]
pub async fn create_room(title: String, visibility: Visibility) -> Result<RoomSnapshot, ApiError> {
    let backend = super::backend::backend()?;
    let caller = super::caller::caller()?;
    let (session, _) = super::caller::ensure_session(&*backend, &caller).await?;
    let room = crate::wire::request::CreateRoom { title, visibility };
    let snapshot = backend.create_room(&caller, session, room).await?;
    super::caller::redirect_form(&format!("/r/{}", snapshot.room));
    Ok(snapshot)
}
