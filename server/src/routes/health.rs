//! For operators and their load balancers: is the process alive, may it be given requests.

use axum::extract::State;
use http::StatusCode;

use crate::lifecycle::Lifecycle;
use crate::service::Service;

/// The process answers; restarting it would help nothing.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether requests should be sent here: not while the server stops, not while its store does not answer.
pub async fn readyz(
    State(life): State<Lifecycle>,
    State(service): State<Service>,
) -> (StatusCode, &'static str) {
    if life.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if service.store_answers().await {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        )
    }
}
