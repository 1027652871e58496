//! One span a request and one line a response: method, route, status, latency. Never a raw path, it may carry an
//! upload's key or a secret room's name.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument;

use super::RequestId;

/// Routes asked every few seconds by machines; told at level debug.
const CHATTER: [&str; 2] = ["/healthz", "/readyz"];

/// The layer; latency runs to the head of the response, bodies may follow a file for hours.
pub async fn log_line(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let is_chatter = CHATTER.contains(&route.as_str());
    let id = request.extensions().get::<RequestId>().cloned();
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        request.id = id.as_ref().map(RequestId::as_str),
        http.method = %method,
        http.route = route,
    );
    async move {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
        if is_chatter {
            tracing::debug!(
                http.status = status,
                http.latency_ms = latency_ms,
                "answered"
            );
        } else {
            tracing::info!(
                http.status = status,
                http.latency_ms = latency_ms,
                "answered"
            );
        }
        response
    }
    .instrument(span)
    .await
}
