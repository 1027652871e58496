//! What the composer refuses before a byte is sent.

use crate::model::format;
use crate::wire::limits::Limits;
use crate::wire::text::{self, TextRefused};

/// Characters before the limit from which on they are counted aloud.
const COUNT_FROM: u32 = 200;

/// Why the file at `index` of a post, `size` bytes long, is refused; `None` where it may go.
#[must_use]
pub fn file_refused(index: usize, size: u64, limits: &Limits) -> Option<String> {
    if size == 0 {
        return Some("the file is empty".to_owned());
    }
    if size > limits.file_bytes {
        let (size, most) = (format::bytes(size), format::bytes(limits.file_bytes));
        return Some(format!("{size}, limit is {most}"));
    }
    if index >= usize::try_from(limits.files_per_post).unwrap_or(usize::MAX) {
        return Some(format!("limit is {} files a post", limits.files_per_post));
    }
    None
}

/// What the counter says of `text`: nothing far from the limit, then what is left, then how much is over.
#[must_use]
pub fn counter(text: &str, limits: &Limits) -> Counter {
    let chars = text::chars(text.trim());
    if chars > limits.text_chars {
        return Counter::Over(chars - limits.text_chars);
    }
    match limits.text_chars - chars {
        left if left <= COUNT_FROM && chars > 0 => Counter::Left(left),
        _ => Counter::Quiet,
    }
}

/// The counter beside the send button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Far from the limit.
    Quiet,
    /// Characters left.
    Left(u32),
    /// Characters too many.
    Over(u32),
}

impl Counter {
    /// Its words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Quiet => String::new(),
            Self::Left(chars) => format!("{chars} left"),
            Self::Over(chars) => format!("{chars} over"),
        }
    }
}

/// Why a post cannot be sent as it stands, as a sentence; or its text as it will be sent.
///
/// # Errors
/// The sentence to show.
pub fn judge(text: &str, files: usize, limits: &Limits) -> Result<String, String> {
    match text::post_text(text, limits) {
        Ok(text) if text.is_empty() && files == 0 => {
            Err("Write something or attach a file".to_owned())
        }
        Ok(text) => Ok(text),
        Err(refused @ TextRefused::Control { .. }) => {
            Err(format!("{refused}; paste it as plain text"))
        }
        Err(refused) => Err(refused.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beyond_the_limits_are_refused_with_the_reason() {
        let limits = Limits::default();
        assert_eq!(file_refused(0, 1, &limits), None);
        assert_eq!(file_refused(0, 0, &limits).unwrap(), "the file is empty");
        assert_eq!(
            file_refused(0, 140 << 20, &limits).unwrap(),
            "140 MB, limit is 100 MB"
        );
        assert_eq!(
            file_refused(5, 1, &limits).unwrap(),
            "limit is 5 files a post"
        );
    }

    #[test]
    fn the_counter_speaks_near_the_limit() {
        let limits = Limits {
            text_chars: 300,
            ..Limits::default()
        };
        assert_eq!(counter(&"x".repeat(99), &limits), Counter::Quiet);
        assert_eq!(counter(&"x".repeat(263), &limits).words(), "37 left");
        assert_eq!(counter(&"x".repeat(312), &limits).words(), "12 over");
    }

    #[test]
    fn a_post_needs_words_or_files() {
        let limits = Limits::default();
        assert!(judge("  \n", 0, &limits).is_err());
        assert_eq!(judge("  \n", 1, &limits).unwrap(), "");
        assert_eq!(judge(" a\r\nb ", 0, &limits).unwrap(), "a\nb");
        assert!(
            judge(&"x".repeat(4_001), 0, &limits)
                .unwrap_err()
                .contains("4000")
        );
    }
}
