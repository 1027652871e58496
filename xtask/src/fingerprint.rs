//! Fingerprints of files: content, not times, so that a fresh checkout or a touched file changes nothing.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// FNV-1a, 64 bits: tells accidental changes apart, which is all a build stamp needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds bytes. The length goes first, so that no two lists of pieces run into each other.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u64).to_le_bytes();
        for byte in length.iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Adds a file or all files below a folder, by path relative to `root` and content.
    pub(crate) fn add_tree(&mut self, root: &Path, path: &Path) -> anyhow::Result<()> {
        for file in files_below(path)? {
            let name = file.strip_prefix(root).unwrap_or(&file);
            self.add(name.to_string_lossy().as_bytes());
            let content = std::fs::read(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            self.add(&content);
        }
        Ok(())
    }

    pub(crate) fn text(self) -> String {
        format!("{:016x}", self.0)
    }
}

/// All files below `path` in the order of their names; `path` itself if it is a file, none if it is missing.
pub(crate) fn files_below(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    Ok(files)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        let read = || format!("{} cannot be listed", path.display());
        let mut entries = std::fs::read_dir(path)
            .with_context(read)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .with_context(read)?;
        entries.sort();
        for entry in entries {
            collect(&entry, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A folder of its own below the system's temporary folder, gone when dropped.
    pub(crate) struct Folder(pub(crate) PathBuf);

    impl Folder {
        pub(crate) fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        pub(crate) fn write(&self, name: &str, content: &str) {
            let path = self.0.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn of(folder: &Folder) -> String {
        let mut fingerprint = Fingerprint::new();
        fingerprint.add_tree(&folder.0, &folder.0).unwrap();
        fingerprint.text()
    }

    #[test]
    fn it_changes_with_content_and_with_names_and_back_again() {
        let folder = Folder::new("fingerprint");
        folder.write("src/a.rs", "one");
        let first = of(&folder);
        folder.write("src/a.rs", "two");
        let second = of(&folder);
        folder.write("src/a.rs", "one");
        assert_eq!(of(&folder), first);
        folder.write("src/b.rs", "");
        let third = of(&folder);
        assert!(first != second && first != third && second != third);
    }

    #[test]
    fn pieces_do_not_run_into_each_other() {
        let mut left = Fingerprint::new();
        left.add(b"ab");
        left.add(b"c");
        let mut right = Fingerprint::new();
        right.add(b"a");
        right.add(b"bc");
        assert_ne!(left.text(), right.text());
    }
}
