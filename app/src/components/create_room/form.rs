//! The form; works without script.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::api;
use crate::components::common::Icon;
use crate::model::format;
use crate::wire::limits::Limits;

/// Title and who can find it; leads to the new room.
#[component]
pub fn CreateRoom(
    /// The limits in force.
    limits: Limits,
    /// Why the form without script was refused.
    #[prop(into)]
    refused: Option<String>,
) -> impl IntoView {
    let create = ServerAction::<api::CreateRoom>::new();
    let navigate = use_navigate();
    Effect::new(move || {
        if let Some(Ok(room)) = create.value().get() {
            navigate(
                &format!("/r/{}", room.room),
                leptos_router::NavigateOptions::default(),
            );
        }
    });
    let problem = move || match create.value().get() {
        Some(Err(error)) => Some(error.message),
        Some(Ok(_)) => None,
        None => refused.clone(),
    };
    view! {
        <ActionForm action=create attr:class="create-room" attr:id="new" attr:aria-labelledby="new-h">
            <h2 id="new-h">"Open a room"</h2>
            <div class="field">
                <label class="field__label" for="new-title">"Title"</label>
                <input class="input" id="new-title" name="title" required=true maxlength=limits.title_chars.to_string() placeholder="What is it about?" autocomplete="off"/>
                {move || problem().map(|problem| view! { <p class="field__error" role="alert">{problem}</p> })}
            </div>
            <fieldset class="field">
                <legend class="visually-hidden">"Who can find it"</legend>
                <div class="segments">
                    <label>
                        <input type="radio" name="visibility" value="listed" checked=true/>
                        <span><Icon name="globe" small=true/> " Public"</span>
                    </label>
                    <label>
                        <input type="radio" name="visibility" value="secret"/>
                        <span><Icon name="lock" small=true/> " Secret link"</span>
                    </label>
                </div>
                <p class="field__hint">
                    {format!("A public room is listed here, a secret one opens only by its link. It closes {} after its last post.", format::hours(limits.room_hours))}
                </p>
            </fieldset>
            <button type="submit" class="button" disabled=move || create.pending().get()>"Open room"</button>
        </ActionForm>
    }
}
