//! Opens an upload.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::file::{FileKind, Placeholder};
use crate::wire::ids::RoomId;
use crate::wire::request::UploadOpened;

/// Opens an upload for a post to come. An upload that no post claims within a minute goes.
#[server(name = OpenUpload, prefix = "/api", endpoint = "open_upload")]
pub async fn open_upload(
    room: RoomId,
    name: String,
    #[server(default)] size: Option<u64>,
    #[server(default)] hint: Option<FileKind>,
    #[server(default)] placeholder: Placeholder,
) -> Result<UploadOpened, ApiError> {
    let backend = super::backend::backend()?;
    let caller = super::caller::caller()?;
    let (session, _) = super::caller::ensure_session(&*backend, &caller).await?;
    let upload = crate::wire::request::OpenUpload {
        room,
        name,
        size,
        hint,
        placeholder,
    };
    backend.open_upload(&caller, session, upload).await
}
