//! One request whose body is a stream: no seams between slices, where browser and connection allow it.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Blob, Headers, RequestInit, Response, TransformStream,
    TransformStreamDefaultController,
};

use super::answer::Answer;
use super::request::{PATCH_HEADERS, address, whole};
use crate::browser::host;
use crate::browser::page::http2;
use crate::wire::ids::UploadKey;

/// Whether it is worth trying: the browser knows `duplex`, and the page came over HTTP/2 or later. Every engine
/// refuses a streamed body over HTTP/1.1, with a `TypeError` before the first byte.
pub(super) fn is_possible() -> bool {
    let knows_duplex = || {
        let request = host::get(&host::window()?.into(), "Request")?;
        let prototype = host::get(&request, "prototype")?;
        Reflect::has(&prototype, &"duplex".into()).ok()
    };
    http2() && knows_duplex().unwrap_or(false)
}

/// Sends `rest` as the bytes from `offset` on; `progress` hears how many of them were pulled from disk. They go from
/// disk to network without passing through wasm: only handles are seen here.
pub(super) async fn patch(
    key: UploadKey,
    offset: u64,
    rest: &Blob,
    progress: impl Fn(u64) + 'static,
    stop: &AbortSignal,
) -> Answer {
    send(key, offset, rest, progress, stop)
        .await
        .unwrap_or_default()
}

async fn send(
    key: UploadKey,
    offset: u64,
    rest: &Blob,
    progress: impl Fn(u64) + 'static,
    stop: &AbortSignal,
) -> Option<Answer> {
    let pulled = Rc::new(Cell::new(0));
    let count = Closure::<dyn FnMut(JsValue, TransformStreamDefaultController)>::new(
        move |chunk: JsValue, next: TransformStreamDefaultController| {
            let length = host::get(&chunk, "byteLength").and_then(|length| length.as_f64());
            pulled.set(pulled.get() + length.map_or(0, whole));
            // Refused only once the stream was cancelled, which the request tells.
            let _ = next.enqueue_with_chunk(&chunk);
            progress(pulled.get());
        },
    );
    let transformer = Object::new();
    host::set(&transformer, "transform", count.as_ref());
    let counter = TransformStream::new_with_transformer(&transformer).ok()?;
    let body = rest.stream().pipe_through(counter.unchecked_ref());
    let headers = Headers::new().ok()?;
    for (name, value) in PATCH_HEADERS {
        headers.set(name, value).ok()?;
    }
    headers.set("Upload-Offset", &offset.to_string()).ok()?;
    let init = RequestInit::new();
    init.set_method("PATCH");
    init.set_headers(&headers);
    init.set_body(&body);
    init.set_signal(Some(stop));
    host::set(&init, "duplex", &"half".into());
    let fetched = host::window()?.fetch_with_str_and_init(&address(key), &init);
    let response: Response = JsFuture::from(fetched).await.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok()?).await.ok();
    let text = text.and_then(|text| text.as_string()).unwrap_or_default();
    let headers = response.headers();
    Some(Answer::read(
        response.status(),
        |name| headers.get(name).ok().flatten(),
        &text,
    ))
}
