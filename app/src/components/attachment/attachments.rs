//! All files of a post.

use leptos::prelude::*;

use super::file_slot::FileSlot;
use crate::wire::file::{Attachment, FileKind};
use crate::wire::ids::FileId;
use crate::wire::page::Post;

/// The files of `post` in the order given; each is drawn by itself when something happens to it.
#[component]
pub fn Attachments(
    /// The post.
    #[prop(into)]
    post: Signal<Post>,
    /// Whether the reader made it.
    #[prop(into)]
    own: Signal<bool>,
) -> impl IntoView {
    let files = Memo::new(move |_| {
        post.with(|post| {
            post.files
                .iter()
                .map(|file| file.notice.file)
                .collect::<Vec<FileId>>()
        })
    });
    let seen = Memo::new(move |_| {
        let is_seen = |file: &Attachment| matches!(file.kind(), FileKind::Image | FileKind::Video);
        post.with(|post| post.files.iter().any(is_seen))
    });
    let any = Memo::new(move |_| !files.get().is_empty());
    view! {
        <Show when=move || any.get()>
            <div
                class="attachments"
                data-count=move || files.get().len().to_string()
                data-layout=move || (!seen.get()).then_some("rows")
            >
                <For each=move || files.get() key=|file| *file let:file>
                    {slot(post, file, own)}
                </For>
            </div>
        </Show>
    }
}

fn slot(post: Signal<Post>, id: FileId, own: Signal<bool>) -> impl IntoView {
    let find = move |post: &Post| {
        post.files
            .iter()
            .find(|file| file.notice.file == id)
            .cloned()
    };
    let held = post.with_untracked(find)?;
    let file = Memo::new(move |_| post.with(find).unwrap_or_else(|| held.clone()));
    Some(view! { <FileSlot file own/> })
}
