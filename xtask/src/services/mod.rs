//! The real services that tests of a cluster run against: found, started, and ended whatever becomes of the tests.
//!
//! Tests are told by environment:
//! - `STREAMBOARD_TEST_MONGODB_URL`: a MongoDB for all of them; each uses a database of its own.
//! - `STREAMBOARD_TEST_XTASK`: this program. `$STREAMBOARD_TEST_XTASK mongodb` is one more MongoDB, to be crashed.
//! - `STREAMBOARD_TEST_REDIS_URL`: a Redis for all; where it is not set, each starts the `redis-server` of `PATH`.
//! - `STREAMBOARD_TEST_PYTHON`: a Python with pymongo, where one can be had.

mod folder;
mod mongodb;
mod python;
mod redis;

use std::ffi::OsString;

use crate::project::Project;

pub(crate) use mongodb::hold as hold_mongodb;

const MONGODB_URL: &str = "STREAMBOARD_TEST_MONGODB_URL";
const REDIS_URL: &str = "STREAMBOARD_TEST_REDIS_URL";
const XTASK: &str = "STREAMBOARD_TEST_XTASK";
const PYTHON: &str = "STREAMBOARD_TEST_PYTHON";

/// Services for one part; they end with it.
#[derive(Debug)]
pub(crate) struct Services {
    mongodb: mongodb::Shared,
    redis: redis::Shared,
    python: Option<OsString>,
}

impl Services {
    /// For tests that start and crash servers by themselves.
    pub(crate) fn for_server_tests(project: &Project) -> anyhow::Result<Self> {
        Ok(Self {
            redis: redis::Shared::only_found(project)?,
            mongodb: mongodb::Shared::start(project, true)?,
            python: python::ensure(project),
        })
    }

    /// For tests that only use what runs.
    pub(crate) fn for_browser_tests(project: &Project) -> anyhow::Result<Self> {
        Ok(Self {
            redis: redis::Shared::start(project)?,
            mongodb: mongodb::Shared::start(project, false)?,
            python: None,
        })
    }

    /// What the tests are told.
    pub(crate) fn environment(&self) -> anyhow::Result<Vec<(&'static str, OsString)>> {
        let mut variables = vec![
            (MONGODB_URL, self.mongodb.url().into()),
            (XTASK, std::env::current_exe()?.into()),
        ];
        variables.extend(self.redis.url().map(|url| (REDIS_URL, url.into())));
        variables.extend(self.python.clone().map(|python| (PYTHON, python)));
        Ok(variables)
    }
}

/// A URL that a person gave; empty counts as not given.
fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| !url.is_empty())
}

/// A port that was free a moment ago.
fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}
