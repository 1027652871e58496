//! What the reader wants of this site, kept in the browser.

use leptos::prelude::*;

use crate::browser::page;

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
    fn read(text: Option<&str>) -> Self {
        match text {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    fn next(self) -> Self {
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
        let theme = self.theme.get_untracked().next();
        self.theme.set(theme);
        page::set_theme(theme.name());
    }

    /// Whether growing files are fetched only when asked for, since the browser wants to save data.
    #[must_use]
    pub fn data_saver(self) -> bool {
        self.data_saver.get()
    }
}

/// Provides the settings; they are read once the page is alive.
pub fn provide_settings() {
    let settings = Settings {
        theme: RwSignal::new(Theme::System),
        data_saver: RwSignal::new(false),
    };
    provide_context(settings);
    Effect::new(move || {
        let theme = Theme::read(page::theme().as_deref());
        settings.theme.set(theme);
        page::set_theme(theme.name());
        settings.data_saver.set(page::save_data());
    });
}

/// The settings.
#[must_use]
pub fn use_settings() -> Settings {
    expect_context()
}
