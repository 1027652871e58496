//! A post that the server does not have yet, or the feed has not brought back.

use leptos::prelude::*;

use crate::components::common::{Icon, Words};
use crate::contexts::outbox::{OutFile, OutState, use_outbox};
use crate::contexts::room::use_room;
use crate::model::format;
use crate::wire::ids::Nonce;

/// The post as it will be, with where it stands.
#[component]
pub fn Echo(
    /// The command that makes it.
    nonce: Nonce,
) -> impl IntoView {
    let (outbox, room) = (use_outbox(), use_room());
    let state = Memo::new(move |_| {
        let posts = outbox.posts();
        posts
            .into_iter()
            .find(|out| out.post.nonce == nonce)
            .map(|out| out.state)
    });
    let out = untrack(|| outbox.posts())
        .into_iter()
        .find(|out| out.post.nonce == nonce)?;
    let name = untrack(|| room.me()).map_or_else(|| "Anonymous".to_owned(), |me| me.label());
    let refused = move || match state.get() {
        Some(OutState::Refused(sentence)) => Some(sentence),
        _ => None,
    };
    Some(view! {
        <article class="post" data-own="" data-waiting="">
            <span class="post__no">"No. " <b>"–"</b></span>
            <header class="post__head">
                <b class="post__name post__name--anonymous">{name}</b>
                <span class="post__you">"(You)"</span>
                <span class="post__waiting">
                    <Icon name="clock" small=true/>
                    {move || words(state.get().as_ref())}
                </span>
            </header>
            <div class="post-body">
                <Words text=Signal::stored(out.post.text)/>
            </div>
            <EchoFiles files=out.files/>
            {move || {
                refused()
                    .map(|sentence| {
                        view! {
                            <div class="post__refused" role="alert">
                                <span>{sentence}</span>
                                <button type="button" class="button button--quiet" on:click=move |_| outbox.retry(nonce)>"Try again"</button>
                                <button type="button" class="button button--quiet" on:click=move |_| outbox.discard(nonce)>"Discard"</button>
                            </div>
                        }
                    })
            }}
        </article>
    })
}

#[component]
fn EchoFiles(files: Vec<OutFile>) -> impl IntoView {
    (!files.is_empty()).then(|| {
        let names = files.into_iter().map(|file| {
            let size = format::bytes(file.local.size());
            view! { <p class="file-line"><b class="file-line__name">{file.local.name().to_owned()}</b><span>{size}</span></p> }
        });
        view! { <div class="post__files">{names.collect_view()}</div> }
    })
}

fn words(state: Option<&OutState>) -> &'static str {
    match state {
        Some(OutState::Sending) => "sending",
        Some(OutState::Refused(_)) => "not sent",
        Some(OutState::Waiting) => "waiting to send",
        Some(OutState::Sent) | None => "sent",
    }
}
