//! The feed: handshake, closes, resuming.

mod handshake;
mod live;
