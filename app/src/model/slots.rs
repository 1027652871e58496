//! Which growing files may be read at once: a browser has few connections on HTTP/1.1, and what is seen goes first.

use crate::wire::ids::FileId;

/// Growing elements at once on HTTP/1.1, of the six connections a browser has there.
pub const MOST_HTTP1: usize = 2;
/// Growing elements at once where requests share a connection.
pub const MOST_HTTP2: usize = 12;

/// A file that somebody wants to see grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// The file.
    pub file: FileId,
    /// Whether it is (nearly) in view.
    pub visible: bool,
    /// Whether it must not be interrupted: it plays.
    pub plays: bool,
}

/// The files that may be read, of `wants` in the order they came: what plays, then what is visible, then, where
/// room is left, what was granted before.
#[must_use]
pub fn grant(wants: &[Want], granted: &[FileId], most: usize) -> Vec<FileId> {
    let rank = |want: &Want| match want {
        Want { plays: true, .. } if granted.contains(&want.file) => Some(0),
        Want { visible: true, .. } => Some(1),
        _ if granted.contains(&want.file) => Some(2),
        _ => None,
    };
    let mut ranked: Vec<(u8, FileId)> = wants
        .iter()
        .filter_map(|want| rank(want).map(|rank| (rank, want.file)))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked
        .into_iter()
        .take(most)
        .map(|(_, file)| file)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(number: u8, visible: bool, plays: bool) -> Want {
        Want {
            file: FileId([number; 16]),
            visible,
            plays,
        }
    }

    fn numbers(files: &[FileId]) -> Vec<u8> {
        files.iter().map(|file| file.0[0]).collect()
    }

    #[test]
    fn what_is_seen_goes_first() {
        let wants = [
            want(1, false, false),
            want(2, true, false),
            want(3, true, false),
            want(4, true, false),
        ];
        assert_eq!(numbers(&grant(&wants, &[], 2)), [2, 3]);
    }

    #[test]
    fn what_plays_is_not_interrupted() {
        let wants = [
            want(1, false, true),
            want(2, true, false),
            want(3, true, false),
        ];
        assert_eq!(numbers(&grant(&wants, &[FileId([1; 16])], 2)), [1, 2]);
        assert_eq!(numbers(&grant(&wants, &[], 2)), [2, 3]);
    }

    #[test]
    fn out_of_sight_is_kept_while_there_is_room() {
        let wants = [want(1, false, false), want(2, true, false)];
        assert_eq!(numbers(&grant(&wants, &[FileId([1; 16])], 2)), [2, 1]);
        assert_eq!(numbers(&grant(&wants, &[FileId([1; 16])], 1)), [2]);
    }
}
