//! Locks between the tabs of one browser: one for each upload, and a few slots for all bodies together.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, Event};

use super::lease;
use crate::browser::host::{self, Guard};
use crate::browser::page::http2;
use crate::wire::ids::FileId;

/// Bodies sent at once. On HTTP/1.1 a body takes one of the six connections that the page lives on.
const SLOTS_HTTP1: u32 = 1;
const SLOTS_HTTP2: u32 = 3;

/// Waits until no other tab sends this upload; `None` once `stop` is raised.
pub(super) async fn own(file: FileId, stop: &AbortSignal) -> Option<Guard> {
    acquire(&[format!("streamboard-upload-{file}")], stop).await
}

/// Waits for a slot to send a body in; `None` once `stop` is raised.
pub(super) async fn slot(stop: &AbortSignal) -> Option<Guard> {
    let slots = if http2() { SLOTS_HTTP2 } else { SLOTS_HTTP1 };
    let names: Vec<String> = (0..slots)
        .map(|slot| format!("streamboard-slot-{slot}"))
        .collect();
    acquire(&names, stop).await
}

async fn acquire(names: &[String], stop: &AbortSignal) -> Option<Guard> {
    if stop.aborted() {
        return None;
    }
    let manager = host::get(&host::window()?.navigator(), "locks");
    let granted = match manager {
        Some(manager) => by_browser(&manager, names, stop).await,
        None => Outcome::Refused,
    };
    match granted {
        Outcome::Granted(guard) => Some(guard),
        Outcome::Stopped => None,
        Outcome::Refused => lease::acquire(names, stop).await,
    }
}

enum Outcome {
    Granted(Guard),
    Stopped,
    /// The browser does not give out locks here.
    Refused,
}

/// Asks for all of `names` and takes the first that is granted. The browser keeps the queue, across tabs, and takes
/// the lock back when a tab dies.
async fn by_browser(manager: &JsValue, names: &[String], stop: &AbortSignal) -> Outcome {
    let (Some(request), Ok(rest)) = (
        host::get(manager, "request").and_then(|request| request.dyn_into::<Function>().ok()),
        AbortController::new(),
    ) else {
        return Outcome::Refused;
    };
    let settled = Rc::new(Cell::new(false));
    let mut settle = None;
    // Resolves with the function that releases the lock, with `false` when stopped, with `null` when refused.
    let answer = Promise::new(&mut |resolve, _| settle = Some(resolve));
    let Some(settle) = settle else {
        return Outcome::Refused;
    };
    let callback = on_grant(settle.clone(), Rc::clone(&settled));
    let _stopping = host::listen(stop, "abort", {
        let (settle, settled) = (settle.clone(), Rc::clone(&settled));
        move |_: Event| {
            settled.set(true);
            let _ = settle.call1(&JsValue::NULL, &JsValue::FALSE);
        }
    });
    let options = Object::new();
    host::set(&options, "signal", &rest.signal());
    let refusals = Rc::new(Cell::new(names.len()));
    for name in names {
        let asked = request.call3(manager, &name.into(), &options, callback.as_ref());
        spawn_local(refused(asked, Rc::clone(&refusals), settle.clone()));
    }
    let answer = JsFuture::from(answer).await.unwrap_or(JsValue::NULL);
    // Withdraws what is still asked for; what was granted is not touched by it.
    rest.abort();
    if answer.is_null() {
        return Outcome::Refused;
    }
    match answer.dyn_into::<Function>() {
        Ok(release) => Outcome::Granted(Guard::new(move || {
            let _ = release.call0(&JsValue::NULL);
            drop(callback);
        })),
        Err(_) => Outcome::Stopped,
    }
}

/// What the browser calls with a granted lock: the first is held until released, any further goes back at once.
fn on_grant(settle: Function, settled: Rc<Cell<bool>>) -> Closure<dyn FnMut(JsValue) -> JsValue> {
    Closure::new(move |_lock: JsValue| {
        if settled.replace(true) {
            return JsValue::UNDEFINED;
        }
        Promise::new(&mut |release, _| {
            let _ = settle.call1(&JsValue::NULL, &release);
        })
        .into()
    })
}

/// Settles with `null` once every request has failed. Withdrawn ones fail too, when it is settled already.
async fn refused(asked: Result<JsValue, JsValue>, left: Rc<Cell<usize>>, settle: Function) {
    let failed = match asked.map(JsCast::dyn_into::<Promise>) {
        Ok(Ok(promise)) => JsFuture::from(promise).await.is_err(),
        _ => true,
    };
    if failed {
        left.set(left.get() - 1);
        if left.get() == 0 {
            let _ = settle.call1(&JsValue::NULL, &JsValue::NULL);
        }
    }
}
