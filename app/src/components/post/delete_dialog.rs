//! The question before a post is removed.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::remove_post;
use crate::contexts::notices::use_notices;
use crate::contexts::room::use_room;
use crate::wire::ids::PostNo;

/// Which post the question is about.
#[derive(Debug, Clone, Copy)]
pub struct Deleting(RwSignal<Option<PostNo>>);

impl Deleting {
    /// Asks whether post `no` is to be removed.
    pub fn ask(self, no: PostNo) {
        self.0.set(Some(no));
    }
}

/// Provides the question; none is asked yet.
pub fn provide_deleting() {
    provide_context(Deleting(RwSignal::new(None)));
}

/// Asks, then removes.
#[component]
pub fn DeleteDialog() -> impl IntoView {
    let Deleting(asked) = expect_context::<Deleting>();
    let (room, notices) = (use_room(), use_notices());
    let remove = move |no: PostNo| {
        asked.set(None);
        let id = room.id();
        spawn_local(async move {
            // The feed tells everybody, this page too.
            if let Err(error) = remove_post(id, no).await {
                notices.warn(format!("No. {no} was not removed: {error}"));
            }
        });
    };
    let keep = NodeRef::<leptos::html::Button>::new();
    Effect::new(move || {
        if let Some(keep) = keep.get() {
            // Where the focus cannot go, the question is still seen.
            let _ = keep.focus();
        }
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            asked.set(None);
        }
    };
    move || {
        asked.get().map(|no| {
            view! {
                <div class="dialog-back" on:keydown=on_key>
                    <section class="dialog" role="alertdialog" aria-modal="true" aria-labelledby="delete-h" aria-describedby="delete-p">
                        <h2 id="delete-h">{format!("Delete No. {no}?")}</h2>
                        <p id="delete-p">"The post and its files go away for everyone. An upload that is still running stops at once."</p>
                        <div class="dialog__actions">
                            <button type="button" class="button"
                            node_ref=keep on:click=move |_| asked.set(None)>"Keep it"</button>
                            <button type="button" class="button button--danger" on:click=move |_| remove(no)>"Delete post"</button>
                        </div>
                    </section>
                </div>
            }
        })
    }
}
