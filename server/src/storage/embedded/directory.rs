//! The data directory: made where missing, locked against other processes, its entries made durable.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::OpenError;

/// The file whose lock means that the directory is in use. The kernel drops the lock with the process.
const LOCK: &str = "lock";

/// A data directory that belongs to this process until it is unlocked or this value dropped.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
}

impl Directory {
    /// Makes the directory where it is missing, readable by its owner alone, and takes its lock.
    pub(super) fn lock(dir: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Directory {
            dir: dir.to_owned(),
            source,
        };
        make(dir).map_err(unusable)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join(LOCK))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: dir.to_owned(),
                lock,
            }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                dir: dir.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Lets another process have the directory; nothing here may be touched afterwards.
    pub(super) fn unlock(&self) -> io::Result<()> {
        self.lock.unlock()
    }
}

/// Makes a directory and its parents; one that exists is left as it is.
pub(super) fn make(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes the entries of a directory durable: a new file is lost in a crash without it.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    // Windows cannot open a directory as a file and needs no such call.
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
