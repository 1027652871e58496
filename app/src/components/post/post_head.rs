//! Who made a post, and when.

use leptos::prelude::*;

use crate::components::common::{Moment, RoleTag};
use crate::wire::ids::PostNo;
use crate::wire::page::Post;

/// Author as shown then, OP mark, whether it is the reader, time, whether it was edited.
#[component]
pub fn PostHead(
    /// Its number.
    no: PostNo,
    /// The post.
    #[prop(into)]
    post: Signal<Post>,
    /// Whether the reader made it.
    #[prop(into)]
    own: Signal<bool>,
) -> impl IntoView {
    let (author, at) = post.with_untracked(|post| (post.author.clone(), post.at));
    let edited = Memo::new(move |_| post.with(|post| post.edited));
    let class = if author.name.is_some() {
        "post__name"
    } else {
        "post__name post__name--anonymous"
    };
    view! {
        <header class="post__head" id=format!("h{no}")>
            <b class=class>{author.label()}</b>
            " "
            <RoleTag op=author.op/>
            {move || own.get().then(|| view! { <span class="post__you">"(You)"</span> })}
            <Moment at/>
            {move || edited.get().then(|| view! { <span class="post__edited">"edited"</span> })}
        </header>
    }
}
