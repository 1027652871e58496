//! Behaviour of the whole server, through HTTP and the feed alone: one binary, one real server a test.
//!
//! All of it is test code, also what is not a test itself: `cfg(test)` tells that to clippy.

#[cfg(test)]
mod support;

#[cfg(test)]
mod api;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod operation;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod uploads;
