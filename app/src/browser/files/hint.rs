//! A guess at what a file is, before anybody reads it.

use crate::wire::file::FileKind;

/// By media type, else by the name's extension.
pub(super) fn kind(mime: &str, name: &str) -> FileKind {
    let family = mime.split('/').next().unwrap_or_default();
    match family {
        "image" => FileKind::Image,
        "video" => FileKind::Video,
        "audio" => FileKind::Audio,
        _ => by_extension(name),
    }
}

fn by_extension(name: &str) -> FileKind {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "jxl" | "svg" | "bmp") => {
            FileKind::Image
        }
        Some("mp4" | "m4v" | "webm" | "mov" | "mkv" | "ogv") => FileKind::Video,
        Some("mp3" | "ogg" | "oga" | "opus" | "flac" | "wav" | "m4a" | "aac") => FileKind::Audio,
        _ => FileKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_comes_before_the_name() {
        assert_eq!(kind("video/webm", "a.png"), FileKind::Video);
        assert_eq!(kind("", "Photo.JPEG"), FileKind::Image);
        assert_eq!(kind("application/octet-stream", "a.opus"), FileKind::Audio);
        assert_eq!(kind("text/plain", "png"), FileKind::Other);
    }
}
