//! How a post's text is laid out: paragraphs, lines, and lines that quote.

/// One line of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line, without its break.
    pub text: String,
    /// Whether it starts with `>`, which is how boards quote.
    pub quotes: bool,
}

/// The paragraphs of `text`, parted by empty lines; none for an empty text.
#[must_use]
pub fn paragraphs(text: &str) -> Vec<Vec<Line>> {
    let mut paragraphs = vec![Vec::new()];
    for line in text.split('\n') {
        if line.trim().is_empty() {
            paragraphs.push(Vec::new());
        } else if let Some(paragraph) = paragraphs.last_mut() {
            // `>>12` names a post and is no quote of words.
            let quotes = line.starts_with('>') && !line.starts_with(">>");
            paragraph.push(Line {
                text: line.to_owned(),
                quotes,
            });
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_part_paragraphs() {
        let parts = paragraphs("a\nb\n\n\n>c\n>>12 d");
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].len(), 2);
        assert!(parts[1][0].quotes);
        assert!(!parts[1][1].quotes);
        assert!(paragraphs("").is_empty());
    }
}
