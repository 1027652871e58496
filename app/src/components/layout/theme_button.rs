//! Day or night.

use leptos::prelude::*;

use crate::components::common::IconButton;
use crate::contexts::settings::use_settings;

/// Goes through system, light, dark.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let settings = use_settings();
    let label = Signal::derive(move || settings.theme().label().to_owned());
    view! { <IconButton icon="theme" label on_press=move || settings.next_theme()/> }
}
