//! Day or night, and the cookie that says which: the server knows it too, so a page comes in the right colours.

/// The name of the cookie.
const COOKIE: &str = "streamboard_theme";

/// How long a choice outlives the last visit, in seconds: as long as browsers keep a cookie at the most.
const MAX_AGE_S: u32 = 400 * 24 * 60 * 60;

/// Day or night.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    /// Day.
    Light,
    /// Night.
    Dark,
}

impl Theme {
    /// The choice among `cookies`, as a request or a document has them: `a=1; b=2`.
    #[must_use]
    pub fn of_cookies(cookies: &str) -> Self {
        let mut pairs = cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        match pairs.find(|(name, _)| *name == COOKIE) {
            Some((_, "light")) => Self::Light,
            Some((_, "dark")) => Self::Dark,
            _ => Self::System,
        }
    }

    /// The cookie that keeps the choice, or takes it back.
    #[must_use]
    pub fn cookie(self) -> String {
        let (value, max_age_s) = self.name().map_or(("", 0), |name| (name, MAX_AGE_S));
        format!("{COOKIE}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax")
    }

    /// The value of `data-theme`; none follows the system.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The one after this, in a circle.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// What a button that changes it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "Theme: follows the system",
            Self::Light => "Theme: light",
            Self::Dark => "Theme: dark",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_again() {
        for theme in [Theme::System, Theme::Light, Theme::Dark] {
            let cookie = theme.cookie();
            let (pair, _) = cookie.split_once(';').unwrap();
            assert_eq!(Theme::of_cookies(&format!("a=1; {pair}; b=2")), theme);
        }
        assert!(Theme::System.cookie().contains("Max-Age=0"));
    }

    #[test]
    fn nothing_and_nonsense_follow_the_system() {
        for cookies in [
            "",
            "streamboard_theme",
            "streamboard_theme=\"><script>",
            "other_streamboard_theme=dark",
            "dark",
        ] {
            assert_eq!(Theme::of_cookies(cookies), Theme::System, "{cookies}");
        }
    }
}
