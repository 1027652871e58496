//! What only a browser can do, behind functions that everybody may call: the one place that touches web APIs.
//!
//! There is one implementation for both builds. It compiles for the server as well, and there every way in goes
//! through `host`, which finds no window: functions return their empty value, handles and guards hold nothing,
//! callbacks are never called. So callers need no `cfg`. Handles and guards are `Send + Sync` for the sake of
//! signals and cleanups; in the browser they stay on its one thread.

pub mod page;

pub mod feed;

pub mod files;

pub mod store;

pub mod uploads;

mod host;

pub use host::Guard;

#[cfg(test)]
mod tests;
