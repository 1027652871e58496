//! The browser's files: the bundle under its hashed names, and what lies beside it.

use std::convert::Infallible;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use leptos::config::LeptosOptions;
use tower::Service;
use tower_http::services::ServeDir;

/// A hashed name never changes what it stands for.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Without hashes, and for icons: asked again each time, answered by 304.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The bundle, at `/pkg`.
pub fn bundle<S: Clone + Send + Sync + 'static>(options: &LeptosOptions) -> Router<S> {
    let directory = Path::new(&*options.site_root).join(&*options.site_pkg_dir);
    let caching = if options.hash_files {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    let files = Router::new()
        .fallback_service(directory_service(&directory))
        .layer(from_fn(move |request, next| {
            cached(caching.clone(), request, next)
        }));
    Router::new().nest_service(&format!("/{}", options.site_pkg_dir), files)
}

/// What lies beside the bundle, such as icons; where there is no such file, `otherwise` answers.
pub fn beside_bundle<F>(options: &LeptosOptions, otherwise: F) -> Router
where
    F: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    F::Future: Send + 'static,
{
    let files = directory_service(Path::new(&*options.site_root)).fallback(otherwise);
    Router::new()
        .fallback_service(files)
        .layer(from_fn(move |request, next| {
            cached(ASK_AGAIN, request, next)
        }))
}

fn directory_service(directory: &Path) -> ServeDir {
    ServeDir::new(directory)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
}

/// Tells caches what to do with a file that is there; a 404 must not be kept for a year.
async fn cached(caching: HeaderValue, request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_there = response.status().is_success() || response.status().is_redirection();
    if is_there {
        response
            .headers_mut()
            .entry(CACHE_CONTROL)
            .or_insert(caching);
    }
    response
}
