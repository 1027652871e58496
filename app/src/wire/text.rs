//! Rules for what people type, judged alike in the composer and on the server.

use super::limits::Limits;

/// Why a text is refused; its display form is shown to the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextRefused {
    /// Nothing but white space.
    #[error("{what} must not be empty")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// More characters than allowed.
    #[error("{what} may have {most} characters, this one has {got}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How many are allowed.
        most: u32,
        /// How many there are.
        got: u32,
    },
    /// More lines than allowed.
    #[error("{what} may have {most} lines, this one has {got}")]
    TooManyLines {
        /// Which text.
        what: &'static str,
        /// How many are allowed.
        most: u32,
        /// How many there are.
        got: u32,
    },
    /// Characters that nobody can see or that act on a terminal.
    #[error("{what} must not contain control characters")]
    Control {
        /// Which text.
        what: &'static str,
    },
}

/// A post's text: line breaks made `\n`, outer white space cut. Empty is allowed, a post may have files only.
///
/// # Errors
/// Too long, too many lines, or control characters other than line break and tab.
pub fn post_text(text: &str, limits: &Limits) -> Result<String, TextRefused> {
    let what = "a post";
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(TextRefused::Control { what });
    }
    let text = text
        .trim_matches(|c: char| c.is_whitespace() && c != '\t')
        .to_owned();
    within(&text, what, limits.text_chars)?;
    let got = count(text.split('\n').count());
    if got > limits.text_lines {
        return Err(TextRefused::TooManyLines {
            what,
            most: limits.text_lines,
            got,
        });
    }
    Ok(text)
}

/// A room's title: one line.
///
/// # Errors
/// Empty, too long, or control characters.
pub fn title(text: &str, limits: &Limits) -> Result<String, TextRefused> {
    one_line(text, "a title", limits.title_chars)
}

/// A participant's name: one line; `None` where it is empty, which means to have none.
///
/// # Errors
/// Too long, or control characters.
pub fn name(text: &str, limits: &Limits) -> Result<Option<String>, TextRefused> {
    match one_line(text, "a name", limits.name_chars) {
        Ok(name) => Ok(Some(name)),
        Err(TextRefused::Empty { .. }) => Ok(None),
        Err(refused) => Err(refused),
    }
}

/// A file's name for display: the last path segment without controls and bidi marks, at most 150 characters,
/// the extension kept. Never refuses: a name is only a caption.
#[must_use]
pub fn file_name(text: &str) -> String {
    const MOST: usize = 150;
    let segment = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = segment
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let clean = clean.trim().trim_matches('.').trim();
    if clean.is_empty() {
        return "file".to_owned();
    }
    let length = clean.chars().count();
    if length <= MOST {
        return clean.to_owned();
    }
    let (stem, extension) = match clean.rsplit_once('.') {
        Some((stem, extension)) if extension.chars().count() <= 16 => {
            (stem, format!(".{extension}"))
        }
        _ => (clean, String::new()),
    };
    let room = MOST - extension.chars().count();
    stem.chars().take(room).chain(extension.chars()).collect()
}

/// How many characters `text` has, as the limits count them.
#[must_use]
pub fn chars(text: &str) -> u32 {
    count(text.chars().count())
}

fn one_line(text: &str, what: &'static str, most: u32) -> Result<String, TextRefused> {
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().any(char::is_control) {
        return Err(TextRefused::Control { what });
    }
    if text.is_empty() {
        return Err(TextRefused::Empty { what });
    }
    within(&text, what, most)?;
    Ok(text)
}

fn within(text: &str, what: &'static str, most: u32) -> Result<(), TextRefused> {
    let got = chars(text);
    if got > most {
        Err(TextRefused::TooLong { what, most, got })
    } else {
        Ok(())
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Zero-width and bidi characters, which let two different names look alike. Unicode TR 36, section 2.6
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_keeps_lines_and_loses_outer_space() {
        assert_eq!(
            post_text("\r\n >a\r\nb\rc \n", &Limits::default()).unwrap(),
            ">a\nb\nc"
        );
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        let limits = Limits {
            text_chars: 3,
            text_lines: 2,
            ..Limits::default()
        };
        assert!(matches!(
            post_text("abcd", &limits),
            Err(TextRefused::TooLong {
                got: 4,
                most: 3,
                ..
            })
        ));
        assert!(matches!(
            post_text(
                "a\nb\nc",
                &Limits {
                    text_chars: 9,
                    ..limits
                }
            ),
            Err(TextRefused::TooManyLines { got: 3, .. })
        ));
        for text in ["a\0", "\u{1b}[0m", "\u{85}x"] {
            assert!(
                matches!(
                    post_text(text, &Limits::default()),
                    Err(TextRefused::Control { .. })
                ),
                "{text:?}"
            );
        }
        assert!(matches!(
            title(" \t\n", &Limits::default()),
            Err(TextRefused::Empty { .. })
        ));
    }

    #[test]
    fn names_cannot_hide_characters() {
        assert_eq!(
            name("\u{202e}Eve\u{200b}  B ", &Limits::default())
                .unwrap()
                .as_deref(),
            Some("Eve B")
        );
        assert_eq!(name("\u{200b}", &Limits::default()).unwrap(), None);
    }

    #[test]
    fn a_file_name_is_one_segment() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\tmp\\a\u{202e}gpj.exe"), "agpj.exe");
        assert_eq!(file_name("..."), "file");
        let long = file_name(&format!("{}.jpeg", "x".repeat(300)));
        assert_eq!(long.chars().count(), 150);
        assert!(long.ends_with(".jpeg"));
    }
}
