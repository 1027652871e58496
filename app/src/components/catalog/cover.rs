//! The picture of a room's card, or its words.

use leptos::prelude::*;

use crate::browser::files::thumbhash_url;
use crate::components::common::Words;
use crate::model::file_link;
use crate::wire::file::Attachment;

/// The newest picture once finished, its stand-in while it arrives, else words.
#[component]
pub fn Cover(
    /// The newest picture.
    cover: Option<Attachment>,
    /// What stands there without a picture.
    words: String,
) -> impl IntoView {
    let Some(cover) = cover else {
        return view! { <div class="room-card__words"><Words text=Signal::stored(words)/></div> }
            .into_any();
    };
    let blur = file_link::stand_in(&cover).and_then(thumbhash_url);
    let picture = file_link::is_ready(&cover).then(|| file_link::url(&cover));
    view! {
        <div class="attachment__frame">
            {blur.map(|blur| view! { <img class="attachment__blur" src=blur alt=""/> })}
            {picture.map(|url| view! { <img src=url alt="" loading="lazy" decoding="async"/> })}
        </div>
    }
    .into_any()
}
