//! Who calls a server function, and the answers that need HTTP: the session's cookie, a form's redirect.

use http::header::{ACCEPT, HeaderValue, SET_COOKIE};
use http::request::Parts;
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use super::backend::{Backend, Caller, SessionId};
use crate::wire::error::{ApiError, ErrorCode};

/// Who makes this request.
pub(super) fn caller() -> Result<Caller, ApiError> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Caller>().copied())
        .ok_or_else(|| ApiError::new(ErrorCode::Internal, "the server failed"))
}

/// The caller's session; one is opened, and its cookie set, where there is none. Says whether it is fresh.
pub(super) async fn ensure_session(
    backend: &dyn Backend,
    caller: &Caller,
) -> Result<(SessionId, bool), ApiError> {
    if let Some(session) = caller.session {
        return Ok((session, false));
    }
    let opened = backend.open_session(caller).await?;
    let cookie = HeaderValue::from_str(&opened.set_cookie)
        .map_err(|_| ApiError::new(ErrorCode::Internal, "the server failed"))?;
    expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    Ok((opened.session, true))
}

/// The caller's session.
///
/// # Errors
/// Forbidden where there is none: who has no session has nothing to change.
pub(super) fn require_session(caller: &Caller) -> Result<SessionId, ApiError> {
    caller
        .session
        .ok_or_else(|| ApiError::new(ErrorCode::Forbidden, "there is no session, open one first"))
}

/// Sends a form without script to `path`; a script gets its result as usual.
pub(super) fn redirect_form(path: &str) {
    let is_form = use_context::<Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    });
    if is_form {
        leptos_axum::redirect(path);
    }
}
