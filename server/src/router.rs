//! Every address the server answers, grouped by who asks. The map of the whole HTTP surface.
//!
//! To add a server function: a file in `app/src/api`, nothing here. To add another address: a line in its group,
//! which decides what is asked of a request before the handler sees it.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use http::StatusCode;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower::service_fn;
use tower_http::compression::CompressionLayer;

use crate::middleware::{
    api_errors, check_origin, client_address, log_line, read_session, request_id, security_headers,
};
use crate::routes::{assets, feed, files, health, pages, uploads};
use crate::state::AppState;

/// The whole surface. Layers from the outermost: request id, log line, security headers, the client's address.
pub fn router(state: AppState) -> Router {
    let trusted: Arc<[_]> = state.config.http.trusted_proxies.clone().into();
    let ids = state.ids.clone();
    Router::new()
        .merge(people(&state))
        .merge(feeds(&state))
        .merge(bytes_in(&state))
        .merge(bytes_out())
        .merge(operators())
        .merge(assets::bundle(&state.leptos))
        .fallback_service(everything_else(&state))
        .layer(from_fn_with_state(trusted, client_address))
        .layer(from_fn(security_headers))
        .layer(from_fn(log_line))
        .layer(from_fn_with_state(ids, request_id))
        .with_state(state)
}

/// People and their programs: `GET /` and `GET /r/{room}`, readable and postable without script, and
/// `POST /api/{server function}`, the public API.
fn people(state: &AppState) -> Router<AppState> {
    let listing = generate_route_list(App);
    let shell = pages::shell(&state.leptos);
    let routes = Router::new()
        .leptos_routes_with_context(state, listing, pages::context(state), shell)
        .route("/api/{*endpoint}", any(StatusCode::NOT_FOUND))
        .layer(from_fn_with_state(state.sessions.clone(), read_session))
        .layer(from_fn(api_errors))
        // Around the layer that mends answers: it must not find them compressed.
        .layer(CompressionLayer::new());
    from_our_origin(routes, state)
}

/// The feed: `GET /feed`, a websocket. Reads its session itself, to tell a client whose cookie is unknown.
fn feeds(state: &AppState) -> Router<AppState> {
    from_our_origin(Router::new().route("/feed", get(feed::feed)), state)
}

/// Bytes in: `OPTIONS, POST /uploads`, `HEAD, PATCH, PUT, DELETE /uploads/{key}`; the method may be named by a header.
fn bytes_in(state: &AppState) -> Router<AppState> {
    let routes = uploads::router().layer(from_fn_with_state(state.sessions.clone(), read_session));
    from_our_origin(routes, state)
}

/// Bytes out: `GET, HEAD /files/{file}` and `/files/{file}/{name}`. Knowing a file's name is the right to read it.
fn bytes_out() -> Router<AppState> {
    files::router()
}

/// Operators: `GET /healthz`, `GET /readyz`.
fn operators() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
}

/// What lies beside the bundle (icons, robots.txt), else the app's own "not found".
fn everything_else(state: &AppState) -> Router {
    let render = state.clone();
    let not_found = service_fn(move |request: Request| {
        let state = render.clone();
        async move { Ok(pages::not_found(state, request).await) }
    });
    assets::beside_bundle(&state.leptos, not_found)
}

/// Refuses what another site's page makes a browser do.
fn from_our_origin(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    let own = state.config.http.public_origin.clone().map(Arc::new);
    routes.layer(from_fn_with_state(own, check_origin))
}
