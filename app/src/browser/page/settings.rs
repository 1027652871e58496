//! What the browser keeps or knows of its owner's wishes.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, Storage, StorageEvent};

use crate::browser::host::{self, Guard};

/// A value kept in this browser for this site; `None` where there is none or storage is refused.
#[must_use]
pub fn local_get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps a value; returns whether the browser did (private modes and full disks refuse).
pub fn local_set(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Forgets a value.
pub fn local_remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Tells the new value when another tab changed `key`, until the guard is dropped.
pub fn on_local_change(key: &'static str, mut on: impl FnMut(Option<String>) + 'static) -> Guard {
    host::window().map_or_else(Guard::default, |window| {
        host::listen(&window, "storage", move |event: StorageEvent| {
            if event.key().as_deref() == Some(key) {
                on(event.new_value());
            }
        })
    })
}

/// Whether the person asked for no motion.
#[must_use]
pub fn reduced_motion() -> bool {
    host::window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok())
        .flatten()
        .is_some_and(|query| query.matches())
}

/// Whether the main way of pointing is a finger; `false` on the server.
#[must_use]
pub fn coarse_pointer() -> bool {
    host::window()
        .and_then(|window| window.match_media("(pointer: coarse)").ok())
        .flatten()
        .is_some_and(|query| query.matches())
}

/// The cookies that scripts may see: `a=1; b=2`; empty where there are none or they are refused.
#[must_use]
pub fn cookies() -> String {
    let cookies = html_document().and_then(|document| document.cookie().ok());
    cookies.unwrap_or_default()
}

/// Sets one cookie, written as in the header `Set-Cookie`. A browser that refuses it does so without a word.
pub fn set_cookie(cookie: &str) {
    if let Some(document) = html_document() {
        let _ = document.set_cookie(cookie);
    }
}

/// Sets `data-theme` on the document's root; `None` follows the system.
pub fn set_theme(theme: Option<&str>) {
    let Some(root) = host::document().and_then(|document| document.document_element()) else {
        return;
    };
    if let Some(theme) = theme {
        let _ = root.set_attribute("data-theme", theme);
    } else {
        let _ = root.remove_attribute("data-theme");
    }
}

fn html_document() -> Option<HtmlDocument> {
    host::document()?.dyn_into().ok()
}

fn storage() -> Option<Storage> {
    host::window()?.local_storage().ok().flatten()
}
