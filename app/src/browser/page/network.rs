//! What the browser knows of its network.

use wasm_bindgen::JsValue;

use crate::browser::host::{self, Guard};

/// `false` only where the browser is sure that there is no network; `true` on the server.
#[must_use]
pub fn is_online() -> bool {
    host::window().is_none_or(|window| window.navigator().on_line())
}

/// Calls `on` when the network comes back, until the guard is dropped.
pub fn on_online(on: impl FnMut() + 'static) -> Guard {
    host::listen_window("online", on)
}

/// Calls `on` when the network goes away, until the guard is dropped.
pub fn on_offline(on: impl FnMut() + 'static) -> Guard {
    host::listen_window("offline", on)
}

/// Whether the person asked the browser to save data; `false` where it does not say.
#[must_use]
pub fn save_data() -> bool {
    host::window()
        .and_then(|window| host::get(&window.navigator(), "connection"))
        .and_then(|connection| host::get(&connection, "saveData"))
        .is_some_and(|save| save.is_truthy())
}

/// Whether the page came over HTTP/2 or HTTP/3, so that many requests share a connection and bodies may stream.
#[must_use]
pub fn http2() -> bool {
    matches!(protocol().as_deref(), Some("h2" | "h3"))
}

fn protocol() -> Option<String> {
    let performance = host::window()?.performance()?;
    let entries: JsValue = performance.get_entries_by_type("navigation").into();
    let navigation = js_sys::Reflect::get_u32(&entries, 0).ok()?;
    host::get(&navigation, "nextHopProtocol")?.as_string()
}
