//! The one shape of errors under `/api`: `{ "error", "message", "request", "retry_after" }` with the right status.
//!
//! The framework answers every error of a server function with 500, bad arguments without a content type, an
//! endpoint it does not know with 405 or nothing. This layer reads the body first, bounded, and mends the answer;
//! the redirect of a form without script is left alone.

use std::time::Duration;

use app::wire::error::{ApiError, ErrorCode};
use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use http_body_util::LengthLimitError;

use super::RequestId;

/// Bytes of arguments taken; a post of 4,000 characters needs 48 KB at most.
const MOST_ARGUMENTS: usize = 2 * 1024 * 1024;

/// How long a client may take to send its arguments.
const ARGUMENTS_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a server function may take; what it began is finished all the same, and the same nonce tells.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes of an error's body; ours are far smaller.
const MOST_ERROR: usize = 64 * 1024;

/// Where the layer acts; the framework registers pages and server functions in one go.
const PREFIX: &str = "/api/";

/// The layer.
pub async fn api_errors(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(PREFIX) {
        return next.run(request).await;
    }
    let mut response = answered(request, next).await;
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(no_store);
    response
}

async fn answered(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let request = match buffered(request).await {
        Ok(request) => request,
        Err(error) => return error_response(error, id.as_ref()),
    };
    let Ok(response) = tokio::time::timeout(ANSWER_TIMEOUT, next.run(request)).await else {
        let error = ApiError::new(
            ErrorCode::Unavailable,
            "the server took too long, try again",
        );
        return error_response(error, id.as_ref());
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        mend(response, id.as_ref()).await
    } else {
        response
    }
}

/// The request with its whole body at hand.
async fn buffered(request: Request) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(ARGUMENTS_TIMEOUT, to_bytes(body, MOST_ARGUMENTS));
    match read.await {
        Ok(Ok(bytes)) if is_text(&bytes) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Ok(_)) => Err(ApiError::new(
            ErrorCode::Invalid,
            "the arguments are not text in UTF-8",
        )),
        Ok(Err(error)) if is_too_long(&error) => Err(ApiError::new(
            ErrorCode::TooLarge,
            format!("arguments may have {MOST_ARGUMENTS} bytes"),
        )),
        Ok(Err(_)) | Err(_) => Err(ApiError::new(
            ErrorCode::Invalid,
            "the arguments did not arrive in full",
        )),
    }
}

/// Whether a form is UTF-8 before and after its escapes are resolved; the framework would put a mark in the place of
/// what is not, and the post would not be what was sent.
fn is_text(form: &[u8]) -> bool {
    percent_encoding::percent_decode(form).decode_utf8().is_ok()
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<LengthLimitError>())
}

/// The same error in the one shape.
async fn mend(response: Response, id: Option<&RequestId>) -> Response {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MOST_ERROR).await.unwrap_or_default();
    let error = told(&body).unwrap_or_else(|| from_status(parts.status));
    let mut mended = error_response(error, id);
    if parts.status == StatusCode::METHOD_NOT_ALLOWED {
        *mended.status_mut() = parts.status;
    }
    // Cookies set on the way stay set.
    for (name, value) in &parts.headers {
        if !mended.headers().contains_key(name) && name != CONTENT_LENGTH {
            mended.headers_mut().append(name, value.clone());
        }
    }
    mended
}

/// The error a server function told, if it told one. `Network` means "no answer" and is never the server's to say:
/// the framework uses it for arguments that are not UTF-8.
fn told(body: &Bytes) -> Option<ApiError> {
    let error: ApiError = serde_json::from_slice(body).ok()?;
    Some(match error.error {
        ErrorCode::Network => ApiError::new(ErrorCode::Invalid, "the arguments cannot be read"),
        _ => error,
    })
}

/// What the framework's own status means here.
fn from_status(status: StatusCode) -> ApiError {
    match status {
        StatusCode::NOT_FOUND => ApiError::new(ErrorCode::NotFound, "there is no such endpoint"),
        StatusCode::METHOD_NOT_ALLOWED => {
            ApiError::new(ErrorCode::Invalid, "this endpoint takes POST")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(ErrorCode::TooLarge, "the arguments are too long")
        }
        status if status.is_client_error() => {
            ApiError::new(ErrorCode::Invalid, "the arguments cannot be read")
        }
        _ => {
            tracing::error!(
                http.status = status.as_u16(),
                "an endpoint failed without an error"
            );
            ApiError::new(ErrorCode::Internal, "the server failed")
        }
    }
}

/// An error as a response.
#[must_use]
pub fn error_response(mut error: ApiError, id: Option<&RequestId>) -> Response {
    if let Some(id) = id {
        error.request = id.as_str().to_owned();
    }
    let status =
        StatusCode::from_u16(error.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error.retry_after = error.retry_after.or_else(|| retry_after(error.error));
    let retry_after = error.retry_after;
    let mut response = (status, Json(error)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// Seconds after which trying again is worth it, where whoever refused does not know better.
fn retry_after(code: ErrorCode) -> Option<u32> {
    match code {
        ErrorCode::TooMany => Some(1),
        ErrorCode::Unavailable => Some(2),
        _ => None,
    }
}
