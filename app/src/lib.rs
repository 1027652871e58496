//! What server and browser share, in reading order: the types on the wire, what events mean, the API, and, for
//! people, the browser's own functions, contexts, components and pages.

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "`ssr` and `hydrate` exclude each other: build with -p server, or -p frontend for wasm32"
);

pub mod wire;

pub mod model;

pub mod api;

pub mod browser;

pub mod contexts;

pub mod components;

pub mod pages;

pub mod app;

pub use app::{App, shell};
