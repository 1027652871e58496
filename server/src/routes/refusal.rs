//! How the routes of bytes refuse: the one shape of errors, never kept by a cache.

use app::wire::error::ApiError;
use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;

use crate::middleware::{RequestId, error_response};

/// The answer for an error.
pub(super) fn refusal(error: ApiError, id: Option<&RequestId>) -> Response {
    let mut response = error_response(error, id);
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
