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
        let latency_us = started.elapsed().as_micros();
        if is_chatter {
            tracing::debug!(
                http.status = status,
                http.latency_us = latency_us,
                "answered"
            );
        } else {
            tracing::info!(
                http.status = status,
                http.latency_us = latency_us,
                "answered"
            );
        }
        response
    }
    .instrument(span)
    .await
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::patch;
    use tower::ServiceExt;

    use super::log_line;
    use crate::telemetry::lines::Lines;

    #[tokio::test]
    async fn a_line_names_the_route_and_nothing_secret() {
        let lines = Lines::listen();
        let router = Router::new()
            .route("/uploads/{key}", patch(|| async { "" }))
            .layer(from_fn(log_line));
        let request = http::Request::builder()
            .method("PATCH")
            .uri("/uploads/5ec2e7?also=5ec2e7")
            .header("cookie", "streamboard_session=5ec2e7")
            .body(Body::empty())
            .unwrap();
        router.oneshot(request).await.unwrap();
        let said = lines.said();
        assert!(said.contains("http.route=\"/uploads/{key}\""), "{said}");
        assert!(said.contains("http.status=200"), "{said}");
        assert!(!said.contains("5ec2e7"), "{said}");
    }
}
