//! The headers of tus 1.0.0, read strictly.

use app::wire::file::FileKind;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::uploads::UploadError;

pub(super) const TUS: &str = "1.0.0";
pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(super) const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
pub(super) const TAKEN_OVER: HeaderName = HeaderName::from_static("upload-taken-over");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Bytes of `Upload-Metadata` that are read.
const MOST_METADATA: usize = 4 * 1024;

/// Whether the client speaks our version, or does not say that it speaks tus.
pub(super) fn speaks_our_version(headers: &HeaderMap) -> bool {
    headers
        .get(RESUMABLE)
        .is_none_or(|version| version.as_bytes() == TUS.as_bytes())
}

pub(super) fn other_version() -> Response {
    let mut response = answered(StatusCode::PRECONDITION_FAILED);
    response
        .headers_mut()
        .insert(VERSION, HeaderValue::from_static(TUS));
    response
}

/// An empty answer.
pub(super) fn answered(status: StatusCode) -> Response {
    let mut response = status.into_response();
    finish(&mut response);
    response
}

/// What every answer carries.
pub(super) fn finish(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(TUS));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The method meant: of a `POST` that of the header where there is one. No other method is what it does not say,
/// since a `GET` passes as harmless, by the check of the origin for one.
pub(super) fn method(sent: &Method, headers: &HeaderMap) -> Method {
    headers
        .get(METHOD_OVERRIDE)
        .filter(|_| *sent == Method::POST)
        .and_then(|name| Method::from_bytes(name.as_bytes()).ok())
        .unwrap_or_else(|| sent.clone())
}

/// A number of bytes: digits and nothing else.
pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, UploadError> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    value
        .to_str()
        .ok()
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .map(Some)
        .ok_or(UploadError::Invalid(
            "Upload-Offset and Upload-Length are whole numbers of bytes",
        ))
}

/// The declared length of the body.
pub(super) fn content_length(headers: &HeaderMap) -> Result<Option<u64>, UploadError> {
    number(headers, &CONTENT_LENGTH)
}

pub(super) fn is_offset_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|mime| mime.as_bytes() == b"application/offset+octet-stream")
}

/// What a media type given by the sender hints at.
pub(super) fn hint(mime: &str) -> FileKind {
    match mime.split('/').next() {
        Some("image") => FileKind::Image,
        Some("video") => FileKind::Video,
        Some("audio") => FileKind::Audio,
        _ => FileKind::Other,
    }
}

/// What we read of `Upload-Metadata`: pairs of a key and a text in base64.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) room: Option<String>,
    pub(super) filename: Option<String>,
    pub(super) filetype: Option<String>,
}

impl Metadata {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, UploadError> {
        const WRONG: UploadError =
            UploadError::Invalid("Upload-Metadata is a list of keys with values in base64");
        let mut metadata = Self::default();
        let Some(value) = headers.get(METADATA) else {
            return Ok(metadata);
        };
        if value.len() > MOST_METADATA {
            return Err(WRONG);
        }
        for pair in value.to_str().map_err(|_| WRONG)?.split(',') {
            let (key, text) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
            let field = match key {
                "room" => &mut metadata.room,
                "filename" | "name" => &mut metadata.filename,
                "filetype" | "type" => &mut metadata.filetype,
                _ => continue,
            };
            let bytes = decode_base64(text.trim()).ok_or(WRONG)?;
            *field = Some(String::from_utf8(bytes).map_err(|_| WRONG)?);
        }
        Ok(metadata)
    }
}

/// Standard base64, padded or not. RFC 4648, section 4
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let six = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn only_digits_are_an_offset() {
        let read = |value| number(&with(&OFFSET, value), &OFFSET);
        assert_eq!(read("0").unwrap(), Some(0));
        assert_eq!(number(&HeaderMap::new(), &OFFSET).unwrap(), None);
        for wrong in ["-1", "+1", "", "1.5", "0x1", "99999999999999999999999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_post_is_taken_for_another_method() {
        let named = with(&METHOD_OVERRIDE, "DELETE");
        assert_eq!(method(&Method::POST, &named), Method::DELETE);
        assert_eq!(method(&Method::POST, &HeaderMap::new()), Method::POST);
        for sent in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PATCH] {
            assert_eq!(method(&sent, &named), sent);
        }
    }

    #[test]
    fn metadata_is_read() {
        let read = |value| Metadata::read(&with(&METADATA, value));
        let metadata = read("filename Y2F0LmpwZw==, room YWJjZGVmZ2g, is_private").unwrap();
        assert_eq!(metadata.filename.as_deref(), Some("cat.jpg"));
        assert_eq!(metadata.room.as_deref(), Some("abcdefgh"));
        assert!(read("filename Y2F0$").is_err());
        assert!(read("filename //8=").is_err(), "not UTF-8");
    }
}
