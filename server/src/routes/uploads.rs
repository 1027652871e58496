//! Bytes in: `OPTIONS, POST /uploads` and `HEAD, PATCH, PUT, DELETE /uploads/{key}`.
//!
//! Speaks tus 1.0.0 (core, creation, termination), and a plain `PUT` of a whole file, as `curl -T` sends it.
//! <https://tus.io/protocols/resumable-upload>

mod headers;

use std::sync::Arc;

use app::api::backend::{Caller, SessionId};
use app::wire::error::{ApiError, ErrorCode};
use app::wire::file::Placeholder;
use app::wire::ids::UploadKey;
use app::wire::request::OpenUpload;
use axum::body::Body;
use axum::extract::{FromRef, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use axum::{Extension, Json, Router};
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use self::headers as tus;
use super::refusal::refusal;
use crate::middleware::RequestId;
use crate::uploads::{BodyHead, Sent, UploadError, Uploads};

/// The routes.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Uploads>: FromRef<S>,
{
    let collection: MethodRouter<S> = axum::routing::options(options).post(create);
    Router::new()
        .route("/uploads", collection)
        .route("/uploads/{key}", any(upload))
}

/// What the server speaks.
async fn options(State(uploads): State<Arc<Uploads>>) -> Response {
    let mut response = tus::answered(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(tus::VERSION, HeaderValue::from_static(tus::TUS));
    headers.insert(
        tus::EXTENSION,
        HeaderValue::from_static("creation,termination"),
    );
    headers.insert(tus::MAX_SIZE, uploads.limits().file_bytes.into());
    response
}

/// Opens an upload the way tus clients do. The room is named in the metadata. Only a session can post the file
/// later; an upload that was opened without one is never claimed, and goes after a minute.
async fn create(
    State(uploads): State<Arc<Uploads>>,
    Extension(caller): Extension<Caller>,
    id: Option<Extension<RequestId>>,
    headers: HeaderMap,
) -> Response {
    let id = id.as_deref();
    if !tus::speaks_our_version(&headers) {
        return tus::other_version();
    }
    let wanted = match wanted_upload(&headers) {
        Ok(wanted) => wanted,
        Err(error) => return refused(error, id),
    };
    let session = caller.session.unwrap_or_else(|| {
        let mut fresh = [0; 32];
        uploads.fill_random(&mut fresh);
        SessionId(fresh)
    });
    let opened = match uploads.open(session, caller.address, wanted).await {
        Ok(opened) => opened,
        Err(error) => return refused(error, id),
    };
    let mut response = (StatusCode::CREATED, Json(&opened)).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("/uploads/{}", opened.key)) {
        response.headers_mut().insert(LOCATION, location);
    }
    tus::finish(&mut response);
    response
}

fn wanted_upload(headers: &HeaderMap) -> Result<OpenUpload, UploadError> {
    let size = tus::number(headers, &tus::LENGTH)?;
    if size.is_none() {
        return Err(UploadError::Invalid("Upload-Length is missing"));
    }
    let metadata = tus::Metadata::read(headers)?;
    let room = metadata
        .room
        .and_then(|room| room.parse().ok())
        .ok_or(UploadError::Invalid("Upload-Metadata names no room"))?;
    Ok(OpenUpload {
        room,
        name: metadata.filename.unwrap_or_default(),
        size,
        hint: metadata.filetype.as_deref().map(tus::hint),
        placeholder: Placeholder::default(),
    })
}

/// One upload; the method may be named by a header, for clients that cannot send all of them.
async fn upload(
    State(uploads): State<Arc<Uploads>>,
    id: Option<Extension<RequestId>>,
    Path(key): Path<String>,
    request: Request,
) -> Response {
    let id = id.as_deref();
    if !tus::speaks_our_version(request.headers()) {
        return tus::other_version();
    }
    let Ok(key) = key.parse::<UploadKey>() else {
        return refused(UploadError::NotFound, id);
    };
    let method = tus::method(request.method(), request.headers());
    let result = match method {
        Method::HEAD => status(&uploads, &key).await,
        Method::PATCH => patch(&uploads, &key, request).await,
        Method::PUT => put(&uploads, &key, request).await,
        Method::DELETE => uploads
            .cancel(&key)
            .await
            .map(|()| tus::answered(StatusCode::NO_CONTENT)),
        _ => return method_not_allowed(id),
    };
    result.unwrap_or_else(|error| refused(error, id))
}

async fn status(uploads: &Uploads, key: &UploadKey) -> Result<Response, UploadError> {
    let sent = uploads.status(key).await?;
    Ok(told(StatusCode::OK, &sent))
}

/// Bytes at an offset.
async fn patch(
    uploads: &Arc<Uploads>,
    key: &UploadKey,
    request: Request,
) -> Result<Response, UploadError> {
    let headers = request.headers();
    if !tus::is_offset_stream(headers) {
        return Ok(tus::answered(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let offset = tus::number(headers, &tus::OFFSET)?
        .ok_or(UploadError::Invalid("Upload-Offset is missing"))?;
    let length = tus::content_length(headers)?;
    let head = BodyHead {
        offset,
        length,
        last: length.is_none(),
    };
    send(uploads, key, head, request.into_body()).await
}

/// A whole file, or the rest of it from an offset.
async fn put(
    uploads: &Arc<Uploads>,
    key: &UploadKey,
    request: Request,
) -> Result<Response, UploadError> {
    let headers = request.headers();
    let head = BodyHead {
        offset: tus::number(headers, &tus::OFFSET)?.unwrap_or(0),
        length: tus::content_length(headers)?,
        last: true,
    };
    send(uploads, key, head, request.into_body()).await
}

async fn send(
    uploads: &Arc<Uploads>,
    key: &UploadKey,
    head: BodyHead,
    body: Body,
) -> Result<Response, UploadError> {
    let sent = uploads.send(key, head, body.into_data_stream()).await?;
    Ok(told(StatusCode::NO_CONTENT, &sent))
}

/// An answer that says where the upload stands.
fn told(status: StatusCode, sent: &Sent) -> Response {
    let mut response = tus::answered(status);
    let headers = response.headers_mut();
    headers.insert(tus::OFFSET, sent.committed.into());
    match sent.size {
        Some(size) => headers.insert(tus::LENGTH, size.into()),
        None => headers.insert(tus::DEFER_LENGTH, HeaderValue::from(1)),
    };
    response
}

fn refused(error: UploadError, id: Option<&RequestId>) -> Response {
    let committed = error.committed();
    let taken_over = matches!(error, UploadError::TakenOver);
    let mut response = refusal(error.into_api(), id);
    if taken_over {
        // For clients that do not read the body of an error.
        let yes = HeaderValue::from_static("1");
        response.headers_mut().insert(tus::TAKEN_OVER, yes);
    }
    if let Some(committed) = committed {
        response.headers_mut().insert(tus::OFFSET, committed.into());
    }
    tus::finish(&mut response);
    response
}

fn method_not_allowed(id: Option<&RequestId>) -> Response {
    let error = ApiError::new(
        ErrorCode::Invalid,
        "an upload takes HEAD, PATCH, PUT and DELETE",
    );
    let mut response = refusal(error, id);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(
        http::header::ALLOW,
        HeaderValue::from_static("HEAD, PATCH, PUT, DELETE"),
    );
    response.headers_mut().remove(CACHE_CONTROL);
    response
}
