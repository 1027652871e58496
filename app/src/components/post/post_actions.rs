//! What can be done with a post.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Deleting;
use crate::browser::page;
use crate::components::common::IconButton;
use crate::contexts::draft::use_draft;
use crate::contexts::notices::use_notices;
use crate::contexts::room::use_room;
use crate::wire::ids::PostNo;

/// Quote it, copy its link, and remove one's own.
#[component]
pub fn PostActions(
    /// Its number.
    no: PostNo,
    /// Whether the reader made it.
    #[prop(into)]
    own: Signal<bool>,
) -> impl IntoView {
    let (draft, notices, room) = (use_draft(), use_notices(), use_room());
    let deleting = expect_context::<Deleting>();
    let copy = move || {
        let link = page::absolute(&format!("/r/{}#p{no}", room.id()));
        spawn_local(async move {
            if page::copy_text(&link).await {
                notices.tell(format!("Link to No. {no} copied"));
            } else {
                notices.warn(format!("The browser does not copy; the link is {link}"));
            }
        });
    };
    view! {
        <div class="post-actions" role="toolbar" aria-label=format!("Actions for No. {no}")>
            <IconButton icon="quote" small=true label=format!("Quote No. {no}") on_press=move || draft.quote(no)/>
            <IconButton icon="link" small=true label=format!("Copy link to No. {no}") on_press=copy/>
            <Show when=move || own.get()>
                <IconButton
                    icon="trash"
                    small=true
                    class="icon-button--danger"
                    label=format!("Delete No. {no}")
                    on_press=move || deleting.ask(no)
                />
            </Show>
        </div>
    }
}
