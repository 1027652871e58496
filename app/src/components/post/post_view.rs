//! A post: number in the gutter, words and files beside it.

use leptos::prelude::*;

use super::post_actions::PostActions;
use super::post_head::PostHead;
use crate::components::attachment::Attachments;
use crate::components::common::Words;
use crate::contexts::room::use_room;
use crate::wire::ids::PostNo;
use crate::wire::page::Post;

/// Post `no` of the room shown; what was removed leaves a line.
#[component]
pub fn PostView(
    /// Its number.
    no: PostNo,
) -> impl IntoView {
    let room = use_room();
    let post: Signal<Post> = room.post(no)?.into();
    let own = Memo::new(move |_| post.with(|post| room.is_me(&post.author)));
    let removed = Memo::new(move |_| post.with(|post| post.removed));
    Some(move || {
        if removed.get() {
            view! { <RemovedPost no/> }.into_any()
        } else {
            view! { <Whole no post own/> }.into_any()
        }
    })
}

#[component]
fn Whole(no: PostNo, post: Signal<Post>, own: Memo<bool>) -> impl IntoView {
    let text = Memo::new(move |_| post.with(|post| post.text.clone()));
    view! {
        <article
            class="post"
            id=format!("p{no}")
            aria-labelledby=format!("h{no}")
            data-own=move || own.get().then_some("")
        >
            <a class="post__no" href=format!("#p{no}") title=format!("Link to No. {no}")>
                "No. "
                <b>{no}</b>
            </a>
            <PostHead no post own/>
            <div class="post-body">
                <Words text/>
            </div>
            <Attachments post own/>
            <PostActions no own/>
        </article>
    }
}

#[component]
fn RemovedPost(no: PostNo) -> impl IntoView {
    view! {
        <article class="post post--removed" id=format!("p{no}")>
            <span class="post__no">"No. " <b>{no}</b></span>
            <p class="post__gone">"This post was removed."</p>
        </article>
    }
}
