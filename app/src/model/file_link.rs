//! Where a file is read from.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::wire::file::{Attachment, FileState};

/// All but the characters that need no escape in a path. RFC 3986, section 2.3
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of a file, growing or finished. The name in it is for people and for saving.
#[must_use]
pub fn url(file: &Attachment) -> String {
    let name = utf8_percent_encode(&file.notice.name, ESCAPED);
    format!("/files/{}/{name}", file.notice.file)
}

/// Another address of the same file: a media element that read it while it grew knows it as one that cannot be
/// searched, and keeps that for as long as the address is the same.
#[must_use]
pub fn finished_url(file: &Attachment) -> String {
    format!("{}?whole", url(file))
}

/// Whether all of it is there.
#[must_use]
pub fn is_ready(file: &Attachment) -> bool {
    matches!(file.state, FileState::Ready { .. })
}

/// The thumbhash to put behind a finished picture; none where the picture may have clear parts that show it.
#[must_use]
pub fn stand_in(file: &Attachment) -> Option<&str> {
    let opaque = file
        .started
        .as_ref()
        .is_some_and(|started| started.mime == "image/jpeg");
    file.notice
        .placeholder
        .thumbhash
        .as_deref()
        .filter(|_| opaque || !is_ready(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::file::{FileKind, FileNotice, Placeholder};
    use crate::wire::ids::FileId;

    #[test]
    fn a_name_cannot_leave_its_segment() {
        let file = Attachment {
            notice: FileNotice {
                file: FileId([0; 16]),
                name: "a/../b?c#d \"ä.jpg".to_owned(),
                size: None,
                hint: FileKind::Image,
                placeholder: Placeholder::default(),
            },
            started: None,
            state: FileState::Waiting,
        };
        let zeros = "0".repeat(32);
        assert_eq!(
            url(&file),
            format!("/files/{zeros}/a%2F..%2Fb%3Fc%23d%20%22%C3%A4.jpg")
        );
        assert!(!is_ready(&file));
    }
}
