//! Which MongoDB this machine can run, and a server of it.

use std::path::PathBuf;
use std::process::Child;

use anyhow::Context as _;

use super::{docker, documentdb, mongod};
use crate::command::find;
use crate::project::Project;
use crate::services::folder::Folder;
use crate::services::free_port;

/// What is said where there is none.
const REMEDY: &str = "there is no MongoDB to test against: install MongoDB 8 so that `mongod` is on PATH, or start a \
                      Docker engine, or set STREAMBOARD_TEST_MONGODB_URL to the URL of a replica set; on Debian, as \
                      root and with Go installed, a stand-in is built without your doing";

/// How a MongoDB is run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The real one, on `PATH`.
    Mongod(PathBuf),
    /// The real one, in a container.
    Docker,
    /// DocumentDB, which speaks MongoDB's protocol.
    DocumentDb,
}

impl Engine {
    /// The first of: `mongod`, a Docker engine, DocumentDB.
    pub(crate) fn find(project: &Project) -> anyhow::Result<Self> {
        Self::choose(
            find("mongod"),
            || docker::runs(project),
            documentdb::can_run,
        )
    }

    fn choose(
        mongod: Option<PathBuf>,
        docker: impl FnOnce() -> bool,
        documentdb: impl FnOnce() -> bool,
    ) -> anyhow::Result<Self> {
        match mongod {
            Some(path) => Ok(Self::Mongod(path)),
            None if docker() => Ok(Self::Docker),
            None if documentdb() => Ok(Self::DocumentDb),
            None => anyhow::bail!(REMEDY),
        }
    }

    /// What a person is told about it; installs what can be installed.
    pub(crate) fn describe(&self, project: &Project) -> anyhow::Result<String> {
        match self {
            Self::Mongod(path) => mongod::describe(project, path),
            Self::Docker => Ok(format!("a container of {}", docker::IMAGE)),
            Self::DocumentDb => documentdb::describe(project),
        }
    }
}

/// A server with data of its own.
#[derive(Debug)]
pub(crate) struct Server<'a> {
    project: &'a Project,
    engine: Engine,
    folder: Folder,
    port: u16,
    /// The process, where it is ours and runs.
    child: Option<Child>,
}

impl<'a> Server<'a> {
    pub(crate) fn new(project: &'a Project, engine: Engine) -> anyhow::Result<Self> {
        Ok(Self {
            project,
            engine,
            folder: Folder::new("mongodb")?,
            // The same over a crash, for its clients come back to it.
            port: free_port()?,
            child: None,
        })
    }

    /// Starts it on its port and data, and waits until it takes writes. Gives its URL.
    pub(crate) fn start(&mut self) -> anyhow::Result<String> {
        let (project, port, folder) = (self.project, self.port, self.folder.path());
        match &self.engine {
            Engine::Mongod(path) => {
                anyhow::ensure!(self.child.is_none(), "the MongoDB server runs already");
                let child = mongod::spawn(project, path, port, folder)?;
                let child = self.child.insert(child);
                mongod::until_primary(child, port, folder)
            }
            Engine::Docker => docker::start(project, port, folder),
            Engine::DocumentDb => documentdb::start(project, port, folder),
        }
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Mongod(_) => self.end_child(),
            Engine::Docker => docker::kill(self.project, self.folder.path()),
            Engine::DocumentDb => documentdb::kill(self.project, self.folder.path()),
        }
    }

    /// Ends it for good; its data go.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Mongod(_) => self.end_child(),
            Engine::Docker => docker::remove(self.project, self.folder.path()),
            Engine::DocumentDb => documentdb::stop(self.project, self.folder.path()),
        }
    }

    fn end_child(&mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        child.kill().context("mongod cannot be ended")?;
        child.wait().context("mongod does not end")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_one_comes_before_its_stand_in() {
        let path = || Some(PathBuf::from("/usr/bin/mongod"));
        let unasked = || -> bool { panic!("asked without need") };
        let chosen = Engine::choose(path(), unasked, unasked).unwrap();
        assert_eq!(chosen, Engine::Mongod("/usr/bin/mongod".into()));
        let chosen = Engine::choose(None, || true, unasked).unwrap();
        assert_eq!(chosen, Engine::Docker);
        let chosen = Engine::choose(None, || false, || true).unwrap();
        assert_eq!(chosen, Engine::DocumentDb);
    }

    #[test]
    fn none_at_all_is_one_sentence_that_says_what_to_install() {
        let refusal = Engine::choose(None, || false, || false).unwrap_err();
        let refusal = refusal.to_string();
        assert!(refusal.contains("install MongoDB 8") && !refusal.contains('\n'));
        assert!(refusal.contains("STREAMBOARD_TEST_MONGODB_URL"));
    }
}
