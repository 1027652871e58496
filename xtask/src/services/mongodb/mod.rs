//! MongoDB for tests: one that a person names, else the first that this machine can run.
//!
//! `cargo xtask mongodb` runs one for as long as somebody holds its standard input open, so that it ends also when
//! its user was killed; the lines `kill` and `start` crash it and bring it back with its data.

mod docker;
mod documentdb;
mod engine;
mod held;
mod mongod;
mod wire;

use crate::project::Project;
use crate::say;

pub(crate) use held::hold;

use engine::Engine;
use held::Held;

/// A MongoDB that all tests share.
#[derive(Debug)]
pub(crate) struct Shared {
    url: String,
    /// Empty where it runs anyway.
    _held: Option<Held>,
}

impl Shared {
    /// Says which MongoDB is used and starts it. `crashing`: the tests start others by themselves.
    pub(crate) fn start(project: &Project, crashing: bool) -> anyhow::Result<Self> {
        if let Some(url) = super::given(super::MONGODB_URL) {
            say::line(&format!(
                "    MongoDB: the one {} names",
                super::MONGODB_URL
            ));
            if crashing {
                let engine = Engine::find(project)?;
                let name = engine.describe(project)?;
                say::line(&format!("    MongoDB to crash: {name}"));
            }
            return Ok(Self { url, _held: None });
        }
        let engine = Engine::find(project)?;
        say::line(&format!("    MongoDB: {}", engine.describe(project)?));
        let held = Held::start()?;
        Ok(Self {
            url: held.url().to_owned(),
            _held: Some(held),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}
