//! Makes a post.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::ids::{FileId, Nonce, RoomId};
use crate::wire::request::Appended;

/// Makes a post and claims its files. The same nonce again returns the first result; with another content it
/// is refused. A form without script is sent back to the room.
#[server(name = CreatePost, prefix = "/api", endpoint = "create_post")]
pub async fn create_post(
    room: RoomId,
    nonce: Nonce,
    #[server(default)] text: String,
    #[server(default)] files: Vec<FileId>,
) -> Result<Appended, ApiError> {
    let backend = super::backend::backend()?;
    let caller = super::caller::caller()?;
    let (session, _) = super::caller::ensure_session(&*backend, &caller).await?;
    let back = format!("/r/{room}");
    let post = crate::wire::request::CreatePost {
        room,
        nonce,
        text,
        files,
    };
    let appended = backend.create_post(&caller, session, post).await?;
    super::caller::redirect_form(&format!("{back}#p{}", appended.no));
    Ok(appended)
}
