//! A file in the panel.

use leptos::prelude::*;

use crate::browser::files::thumbhash_url;
use crate::components::arriving_strip::derive_open_file;
use crate::components::common::RingLook;
use crate::components::upload_card::{StatusRing, derive_bytes_status};
use crate::contexts::room::{OpenFile, use_room};
use crate::model::format;

/// Stand-in, name, speed, ring; leads to the post.
#[component]
pub fn ArrivingItem(
    /// The file.
    open: OpenFile,
) -> impl IntoView {
    let room = use_room();
    let status = derive_bytes_status(derive_open_file(room, open.clone()));
    let notice = open.attachment.notice;
    let blur = notice
        .placeholder
        .thumbhash
        .as_deref()
        .and_then(thumbhash_url);
    let tile = format::extension(&notice.name);
    view! {
        <li>
            <a class="arriving-item" href=format!("#p{}", open.no)>
                {match blur {
                    Some(blur) => {
                        view! {
                            <span class="upload-card" data-state=move || status.name.get() style=move || format!("--p:{}", status.share.get())>
                                <span class="upload-card__frame">
                                    <img class="upload-card__blur" src=blur alt=""/>
                                    <span class="upload-card__pending"></span>
                                </span>
                            </span>
                        }
                            .into_any()
                    }
                    None => view! { <span class="file-tile__kind" aria-hidden="true">{tile}</span> }.into_any(),
                }}
                <span class="file-line">
                    <b class="file-line__name">{notice.name}</b>
                    <span>{format!("No. {}", open.no)}</span>
                    <span class=("file-line__rate", move || status.state.get().moves())>{move || status.words.get().join(" · ")}</span>
                </span>
                <StatusRing status look=RingLook::Plain/>
            </a>
        </li>
    }
}
