//! The way to the browser's global objects, and what undoes a registration when it is dropped.

use std::fmt;

use js_sys::{Array, Function, Promise};
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::convert::FromWasmAbi;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, EventTarget, Window};

/// The page's window; `None` on the server, where asking for it would panic.
pub(crate) fn window() -> Option<Window> {
    cfg!(target_arch = "wasm32").then(web_sys::window).flatten()
}

/// The page's document; `None` on the server.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// Undoes something when dropped: removes a listener, stops a timer. Holds nothing on the server.
#[must_use = "dropping a guard undoes what it stands for"]
#[derive(Default)]
pub struct Guard(Option<SendWrapper<Box<dyn FnOnce()>>>);

impl Guard {
    /// A guard that runs `undo` once.
    pub(crate) fn new(undo: impl FnOnce() + 'static) -> Self {
        Self(Some(SendWrapper::new(Box::new(undo))))
    }

    /// Lets it stand for as long as the page lives.
    pub fn keep(mut self) {
        if let Some(undo) = self.0.take() {
            std::mem::forget(undo);
        }
    }

    /// One guard for two.
    pub fn and(self, other: Self) -> Self {
        match (self.0.is_some(), other.0.is_some()) {
            (_, false) => self,
            (false, _) => other,
            _ => Self::new(move || {
                drop(self);
                drop(other);
            }),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(undo) = self.0.take() {
            undo.take()();
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

/// Calls `on` for each event `name` of `target` until the guard is dropped.
pub(crate) fn listen<E>(
    target: &EventTarget,
    name: &'static str,
    on: impl FnMut(E) + 'static,
) -> Guard
where
    E: FromWasmAbi + 'static,
{
    let callback = Closure::<dyn FnMut(E)>::new(on);
    let target = target.clone();
    if target
        .add_event_listener_with_callback(name, callback.as_ref().unchecked_ref())
        .is_err()
    {
        return Guard::default();
    }
    Guard::new(move || {
        // A listener that is gone already is what the guard wants.
        let _ = target.remove_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
    })
}

/// Calls `on` for each event `name` of the window until the guard is dropped.
pub(crate) fn listen_window(name: &'static str, mut on: impl FnMut() + 'static) -> Guard {
    window().map_or_else(Guard::default, |window| {
        listen(&window, name, move |_: JsValue| on())
    })
}

/// The property `name` of `object`; `None` where it is missing, null or cannot be read.
pub(crate) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}

/// Sets the property `name` of an object of ours, which cannot fail.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = js_sys::Reflect::set(object, &JsValue::from_str(name), value);
}

/// Calls the method `name` of `object`, for what `web_sys` holds unstable, and waits if it returns a promise.
/// `None` where the method is missing, throws or rejects.
pub(crate) async fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = get(object, name)?.dyn_into().ok()?;
    let arguments: Array = arguments.iter().collect();
    let returned = method.apply(object, &arguments).ok()?;
    match returned.dyn_into::<Promise>() {
        Ok(promise) => JsFuture::from(promise).await.ok(),
        Err(value) => Some(value),
    }
}
