//! What takes the place of a file that will never be there.

use leptos::prelude::*;

use crate::components::common::Icon;
use crate::model::transfer::CardState;
use crate::wire::file::Attachment;

/// The same box, with the reason.
#[component]
pub fn GoneTile(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// Why it is not there.
    state: CardState,
    /// How much of it had arrived.
    #[prop(into)]
    percent: Signal<Option<u32>>,
) -> impl IntoView {
    let detail = file.with_untracked(|file| {
        let name = &file.notice.name;
        match percent.get_untracked().filter(|percent| *percent > 0) {
            Some(percent) => format!("{name}, {percent} % had arrived"),
            None => name.clone(),
        }
    });
    let (width, height) = file
        .with_untracked(Attachment::dimensions)
        .unwrap_or((4, 3));
    view! {
        <div class="attachment-gone" style=format!("--w:{width};--h:{height}")>
            <Icon name=if state == CardState::Removed { "shield" } else { "close" }/>
            <span>{state.ending()}</span>
            <small>{detail}</small>
        </div>
    }
}
