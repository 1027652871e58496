//! Whether missing programs can be installed from Debian's packages.

use crate::command::find;

/// On Debian as root. Ubuntu's packages of the same names are others; its `chromium` only points to a snap.
pub(crate) fn can_use_apt() -> bool {
    let debian = std::fs::read_to_string("/etc/os-release").is_ok_and(|text| is_debian(&text));
    let root = std::fs::read_to_string("/proc/self/status").is_ok_and(|text| is_root(&text));
    debian && root && find("apt-get").is_some()
}

fn is_debian(os_release: &str) -> bool {
    os_release.lines().any(|line| line == "ID=debian")
}

fn is_root(process_status: &str) -> bool {
    process_status
        .lines()
        .filter_map(|line| line.strip_prefix("Uid:"))
        .filter_map(|ids| ids.split_whitespace().nth(1))
        .any(|effective| effective == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_debian_itself_counts_as_debian() {
        assert!(is_debian("NAME=\"Debian GNU/Linux\"\nID=debian\n"));
        assert!(!is_debian("ID=ubuntu\nID_LIKE=debian\n"));
    }

    #[test]
    fn the_effective_user_decides() {
        assert!(is_root("Name:\tx\nUid:\t1000\t0\t0\t0\n"));
        assert!(!is_root("Name:\tx\nUid:\t0\t1000\t0\t0\n"));
    }
}
