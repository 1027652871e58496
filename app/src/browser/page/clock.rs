//! Time and randomness.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::host::{self, Guard};
use crate::wire::ids::{Millis, Nonce};

/// The browser's wall clock; 0 on the server. It may be wrong or jump: only for showing and for relative times.
#[must_use]
pub fn now_ms() -> Millis {
    if host::window().is_none() {
        return 0;
    }
    // Whole milliseconds below 2^53.
    js_sys::Date::now() as Millis
}

/// A fresh identity for a command, from the browser's secure random source; all zero on the server.
#[must_use]
pub fn random_nonce() -> Nonce {
    let mut bytes = [0; 16];
    if let Some(crypto) = host::window().and_then(|window| window.crypto().ok()) {
        // Refuses only more than 65,536 bytes.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    Nonce(bytes)
}

/// A number from 0 up to 1 for jitter; 0 on the server.
pub(crate) fn random() -> f64 {
    if host::window().is_none() {
        return 0.0;
    }
    js_sys::Math::random()
}

/// Calls `on` every `ms` milliseconds until the guard is dropped. A hidden page is called more rarely.
pub fn interval(ms: u32, on: impl FnMut() + 'static) -> Guard {
    let Some(window) = host::window() else {
        return Guard::default();
    };
    let callback = Closure::<dyn FnMut()>::new(on);
    let started = window.set_interval_with_callback_and_timeout_and_arguments_0(
        callback.as_ref().unchecked_ref(),
        delay(ms),
    );
    started.map_or_else(
        |_| Guard::default(),
        |id| {
            Guard::new(move || {
                window.clear_interval_with_handle(id);
                drop(callback);
            })
        },
    )
}

/// Calls `on` once after `ms` milliseconds unless the guard is dropped before.
pub fn timeout(ms: u32, on: impl FnOnce() + 'static) -> Guard {
    let Some(window) = host::window() else {
        return Guard::default();
    };
    let callback = Closure::once(on);
    let started = window.set_timeout_with_callback_and_timeout_and_arguments_0(
        callback.as_ref().unchecked_ref(),
        delay(ms),
    );
    started.map_or_else(
        |_| Guard::default(),
        |id| {
            Guard::new(move || {
                window.clear_timeout_with_handle(id);
                drop(callback);
            })
        },
    )
}

/// Waits `ms` milliseconds; returns at once on the server.
pub(crate) async fn sleep(ms: u32) {
    let Some(window) = host::window() else {
        return;
    };
    let promise = js_sys::Promise::new(&mut |resolve, _reject| {
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, delay(ms));
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// A time as the browser's owner writes it: the time of day if it was today, else with the date. `None` on the server.
#[must_use]
pub fn local_time(ms: Millis) -> Option<String> {
    host::window()?;
    // Milliseconds below 2^53.
    let at = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    let today = js_sys::Date::new_0().to_date_string() == at.to_date_string();
    let options = js_sys::Object::new();
    host::set(&options, "timeStyle", &JsValue::from_str("short"));
    if !today {
        host::set(&options, "dateStyle", &JsValue::from_str("medium"));
    }
    // An invalid date throws, which `to_locale_string` would pass on.
    (!at.get_time().is_nan())
        .then(|| at.to_locale_string("default", &options).as_string())
        .flatten()
}

fn delay(ms: u32) -> i32 {
    i32::try_from(ms).unwrap_or(i32::MAX)
}
