//! A button that is an icon.

use leptos::prelude::*;

use super::Icon;

/// A button that is an icon, with a label for those who cannot see it.
#[component]
pub fn IconButton(
    /// The icon's id in the sprite.
    icon: &'static str,
    /// What it does.
    #[prop(into)]
    label: Signal<String>,
    /// Further classes.
    #[prop(optional)]
    class: &'static str,
    /// Whether the icon is the small one.
    #[prop(optional)]
    small: bool,
    /// Called on a click.
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=format!("icon-button {class}").trim_end().to_owned()
            aria-label=move || label.get()
            title=move || label.get()
            on:click=move |_| on_press()
        >
            <Icon name=icon small/>
        </button>
    }
}
