//! The room log on a store in memory that keeps the port's promises and breaks down when told to.

mod after;
mod append;
mod embedded;
mod failover;
mod failure;
pub(super) mod fake;
pub(super) mod fixture;
mod nodes;
mod twice;
