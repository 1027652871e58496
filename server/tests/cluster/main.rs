//! A cluster over a real MongoDB and a real Redis: what it promises, also while parts of it crash.
//!
//! Run by `cargo xtask test cluster`, which finds the services and names them by environment
//! (xtask/src/services). A service that is missing is a failure. All of it is test code, also what is not a test
//! itself: `cfg(test)` tells that to clippy.

#[cfg(test)]
#[path = "../support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests of one server, which use the rest"
)]
mod support;
#[cfg(test)]
mod world;

#[cfg(test)]
mod appending;
#[cfg(test)]
mod bad_services;
#[cfg(test)]
mod broken_chunks;
#[cfg(test)]
mod contracts;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod garbage;
#[cfg(test)]
mod gridfs;
#[cfg(test)]
mod mongodb_faults;
#[cfg(test)]
mod reconnect;
#[cfg(test)]
mod redis_faults;
#[cfg(test)]
mod rolling;
#[cfg(test)]
mod spoiled_bus;
#[cfg(test)]
mod take_over;
