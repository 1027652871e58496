//! IndexedDB's events as futures.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbRequest, IdbTransaction};

use crate::browser::page::sleep;

/// Longest wait for any answer of the database: a browser whose disk hangs must not hold up a post.
const ANSWER_MS: u32 = 10_000;

/// The result of `request`; `None` where it fails or does not answer.
pub(super) async fn result(request: &IdbRequest) -> Option<JsValue> {
    let settled = settle(|resolve, reject| {
        request.set_onsuccess(Some(resolve));
        request.set_onerror(Some(reject));
    })
    .await;
    request.set_onsuccess(None);
    request.set_onerror(None);
    settled.then(|| request.result().ok()).flatten()
}

/// Whether `transaction` is on disk now.
pub(super) async fn committed(transaction: &IdbTransaction) -> bool {
    let settled = settle(|resolve, reject| {
        transaction.set_oncomplete(Some(resolve));
        transaction.set_onerror(Some(reject));
        transaction.set_onabort(Some(reject));
    })
    .await;
    transaction.set_oncomplete(None);
    transaction.set_onerror(None);
    transaction.set_onabort(None);
    settled
}

/// Whether the first function is called, before the second and before the time is over.
async fn settle(register: impl FnOnce(&Function, &Function)) -> bool {
    let mut register = Some(register);
    let answer = Promise::new(&mut |resolve, reject| {
        if let Some(register) = register.take() {
            register(&resolve, &reject);
        }
    });
    let late = wasm_bindgen_futures::future_to_promise(async {
        sleep(ANSWER_MS).await;
        Err(JsValue::NULL)
    });
    JsFuture::from(Promise::race(&js_sys::Array::of2(&answer, &late)))
        .await
        .is_ok()
}
