//! Which posts of a room have not been seen, and the page's title.

use crate::wire::ids::PostNo;

/// Posts that came while the reader was not looking at the end of the feed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    first: Option<PostNo>,
    count: u32,
}

impl Unread {
    /// Notes a new post. What the reader wrote, or sees at once, is not unread.
    pub fn note(&mut self, no: PostNo, own: bool, looking: bool) {
        if own || looking {
            return;
        }
        self.first.get_or_insert(no);
        self.count = self.count.saturating_add(1);
    }

    /// The reader sees the end of the feed.
    pub fn seen(&mut self) {
        self.count = 0;
    }

    /// Takes the line away that was drawn above the first of them.
    pub fn forget_line(&mut self) {
        if self.count == 0 {
            self.first = None;
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The post the line stands above; stays for a moment after all were seen.
    #[must_use]
    pub fn line_above(&self) -> Option<PostNo> {
        self.first
    }
}

/// The title of a room's page: "(3) Field notes · Streamboard".
#[must_use]
pub fn page_title(room: &str, unread: u32) -> String {
    match unread {
        0 => format!("{room} · Streamboard"),
        1..=99 => format!("({unread}) {room} · Streamboard"),
        _ => format!("(99+) {room} · Streamboard"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_at_or_written_here_is_not_unread() {
        let mut unread = Unread::default();
        unread.note(1, false, true);
        unread.note(2, true, false);
        assert_eq!(unread, Unread::default());
        unread.note(3, false, false);
        unread.note(4, false, false);
        assert_eq!((unread.count(), unread.line_above()), (2, Some(3)));
    }

    #[test]
    fn the_line_outlives_the_count() {
        let mut unread = Unread::default();
        unread.note(3, false, false);
        unread.forget_line();
        assert_eq!(unread.line_above(), Some(3));
        unread.seen();
        assert_eq!((unread.count(), unread.line_above()), (0, Some(3)));
        unread.forget_line();
        assert_eq!(unread.line_above(), None);
    }

    #[test]
    fn the_title_counts() {
        assert_eq!(page_title("Field notes", 0), "Field notes · Streamboard");
        assert_eq!(
            page_title("Field notes", 3),
            "(3) Field notes · Streamboard"
        );
        assert_eq!(
            page_title("Field notes", 100),
            "(99+) Field notes · Streamboard"
        );
    }
}
