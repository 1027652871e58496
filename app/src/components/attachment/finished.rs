//! A finished file, as what it is.

use leptos::prelude::*;

use crate::browser::files::thumbhash_url;
use crate::components::common::{FileLine, Icon};
use crate::model::{file_link, format};
use crate::wire::file::{Attachment, FileKind};

/// Picture, video, sound, or a tile to save it from.
#[component]
pub fn Finished(
    /// The file.
    file: Attachment,
) -> impl IntoView {
    match file.kind() {
        FileKind::Image => view! { <Image file/> }.into_any(),
        FileKind::Video => view! { <Video file/> }.into_any(),
        FileKind::Audio => view! { <Audio file/> }.into_any(),
        FileKind::Other => view! { <Other file/> }.into_any(),
    }
}

#[component]
fn Image(file: Attachment) -> impl IntoView {
    let (link, url, style) = (file_link::url(&file), file_link::url(&file), frame(&file));
    let blur = file_link::stand_in(&file).and_then(thumbhash_url);
    let (width, height) = file.dimensions().unzip();
    view! {
        <figure class="attachment" data-kind="picture" style=style>
            <a class="attachment__frame" href=link target="_blank" rel="external" aria-label=format!("Open {}", file.notice.name)>
                {blur.map(|blur| view! { <img class="attachment__blur" src=blur alt=""/> })}
                <img
                    src=url
                    width=width.map(|width| width.to_string())
                    height=height.map(|height| height.to_string())
                    alt="Picture"
                    loading="lazy"
                    decoding="async"
                />
            </a>
            <figcaption class="file-line">
                <FileLine file=Signal::stored(file)/>
            </figcaption>
        </figure>
    }
}

#[component]
fn Video(file: Attachment) -> impl IntoView {
    let (url, style) = (file_link::url(&file), frame(&file));
    view! {
        <figure class="attachment" data-kind="video" style=style>
            <div class="attachment__frame">
                <video src=url controls=true playsinline=true preload="metadata" aria-label=file.notice.name.clone()></video>
            </div>
            <figcaption class="file-line">
                <FileLine file=Signal::stored(file)/>
            </figcaption>
        </figure>
    }
}

#[component]
fn Audio(file: Attachment) -> impl IntoView {
    let url = file_link::url(&file);
    let tile = format::extension(&file.notice.name);
    view! {
        <figure class="upload-card upload-card--row" data-kind="audio" data-state="settled">
            <span class="file-tile__kind" aria-hidden="true">{tile}</span>
            <figcaption class="upload-card__main">
                <div class="file-line">
                    <FileLine file=Signal::stored(file.clone())/>
                </div>
                <audio class="upload-card__sound" src=url controls=true preload="metadata" aria-label=file.notice.name></audio>
            </figcaption>
        </figure>
    }
}

#[component]
fn Other(file: Attachment) -> impl IntoView {
    let url = file_link::url(&file);
    let (tile, name) = (
        format::extension(&file.notice.name),
        file.notice.name.clone(),
    );
    view! {
        <figure class="file-tile">
            <span class="file-tile__kind" aria-hidden="true">{tile}</span>
            <figcaption class="file-line">
                <FileLine file=Signal::stored(file)/>
            </figcaption>
            <a class="icon-button" href=url download=name.clone() rel="external" aria-label=format!("Download {name}")>
                <Icon name="download"/>
            </a>
        </figure>
    }
}

fn frame(file: &Attachment) -> String {
    let (width, height) = file.dimensions().unwrap_or((4, 3));
    format!("--w:{width};--h:{height}")
}
