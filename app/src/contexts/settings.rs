//! What the reader wants of this site, kept in the browser.

use leptos::prelude::*;

use crate::browser::page;
use crate::model::theme::Theme;

/// The settings.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    theme: RwSignal<Theme>,
    data_saver: RwSignal<bool>,
}

impl Settings {
    /// The theme chosen.
    #[must_use]
    pub fn theme(self) -> Theme {
        self.theme.get()
    }

    /// Takes the next theme.
    pub fn next_theme(self) {
        self.take(self.theme.get_untracked().next());
    }

    /// Whether growing files are fetched only when asked for, since the browser wants to save data.
    #[must_use]
    pub fn data_saver(self) -> bool {
        self.data_saver.get()
    }

    fn take(self, theme: Theme) {
        self.theme.set(theme);
        page::set_theme(theme.name());
        page::set_cookie(&theme.cookie());
    }
}

/// Provides the settings; they are read once the page is alive. Its colours came with it, by the same cookie, which
/// is set again with each visit: some browsers keep what a script has set for a week only.
pub fn provide_settings() {
    let settings = Settings {
        theme: RwSignal::new(Theme::System),
        data_saver: RwSignal::new(false),
    };
    provide_context(settings);
    Effect::new(move || {
        settings.take(Theme::of_cookies(&page::cookies()));
        settings.data_saver.set(page::save_data());
    });
}

/// The settings.
#[must_use]
pub fn use_settings() -> Settings {
    expect_context()
}
