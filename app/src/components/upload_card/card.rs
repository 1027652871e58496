//! The card of an arriving file, whatever it is.

use leptos::prelude::*;

use super::derive_bytes_status;
use super::media_card::MediaCard;
use super::row_card::RowCard;
use super::tile::GoneTile;
use crate::model::transfer::CardState;
use crate::wire::file::{Attachment, FileKind};

/// Which card a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Media,
    Row,
    Gone(CardState),
}

/// The card of a file that was open when its post was drawn first. It stays when the file is finished, so that
/// what is on screen is not taken away to be fetched again.
#[component]
pub fn UploadCard(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// Whether the reader posted it.
    #[prop(into)]
    own: Signal<bool>,
) -> impl IntoView {
    let status = derive_bytes_status(file);
    let kind = Memo::new(move |_| file.with(Attachment::kind));
    let look = Memo::new(move |_| match (status.state.get(), kind.get()) {
        (gone @ (CardState::Stopped(_) | CardState::Removed), _) => Look::Gone(gone),
        (_, FileKind::Image | FileKind::Video) => Look::Media,
        (_, FileKind::Audio | FileKind::Other) => Look::Row,
    });
    move || match look.get() {
        Look::Gone(state) => view! { <GoneTile file state percent=status.percent/> }.into_any(),
        Look::Media => view! { <MediaCard file status own/> }.into_any(),
        Look::Row => view! { <RowCard file status own/> }.into_any(),
    }
}
