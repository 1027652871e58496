//! `GET, HEAD /files/{file}[/{name}]`: bytes out.

use std::sync::Arc;

use app::wire::ids::FileId;
use axum::body::Body;
use axum::extract::{FromRef, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderMap, Method, header};

use super::refusal::refusal;
use crate::files::{Asked, FileError, Files};
use crate::middleware::RequestId;

/// The name behind the id is for people and for what a browser saves a file as; only the id counts.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Files>: FromRef<S>,
{
    Router::new()
        .route("/files/{file}", get(read))
        .route("/files/{file}/{name}", get(read_named))
}

async fn read_named(
    files: State<Arc<Files>>,
    id: Option<Extension<RequestId>>,
    Path((file, _name)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    read(files, id, Path(file), method, headers).await
}

async fn read(
    State(files): State<Arc<Files>>,
    id: Option<Extension<RequestId>>,
    Path(file): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let asked = Asked {
        head: method == Method::HEAD,
        range: value(header::RANGE),
        if_range: value(header::IF_RANGE),
        if_none_match: value(header::IF_NONE_MATCH),
    };
    let answer = match file.parse::<FileId>() {
        Ok(file) => files.answer(file, asked).await,
        Err(_) => Err(FileError::NotFound),
    };
    match answer {
        Ok(answer) => {
            let body = answer.body.map_or_else(Body::empty, Body::from_stream);
            (answer.status, answer.headers, body).into_response()
        }
        Err(error) => refusal(error.into_api(), id.as_deref()),
    }
}
