//! The types that cross the network, shared by server and browser: plain data and serde, nothing else.
//!
//! Every type here is encoded in two codecs, postcard (the browser's feed) and JSON (people, tools, the API).
//! postcard is positional: enums and structs only ever grow at their end, and an incompatible change takes
//! the next [`feed::PROTOCOL_VERSION`].

pub mod codec;
pub mod error;
pub mod event;
pub mod feed;
pub mod file;
pub mod hex;
pub mod ids;
pub mod limits;
pub mod page;
pub mod request;
pub mod room;
pub mod text;

#[cfg(test)]
mod round_trip;
