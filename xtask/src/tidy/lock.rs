//! The npm lock file pins versions and sums, not the registry of whoever wrote it last.

use std::path::Path;

use super::Finding;

const LOCK: &str = "end2end/package-lock.json";

pub(crate) fn check(root: &Path) -> Option<Finding> {
    let text = std::fs::read_to_string(root.join(LOCK)).unwrap_or_default();
    names_a_registry(&text).then(|| {
        Finding::new(
            LOCK,
            "it must be there and name no download address; run `npm install` in end2end, whose .npmrc leaves \
             them out",
        )
    })
}

fn names_a_registry(lock: &str) -> bool {
    lock.is_empty() || lock.contains("\"resolved\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_address_or_a_missing_lock_is_found() {
        assert!(names_a_registry(
            "{ \"resolved\": \"https://registry.example/a.tgz\" }"
        ));
        assert!(names_a_registry(""));
        assert!(!names_a_registry("{ \"integrity\": \"sha512-x\" }"));
    }
}
