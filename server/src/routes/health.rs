//! For operators and their load balancers: is the process alive, may it be given requests.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use http::StatusCode;

use crate::lifecycle::Lifecycle;
use crate::storage::RoomStore;

/// How long the store may take to answer.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// The process answers; restarting it would help nothing.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether requests should be sent here: not while the server stops, not while its store does not answer.
pub async fn readyz(
    State(life): State<Lifecycle>,
    State(rooms): State<Arc<dyn RoomStore>>,
) -> (StatusCode, &'static str) {
    if life.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match tokio::time::timeout(PING_TIMEOUT, rooms.listed(1)).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) | Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        ),
    }
}
