//! Headers of files: what keeps a hostile file from being anything but a picture, a sound or a download.

use app::wire::file::FileKind;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::upload::UploadRecord;
use crate::uploads::sniff::UNKNOWN_MIME;

/// Tells nginx to pass bytes on as they come.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What stands unescaped in `filename*`. RFC 8187, section 3.2.1
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Headers of every answer that carries bytes of the file.
pub(super) fn of_content(record: &UploadRecord) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let started = record.started.as_ref();
    let mime = started.map_or(UNKNOWN_MIME, |started| started.mime.as_str());
    let mime = HeaderValue::from_str(mime);
    headers.insert(
        header::CONTENT_TYPE,
        mime.unwrap_or(HeaderValue::from_static(UNKNOWN_MIME)),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    let inline = started.is_some_and(|started| started.kind != FileKind::Other);
    if let Ok(disposition) = HeaderValue::from_str(&disposition(inline, &record.name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers
}

/// Headers of a whole file on top of these.
pub(super) fn of_whole(headers: &mut HeaderMap, etag: &str) {
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Asked about every time, so that a removal wins over caches.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
}

/// Headers of a growing file on top of these.
pub(super) fn of_growing(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
}

/// A `Content-Disposition` with an ASCII name for old clients and the real one. RFC 6266, appendix D
fn disposition(inline: bool, name: &str) -> String {
    let how = if inline { "inline" } else { "attachment" };
    let ascii: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let encoded = utf8_percent_encode(name, ATTR_CHAR);
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(
            disposition(false, "a\"b\\c%41\r\né.png"),
            "attachment; filename=\"a_b_c_41___.png\"; filename*=UTF-8''a%22b%5Cc%2541%0D%0A%C3%A9.png"
        );
        assert_eq!(
            disposition(true, "cat photo.jpg"),
            "inline; filename=\"cat photo.jpg\"; filename*=UTF-8''cat%20photo.jpg"
        );
    }
}
