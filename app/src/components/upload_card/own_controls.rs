//! What the sender can do on the card of an own file that does not move.

use leptos::prelude::*;

use crate::browser::files::files_of_input;
use crate::browser::uploads::SendState;
use crate::contexts::notices::use_notices;
use crate::contexts::uploads::use_uploads;
use crate::wire::file::Attachment;

/// Which of the sender's troubles is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    NeedsFile,
    TakenOver,
    Offline,
    Failed(String),
}

/// Choose the file again after a reload that lost it, take it back from another tab, or try again.
#[component]
pub fn OwnControls(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// Whether the reader posted it.
    #[prop(into)]
    own: Signal<bool>,
) -> impl IntoView {
    let uploads = use_uploads();
    let id = file.with_untracked(|file| file.notice.file);
    let trouble = Memo::new(
        move |_| match uploads.own_state(id).filter(|_| own.get())? {
            SendState::NeedsFile => Some(Trouble::NeedsFile),
            SendState::TakenOver => Some(Trouble::TakenOver),
            SendState::Waiting => Some(Trouble::Offline),
            SendState::Failed(sentence) => Some(Trouble::Failed(sentence)),
            _ => None,
        },
    );
    let again = move |words: &'static str| {
        view! {
            <button type="button" class="button button--quiet" on:click=move |_| uploads.resume(id)>
                {words}
            </button>
        }
    };
    move || {
        let trouble = trouble.get()?;
        let shown = match trouble {
            Trouble::NeedsFile => view! { <ChooseAgain/> }.into_any(),
            Trouble::TakenOver => {
                view! { <span>"Sent from another tab"</span> {again("Send from here")} }.into_any()
            }
            Trouble::Offline => view! { <span>"You are offline"</span> }.into_any(),
            Trouble::Failed(sentence) => {
                view! { <span>{sentence}</span> {again("Try again")} }.into_any()
            }
        };
        Some(view! { <div class="upload-card__own">{shown}</div> })
    }
}

/// The browser forgot the bytes: the same file, picked again, goes on where it was.
#[component]
fn ChooseAgain() -> impl IntoView {
    let (uploads, notices) = (use_uploads(), use_notices());
    let on_change = move |event| {
        let taken = files_of_input(&event)
            .iter()
            .filter(|file| uploads.offer(file))
            .count();
        if taken == 0 {
            notices.warn("That is not the file that was being sent.");
        }
    };
    view! {
        <label class="button button--quiet upload-card__choose">
            "Choose the file again"
            <input type="file" class="visually-hidden" on:change=on_change/>
        </label>
    }
}
