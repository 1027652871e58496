//! One file: grow, read, finish, remove. Blocking.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::storage::embedded::directory;
use crate::storage::embedded::error::CallError;

/// The most one read holds in memory, whatever the caller asks for.
const READ: u64 = 1024 * 1024;

/// The buffer that a file is hashed through.
const HASH: usize = 256 * 1024;

/// Writes `bytes` at `committed`, cuts what lies behind them, and makes both durable.
pub(super) fn write(path: &Path, committed: u64, bytes: &[Bytes]) -> Result<(), CallError> {
    let written: u64 = bytes.iter().map(|piece| piece.len() as u64).sum();
    if written == 0 {
        return Ok(());
    }
    let mut file = match File::options().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && committed == 0 => make(path)?,
        opened => opened?,
    };
    let found = file.metadata()?.len();
    if found < committed {
        return Err(CallError::Short {
            found,
            expected: committed,
        });
    }
    file.seek(SeekFrom::Start(committed))?;
    for piece in bytes {
        file.write_all(piece)?;
    }
    if found > committed + written {
        file.set_len(committed + written)?;
    }
    file.sync_data()?;
    Ok(())
}

/// Makes a file that is in its directory for good before anything is written to it.
fn make(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(path);
    directory::make(folder)?;
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    directory::sync(folder)?;
    if let Some(parent) = folder.parent() {
        directory::sync(parent)?;
    }
    Ok(file)
}

/// Up to `most` bytes from `at`, below `committed`.
pub(super) fn read(path: &Path, committed: u64, at: u64, most: usize) -> Result<Bytes, CallError> {
    let wanted = (committed - at).min(most as u64).min(READ);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
    file.take(wanted).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < wanted {
        return Err(CallError::Short {
            found: at + bytes.len() as u64,
            expected: committed,
        });
    }
    Ok(bytes.into())
}

/// Cuts the file at `committed`, checks that nothing is missing, and hashes it.
pub(super) fn finish(path: &Path, committed: u64, expected: u64) -> Result<[u8; 32], CallError> {
    if committed != expected {
        return Err(CallError::Short {
            found: committed,
            expected,
        });
    }
    let mut file = match File::options().read(true).write(true).open(path) {
        // Nothing was ever written to an empty file.
        Err(error) if error.kind() == io::ErrorKind::NotFound && committed == 0 => {
            return Ok(Sha256::digest([]).into());
        }
        opened => opened?,
    };
    let found = file.metadata()?.len();
    if found < committed {
        return Err(CallError::Short {
            found,
            expected: committed,
        });
    }
    if found > committed {
        file.set_len(committed)?;
        file.sync_data()?;
    }
    Ok(hash(&mut file)?)
}

fn hash(file: &mut File) -> io::Result<[u8; 32]> {
    let mut sha256 = Sha256::new();
    let mut buffer = vec![0; HASH];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(sha256.finalize().into()),
            Ok(read) => sha256.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Removes the file for good; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> Result<(), CallError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(directory::sync(path.parent().unwrap_or(path))?),
    }
}
