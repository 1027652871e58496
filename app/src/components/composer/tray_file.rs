//! A file in the tray.

use leptos::prelude::*;

use crate::browser::files::{LocalFile, hint_of};
use crate::browser::uploads::SendState;
use crate::components::common::{ByteBar, IconButton};
use crate::contexts::draft::{TrayFile, use_draft};
use crate::contexts::room::use_room;
use crate::contexts::uploads::use_uploads;
use crate::model::format;
use crate::model::transfer::share_of;
use crate::wire::file::FileKind;
use crate::wire::ids::FileId;

/// A file not sent yet, or why it cannot be.
#[component]
pub fn DraftFile(
    /// The file.
    file: TrayFile,
) -> impl IntoView {
    let draft = use_draft();
    let (id, name) = (file.id, file.local.name().to_owned());
    let refused = file.refused.is_some();
    let facts = file
        .refused
        .unwrap_or_else(|| format::bytes(file.local.size()));
    view! {
        <li class="tray-file" data-refused=refused.then_some("")>
            <Preview local=file.local kind=file.kind/>
            <div class="tray-file__text">
                <p class="file-line">
                    <b class="file-line__name">{name.clone()}</b>
                    <span class=if refused { "field__error" } else { "" }>{facts}</span>
                </p>
            </div>
            <div class="tray-file__buttons">
                <IconButton icon="close" small=true label=format!("Remove {name}") on_press=move || draft.remove(id)/>
            </div>
        </li>
    }
}

/// A file on its way: it can be cancelled here until it is finished.
#[component]
pub fn SendingFile(
    /// The file.
    file: FileId,
) -> impl IntoView {
    let (uploads, room) = (use_uploads(), use_room());
    let state = Memo::new(move |_| uploads.own_state(file));
    let local = untrack(|| uploads.local(file));
    let local_size = local.as_ref().map(LocalFile::size);
    let name = match &local {
        Some(local) => local.name().to_owned(),
        None => untrack(|| room.open_files())
            .into_iter()
            .find(|open| open.attachment.notice.file == file)
            .map_or_else(
                || "Unfinished file".to_owned(),
                |open| open.attachment.notice.name,
            ),
    };
    // What the server has, not what this browser has handed to the network.
    let transfer = StoredValue::new(uploads.transfer(file));
    let committed =
        Memo::new(move |_| transfer.with_value(|held| held.with(|transfer| transfer.committed)));
    let size = Memo::new(move |_| match state.get()? {
        SendState::Sending { total, .. } => Some(total),
        _ => local_size,
    });
    let percent = Memo::new(move |_| format::percent(committed.get(), size.get()));
    let share = Signal::derive(move || share_of(committed.get(), size.get()));
    let bar = Signal::derive(move || match state.get() {
        Some(SendState::Sending { .. }) => "sending",
        Some(SendState::Failed(_)) => "failed",
        _ => "paused",
    });
    let label = name.clone();
    let preview = match local {
        Some(local) => view! { <Preview kind=hint_of(&local) local/> }.into_any(),
        None => view! { <Tile name=name.clone()/> }.into_any(),
    };
    view! {
        <li class="tray-file">
            {preview}
            <div class="tray-file__text">
                <p class="file-line">
                    <b class="file-line__name">{name.clone()}</b>
                    <span>{move || words(state.get().as_ref(), percent.get())}</span>
                </p>
                <ByteBar share state=bar percent label=Signal::stored(label) thin=true/>
            </div>
            <div class="tray-file__buttons">
                <IconButton icon="close" small=true label=format!("Cancel {name}") on_press=move || uploads.cancel(file)/>
            </div>
        </li>
    }
}

#[component]
fn Preview(local: LocalFile, kind: FileKind) -> impl IntoView {
    if kind == FileKind::Image {
        let src = local.preview_url();
        // The handle is held for as long as the picture is there: its address lives no longer.
        let held = StoredValue::new(local);
        on_cleanup(move || held.dispose());
        view! { <span class="tray-file__preview"><img src=src alt=""/></span> }.into_any()
    } else {
        view! { <Tile name=local.name().to_owned()/> }.into_any()
    }
}

#[component]
fn Tile(name: String) -> impl IntoView {
    let letters = format::extension(&name);
    view! {
        <span class="tray-file__preview">
            <span class="file-tile__kind" aria-hidden="true">{letters}</span>
        </span>
    }
}

fn words(state: Option<&SendState>, percent: Option<u32>) -> String {
    match state {
        Some(SendState::Queued) | None => "queued".to_owned(),
        Some(SendState::Sending { .. }) => match percent {
            Some(percent) => format!("sending {percent} %"),
            None => "sending".to_owned(),
        },
        Some(SendState::Retrying { in_ms }) => format!("next try in {} s", in_ms.div_ceil(1_000)),
        Some(SendState::Waiting) => "waiting for the network".to_owned(),
        Some(SendState::Paused) => "paused".to_owned(),
        Some(SendState::Done) => "sent".to_owned(),
        Some(SendState::TakenOver) => "sent from another tab".to_owned(),
        Some(SendState::NeedsFile) => "choose the file again".to_owned(),
        Some(SendState::Failed(sentence)) => sentence.clone(),
        Some(SendState::Cancelled) => "cancelled".to_owned(),
    }
}
