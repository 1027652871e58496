//! Gives every request an id: in its log lines, in `x-request-id`, in the body of errors.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

use crate::ids::IdSource;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Id of a request: 16 hex digits. Always ours, whatever the client sends, so that nobody can confuse the log.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The layer.
pub async fn request_id(
    State(ids): State<Arc<dyn IdSource>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut bytes = [0; 8];
    ids.fill(&mut bytes);
    let id = RequestId(app::wire::hex::encode(&bytes).into());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
