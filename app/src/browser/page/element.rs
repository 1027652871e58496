//! Where elements are and how large.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use crate::browser::host::{self, Guard};

/// How far outside the visible area counts as visible already.
const MARGIN: &str = "200px";

/// Tells whether `element` is (nearly) visible: once at the start, then at each change, until the guard is dropped.
/// Where the browser cannot observe, it is told visible once.
pub fn intersection(element: &Element, mut on: impl FnMut(bool) + 'static) -> Guard {
    if host::window().is_none() {
        return Guard::default();
    }
    let callback = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let latest = entries.pop();
        if let Ok(entry) = latest.dyn_into::<IntersectionObserverEntry>() {
            on(entry.is_intersecting());
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(MARGIN);
    let function = callback.as_ref().unchecked_ref();
    let Ok(observer) = IntersectionObserver::new_with_options(function, &options) else {
        return Guard::default();
    };
    observer.observe(element);
    Guard::new(move || {
        observer.disconnect();
        drop(callback);
    })
}

/// Calls `on` whenever the size of `element` changed, until the guard is dropped.
pub fn resized(element: &Element, mut on: impl FnMut() + 'static) -> Guard {
    if host::window().is_none() {
        return Guard::default();
    }
    let callback = Closure::<dyn FnMut(JsValue)>::new(move |_| on());
    let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) else {
        return Guard::default();
    };
    observer.observe(element);
    Guard::new(move || {
        observer.disconnect();
        drop(callback);
    })
}
