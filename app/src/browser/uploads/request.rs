//! Requests by `XMLHttpRequest`: the only way that tells progress everywhere and works over HTTP/1.1.

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, Event, ProgressEvent, XmlHttpRequest};

use super::answer::Answer;
use crate::browser::host;
use crate::wire::ids::UploadKey;

/// Longest wait for the answer to a request without a body.
const BARE_MS: u32 = 15_000;

/// Headers of every PATCH beside its offset.
pub(super) const PATCH_HEADERS: [(&str, &str); 2] = [
    ("Tus-Resumable", "1.0.0"),
    ("Content-Type", "application/offset+octet-stream"),
];

/// Where an upload is sent.
pub(super) fn address(key: UploadKey) -> String {
    format!("/uploads/{key}")
}

/// Asks where the upload stands.
pub(super) async fn head(key: UploadKey, stop: &AbortSignal) -> Answer {
    bare("HEAD", key, Some(stop)).await.unwrap_or_default()
}

/// Tells the server to drop the upload.
pub(super) async fn delete(key: UploadKey) -> Answer {
    bare("DELETE", key, None).await.unwrap_or_default()
}

/// Sends `slice` as the bytes from `offset` on; `progress` hears how many of them were handed to the network.
pub(super) async fn patch(
    key: UploadKey,
    offset: u64,
    slice: &Blob,
    progress: impl Fn(u64) + 'static,
    stop: &AbortSignal,
) -> Answer {
    let sent = async {
        let request = open("PATCH", key)?;
        for (name, value) in PATCH_HEADERS {
            request.set_request_header(name, value).ok()?;
        }
        request
            .set_request_header("Upload-Offset", &offset.to_string())
            .ok()?;
        let upload = request.upload().ok()?;
        let _progress = host::listen(&upload, "progress", move |event: ProgressEvent| {
            progress(whole(event.loaded()));
        });
        finish(&request, Some(slice), Some(stop)).await
    };
    sent.await.unwrap_or_default()
}

async fn bare(method: &str, key: UploadKey, stop: Option<&AbortSignal>) -> Option<Answer> {
    let request = open(method, key)?;
    request.set_request_header("Tus-Resumable", "1.0.0").ok()?;
    request.set_timeout(BARE_MS);
    finish(&request, None, stop).await
}

fn open(method: &str, key: UploadKey) -> Option<XmlHttpRequest> {
    let request = XmlHttpRequest::new().ok()?;
    request.open_with_async(method, &address(key), true).ok()?;
    Some(request)
}

async fn finish(
    request: &XmlHttpRequest,
    body: Option<&Blob>,
    stop: Option<&AbortSignal>,
) -> Option<Answer> {
    if stop.is_some_and(AbortSignal::aborted) {
        return None;
    }
    let _stopping = stop.map(|stop| {
        let request = request.clone();
        host::listen(stop, "abort", move |_: Event| {
            let _ = request.abort();
        })
    });
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(body).ok()?;
    JsFuture::from(ended).await.ok()?;
    request.set_onloadend(None);
    let header = |name: &str| request.get_response_header(name).ok().flatten();
    let body = request.response_text().ok().flatten().unwrap_or_default();
    Some(Answer::read(request.status().ok()?, header, &body))
}

/// A count of bytes out of JavaScript's only kind of number.
pub(super) fn whole(number: f64) -> u64 {
    // Counts of bytes are whole and below 2^53.
    number as u64
}
