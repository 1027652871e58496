//! Pure state: what events mean. No clock, no network, no signals, so that both sides can be tested alike.

pub mod room;

#[cfg(any(test, feature = "testing"))]
pub mod arbitrary;
