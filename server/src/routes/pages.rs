//! Pages: what they are given, and the one for what is not there.

use std::sync::Arc;

use app::api::backend::Backend;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderValue, StatusCode};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use crate::middleware::page_policy;
use crate::state::AppState;

/// A page shows who asked for it: no shared cache may keep it, and a browser asks again.
const CACHING: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Provides pages and server functions with the server, and pages with their policy. The nonce is there for pages
/// alone, so that is how they are told apart.
pub fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let backend: Arc<dyn Backend> = Arc::new(state.service.clone());
    let live_reload = state.config.site.live_reload;
    move || {
        provide_context(backend.clone());
        let (Some(nonce), Some(options)) = (use_nonce(), use_context::<ResponseOptions>()) else {
            return;
        };
        options.insert_header(CACHE_CONTROL, CACHING);
        if let Some(policy) = page_policy(&nonce, live_reload) {
            options.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// The document around every page.
pub fn shell(options: &LeptosOptions) -> impl Fn() -> AnyPage + Clone + Send + Sync + 'static {
    let options = options.clone();
    move || leptos::prelude::IntoAny::into_any(app::shell(options.clone()))
}

/// A rendered document of any shape.
pub type AnyPage = leptos::prelude::AnyView;

/// Renders the app for an address that is not one of its pages: its own "not found", with that status.
pub async fn not_found(state: AppState, request: Request<Body>) -> Response {
    let render = leptos_axum::render_app_async_with_context(context(&state), shell(&state.leptos));
    let mut response = render(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
