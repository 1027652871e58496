//! The reader's name in the room.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::rename;
use crate::contexts::room::use_room;
use crate::wire::text;

/// A change of the field takes the name, or gives it up where it is empty; needs script.
#[component]
pub fn NameField() -> impl IntoView {
    let room = use_room();
    let problem = RwSignal::new(None::<String>);
    let name = Memo::new(move |_| room.me().and_then(|me| me.name).unwrap_or_default());
    let on_change = move |event| {
        let typed: String = event_target_value(&event);
        if let Err(refused) = text::name(&typed, &room.limits_now()) {
            return problem.set(Some(refused.to_string()));
        }
        problem.set(None);
        let id = room.id();
        spawn_local(async move {
            match rename(id, typed).await {
                Ok(author) => room.set_me(author),
                Err(error) => problem.set(Some(error.message)),
            }
        });
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        // Enter takes the name and does not send the post.
        if event.key() == "Enter" {
            event.prevent_default();
        }
    };
    let placeholder = move || {
        room.me().map_or_else(
            || "Anonymous".to_owned(),
            |me| format!("Anonymous {}", me.number),
        )
    };
    view! {
        <div class="composer__name">
            <label for="c-name">"as"</label>
            <input
                type="text"
                id="c-name"
                placeholder=placeholder
                aria-label="Your name in this room"
                aria-invalid=move || problem.get().map(|_| "true")
                maxlength=move || room.limits().name_chars.to_string()
                autocomplete="off"
                prop:value=move || name.get()
                on:change=on_change
                on:keydown=on_key
            />
            {move || problem.get().map(|problem| view! { <span class="field__error" role="alert">{problem}</span> })}
        </div>
    }
}
