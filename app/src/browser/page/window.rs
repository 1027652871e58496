//! The page as a whole: its title, whether it is seen, loading and leaving it.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BeforeUnloadEvent, VisibilityState};

use super::clock::{sleep, timeout};
use crate::browser::host::{self, Guard};

/// Whether nobody can see the page now; `false` on the server.
#[must_use]
pub fn is_hidden() -> bool {
    host::document().is_some_and(|document| document.visibility_state() == VisibilityState::Hidden)
}

/// Tells `true` when the page becomes visible and `false` when hidden, until the guard is dropped.
pub fn on_visibility(mut on: impl FnMut(bool) + 'static) -> Guard {
    host::document().map_or_else(Guard::default, |document| {
        host::listen(&document, "visibilitychange", move |_: JsValue| {
            on(!is_hidden());
        })
    })
}

/// Sets the title of the tab.
pub fn set_title(title: &str) {
    if let Some(document) = host::document() {
        document.set_title(title);
    }
}

/// Calls `on` once the page's `load` event is over, soon if it is already; dropping the guard before prevents it.
/// What may stall (a growing picture) is armed from here, so that the tab stops showing itself as loading.
pub fn after_load(on: impl FnOnce() + 'static) -> Guard {
    let Some(document) = host::document() else {
        return Guard::default();
    };
    if document.ready_state() == "complete" {
        return timeout(0, on);
    }
    let mut on = Some(on);
    host::listen_window("load", move || {
        if let Some(on) = on.take() {
            // The event itself must be over, else the new request still belongs to the load.
            spawn_local(async move {
                sleep(0).await;
                on();
            });
        }
    })
}

/// Loads the page again from the server.
pub fn reload() {
    if let Some(window) = host::window() {
        let _ = window.location().reload();
    }
}

/// A path of this site as an address to hand on; the path itself on the server.
#[must_use]
pub fn absolute(path: &str) -> String {
    let origin = host::window().and_then(|window| window.location().origin().ok());
    format!("{}{path}", origin.unwrap_or_default())
}

/// Puts `text` on the clipboard; returns whether the browser did. Call it from a click.
pub async fn copy_text(text: &str) -> bool {
    let Some(clipboard) =
        host::window().and_then(|window| host::get(&window.navigator(), "clipboard"))
    else {
        // No clipboard outside of secure contexts.
        return copy_by_selection(text).is_some_and(|done| done);
    };
    match clipboard.dyn_into::<web_sys::Clipboard>() {
        Ok(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        Err(_) => false,
    }
}

/// Asks the person before the page is left, until the guard is dropped: hold it while bytes are unsent.
pub fn ask_before_leaving() -> Guard {
    host::window().map_or_else(Guard::default, |window| {
        host::listen(&window, "beforeunload", |event: BeforeUnloadEvent| {
            event.prevent_default();
            // Older browsers ask only for this.
            event.set_return_value("unsent");
        })
    })
}

fn copy_by_selection(text: &str) -> Option<bool> {
    let document = host::document()?;
    let body = document.body()?;
    let area: web_sys::HtmlTextAreaElement =
        document.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_value(text);
    let _ = area.set_attribute("style", "position:fixed;opacity:0");
    body.append_child(&area).ok()?;
    area.select();
    let document: web_sys::HtmlDocument = document.dyn_into().ok()?;
    let done = document.exec_command("copy").unwrap_or(false);
    area.remove();
    Some(done)
}
