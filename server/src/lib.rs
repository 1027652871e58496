//! Streamboard's server, in reading order.

pub mod clock;
pub mod domain;
pub mod ids;

pub mod bus;
pub mod presence;
pub mod storage;

pub mod files;
pub mod hub;
pub mod log;
pub mod sweeper;
pub mod uploads;

pub mod dispatch;
pub mod service;

pub mod config;
pub mod error;
pub mod lifecycle;
pub mod listener;
pub mod middleware;
pub mod router;
pub mod routes;
pub mod run;
pub mod state;
pub mod telemetry;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
