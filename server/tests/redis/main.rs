//! The Redis adapters against servers of their own: contracts, faults, settings that do not work.
//!
//! All of it is test code, also what is not a test itself: `cfg(test)` tells that to clippy.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod process;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod story;
#[cfg(test)]
mod support;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod presence;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sentinel;
#[cfg(test)]
mod shards;
#[cfg(test)]
mod subscriptions;
