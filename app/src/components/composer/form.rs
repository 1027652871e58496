//! The form: text, files, name. Without script it posts text by itself.

use leptos::ev::{ClipboardEvent, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use super::file_tray::FileTray;
use super::name_field::NameField;
use crate::browser::files::{files_of_input, files_of_paste};
use crate::browser::page;
use crate::components::common::Icon;
use crate::contexts::draft::use_draft;
use crate::contexts::feed::use_feed;
use crate::contexts::room::use_room;
use crate::model::format;
use crate::model::tray::{Counter, counter};
use crate::wire::ids::Nonce;

/// The form for a post.
#[component]
pub fn Composer(
    /// Identity of the post that the form makes without script.
    form_nonce: Nonce,
    /// Why the post of the form without script was refused.
    #[prop(into)]
    refused: Option<String>,
) -> impl IntoView {
    let (room, draft, feed) = (use_room(), use_draft(), use_feed());
    let hint = move || {
        let limits = room.limits();
        let size = format::bytes(limits.file_bytes);
        format!(
            "Paste or drop up to {} files, {size} each",
            limits.files_per_post
        )
    };
    let offline = Memo::new(move |_| feed.was_tried() && !feed.is_open());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        draft.send();
    };
    view! {
        <form
            class="composer"
            method="post"
            action="/api/create_post"
            aria-label="Write a post"
            on:submit=on_submit
        >
            <input type="hidden" name="room" value=room.id().to_string()/>
            <input type="hidden" name="nonce" value=form_nonce.to_string()/>
            <FileTray/>
            <Problem refused/>
            <TextField/>
            <AttachButton/>
            <NameField/>
            <p class="composer__hint">
                {move || if offline.get() { "Goes out when you are back".to_owned() } else { hint() }}
            </p>
            <TextCount/>
            <button type="submit" class="button button--primary composer__send" aria-label="Send">
                <span class="composer__send-word">"Send"</span>
                <Icon name="send" small=true/>
            </button>
        </form>
    }
}

#[component]
fn TextField() -> impl IntoView {
    let (room, draft) = (use_room(), use_draft());
    let by_finger = RwSignal::new(false);
    Effect::new(move || by_finger.set(page::coarse_pointer()));
    let on_key = move |event: KeyboardEvent| {
        // By finger, Enter breaks the line: there is a button to send.
        let sends = event.key() == "Enter" && !event.shift_key() && !event.is_composing();
        if sends && !by_finger.get_untracked() {
            event.prevent_default();
            draft.send();
        }
    };
    let on_paste = move |event: ClipboardEvent| {
        let files = files_of_paste(&event);
        if !files.is_empty() {
            event.prevent_default();
            draft.add(files);
        }
    };
    view! {
        <label class="visually-hidden" for="c-text">"Message"</label>
        <textarea
            class="composer__text"
            id="c-text"
            name="text"
            rows="1"
            placeholder=move || format!("Write to {}", room.snapshot().title)
            enterkeyhint=move || if by_finger.get() { "enter" } else { "send" }
            prop:value=move || draft.text()
            on:input=move |event| draft.set_text(event_target_value(&event))
            on:keydown=on_key
            on:paste=on_paste
        ></textarea>
    }
}

#[component]
fn AttachButton() -> impl IntoView {
    let draft = use_draft();
    view! {
        <label class="icon-button composer__attach" title="Attach files">
            <Icon name="clip"/>
            <input
                type="file"
                multiple=true
                class="visually-hidden"
                aria-label="Attach files"
                on:change=move |event| draft.add(files_of_input(&event))
            />
        </label>
    }
}

#[component]
fn TextCount() -> impl IntoView {
    let (room, draft) = (use_room(), use_draft());
    let count = Memo::new(move |_| counter(&draft.text(), &room.limits()));
    view! {
        <output
            class="composer__count"
            data-over=move || matches!(count.get(), Counter::Over(_)).then_some("")
        >
            {move || count.get().words()}
        </output>
    }
}

/// Why the post was not sent.
#[component]
fn Problem(refused: Option<String>) -> impl IntoView {
    let draft = use_draft();
    let refused = StoredValue::new(refused);
    move || {
        let problem = draft.problem().or_else(|| refused.get_value());
        problem.map(|problem| view! { <p class="composer__problem" role="alert">{problem}</p> })
    }
}
