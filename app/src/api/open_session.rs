//! Opens a session, the identity of a browser.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::request::SessionOpened;

/// Opens a session where the request has none, and sets its cookie.
#[server(name = OpenSession, prefix = "/api", endpoint = "open_session")]
pub async fn open_session() -> Result<SessionOpened, ApiError> {
    let backend = super::backend::backend()?;
    let caller = super::caller::caller()?;
    let (_, fresh) = super::caller::ensure_session(&*backend, &caller).await?;
    Ok(backend.session_opened(fresh))
}
