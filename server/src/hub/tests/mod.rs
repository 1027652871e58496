//! The hub as its callers see it: fakes of the ports, connections over channels, paused time.

pub(super) mod events;

mod delivery;
mod fakes;
mod limits;
mod property;
mod resuming;
mod soft;
mod world;
