//! What a client may do, told to it by the server and never hard-coded.

use serde::{Deserialize, Serialize};

/// The limits in force. [`Default`] gives those of a server that was told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Characters (Unicode scalar values) of a post.
    pub text_chars: u32,
    /// Lines of a post.
    pub text_lines: u32,
    /// Characters of a participant's name.
    pub name_chars: u32,
    /// Characters of a room's title.
    pub title_chars: u32,
    /// Files of a post.
    pub files_per_post: u32,
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Uploads one session may have open at once, in all rooms together.
    pub open_uploads: u32,
    /// Pixels of a picture shown inline.
    pub image_pixels: u64,
    /// Pixels of a picture's longer side.
    pub image_side: u32,
    /// Hours after its last activity at which a room ends.
    pub room_hours: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_chars: 4_000,
            text_lines: 100,
            name_chars: 50,
            title_chars: 100,
            files_per_post: 5,
            file_bytes: 100 * 1024 * 1024,
            open_uploads: 10,
            image_pixels: 50_000_000,
            image_side: 12_000,
            room_hours: 72,
        }
    }
}
