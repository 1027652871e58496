//! A certificate of our own making, for development, kept so that a browser has to be told only once.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::tls::TlsError;

/// Names the certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Paths of certificate and key in `data`, both made where one is missing.
pub(super) fn ensure(data: &Path) -> Result<(PathBuf, PathBuf), TlsError> {
    let directory = data.join("tls");
    let cert = directory.join("self-signed.pem");
    let key = directory.join("self-signed.key");
    if !(cert.exists() && key.exists()) {
        let made = rcgen::generate_simple_self_signed(NAMES.map(str::to_owned).to_vec())?;
        std::fs::create_dir_all(&directory)?;
        write(&key, &made.signing_key.serialize_pem(), 0o600)?;
        write(&cert, &made.cert.pem(), 0o644)?;
    }
    Ok((cert, key))
}

/// Writes beside and renames, so that a crash leaves no half of a file.
fn write(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::ensure;

    #[test]
    fn the_certificate_stays_the_same() {
        let data = tempfile::tempdir().unwrap();
        let (cert, key) = ensure(data.path()).unwrap();
        let first = (std::fs::read(&cert).unwrap(), std::fs::read(&key).unwrap());
        ensure(data.path()).unwrap();
        assert_eq!(
            first,
            (std::fs::read(&cert).unwrap(), std::fs::read(&key).unwrap())
        );
    }
}
