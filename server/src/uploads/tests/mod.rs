//! Uploads, files and the sweeper together, on the embedded store.

mod counting;
mod crashes;
mod endings;
mod fixture;
mod late;
mod opening;
mod reading;
mod sending;
mod splits;
mod starting;
mod sweeping;
mod twice;
