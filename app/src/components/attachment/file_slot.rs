//! One file of a post, open or over.

use leptos::prelude::*;

use super::finished::Finished;
use crate::components::upload_card::{GoneTile, UploadCard};
use crate::model::transfer::{CardState, Transfer};
use crate::wire::file::Attachment;

/// A card where the file was open when it was drawn first, else what it is.
#[component]
pub fn FileSlot(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// Whether the reader posted it.
    #[prop(into)]
    own: Signal<bool>,
) -> impl IntoView {
    if file.with_untracked(Attachment::is_open) {
        return view! { <UploadCard file own/> }.into_any();
    }
    let gone = Memo::new(move |_| {
        let state = file.with(|file| CardState::of(file, &Transfer::default(), None));
        (state != CardState::Ready).then_some(state)
    });
    (move || match gone.get() {
        Some(state) => view! { <GoneTile file state percent=Signal::stored(None)/> }.into_any(),
        None => view! { <Finished file=file.get_untracked()/> }.into_any(),
    })
    .into_any()
}
