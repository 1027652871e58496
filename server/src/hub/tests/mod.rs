//! The hub as its callers see it: fakes of the ports, connections over channels, paused time.

pub(super) mod events;
