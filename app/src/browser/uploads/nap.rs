//! A sleep that can be ended from outside.

use std::cell::RefCell;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::browser::page::timeout;

/// One sleeper at a time.
#[derive(Default)]
pub(super) struct Nap(RefCell<Option<Function>>);

impl Nap {
    /// Sleeps `ms` milliseconds or until [`Self::wake`].
    pub(super) async fn sleep(&self, ms: u32) {
        let promise = Promise::new(&mut |resolve, _| {
            self.0.replace(Some(resolve));
        });
        let Some(resolve) = self.0.borrow().clone() else {
            return;
        };
        let _alarm = timeout(ms, move || {
            let _ = resolve.call0(&JsValue::NULL);
        });
        let _ = JsFuture::from(promise).await;
        self.0.take();
    }

    /// Ends the sleep, if there is one.
    pub(super) fn wake(&self) {
        if let Some(resolve) = self.0.take() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    }
}
