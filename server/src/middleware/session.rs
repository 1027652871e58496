//! The session of a request: its cookie's hash, looked up in the store.

use std::sync::Arc;
use std::time::Duration;

use app::api::backend::{Caller, SessionId};
use app::wire::error::{ApiError, ErrorCode};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use http::HeaderMap;

use super::api_errors::error_response;
use super::{ClientAddress, RequestId};
use crate::domain::session::SessionToken;
use crate::storage::SessionStore;

/// How long the store may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// What a request's cookie is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// No cookie of ours.
    Nothing,
    /// A cookie the store does not know.
    Unknown,
    /// A session.
    Session(SessionId),
}

/// Looks sessions up.
#[derive(Debug, Clone)]
pub struct Sessions(Arc<dyn SessionStore>);

/// The layer: puts [`Caller`] into the extensions. A cookie that the store does not know counts as none, so that a
/// session is opened anew; a store that does not answer is a 503, since taking its silence for "no session" would
/// give the user another identity.
pub async fn read_session(
    State(sessions): State<Sessions>,
    mut request: Request,
    next: Next,
) -> Response {
    let address = request.extensions().get::<ClientAddress>().map_or(
        std::net::IpAddr::from([0, 0, 0, 0]),
        |ClientAddress(address)| *address,
    );
    match sessions.presented(request.headers()).await {
        Ok(presented) => {
            let session = match presented {
                Presented::Session(session) => Some(session),
                Presented::Nothing | Presented::Unknown => None,
            };
            request.extensions_mut().insert(Caller { session, address });
            next.run(request).await
        }
        Err(error) => {
            let id = request.extensions().get::<RequestId>().cloned();
            error_response(error, id.as_ref()).into_response()
        }
    }
}

impl Sessions {
    /// Over a store.
    #[must_use]
    pub fn new(store: Arc<dyn SessionStore>) -> Self {
        Self(store)
    }

    /// Looks the request's cookie up.
    ///
    /// # Errors
    /// Unavailable or internal, as told to the client; logged.
    pub async fn presented(&self, headers: &HeaderMap) -> Result<Presented, ApiError> {
        let jar = CookieJar::from_headers(headers);
        let Some(cookie) = jar.get(SessionToken::COOKIE) else {
            return Ok(Presented::Nothing);
        };
        let Ok(token) = cookie.value().parse::<SessionToken>() else {
            return Ok(Presented::Unknown);
        };
        let id = token.id();
        match tokio::time::timeout(LOOKUP_TIMEOUT, self.0.get(&id)).await {
            Ok(Ok(Some(_))) => Ok(Presented::Session(id)),
            Ok(Ok(None)) => Ok(Presented::Unknown),
            Ok(Err(error)) => Err(crate::error::storage(&error)),
            Err(_) => {
                tracing::error!("the sessions' store did not answer in time");
                Err(ApiError::new(
                    ErrorCode::Unavailable,
                    "the server cannot reach its data, try again",
                ))
            }
        }
    }
}
