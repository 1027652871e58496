//! Changes a post's text.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::ids::{Nonce, PostNo, RoomId};
use crate::wire::request::Appended;

/// Changes the text of a post of the caller's own.
#[server(name = EditPost, prefix = "/api", endpoint = "edit_post")]
pub async fn edit_post(
    room: RoomId,
    no: PostNo,
    nonce: Nonce,
    #[server(default)] text: String,
) -> Result<Appended, ApiError> {
    let backend = super::backend::backend()?;
    let session = super::caller::require_session(&super::caller::caller()?)?;
    backend.edit_post(session, room, no, nonce, text).await
}
