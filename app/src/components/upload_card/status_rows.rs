//! The rows below the name of an arriving file.

use leptos::prelude::*;

use super::own_controls::OwnControls;
use super::{BytesStatus, StatusWords};
use crate::components::common::ByteBar;
use crate::wire::file::Attachment;

/// How the file stands and what its sender can do; nothing once it is finished.
#[component]
pub fn StatusRows(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
    /// Its bytes.
    status: BytesStatus,
    /// Whether the reader posted it.
    #[prop(into)]
    own: Signal<bool>,
    /// Whether a bar shows its bytes; a picture shows them itself.
    #[prop(optional)]
    bar: bool,
) -> impl IntoView {
    view! {
        <Show when=move || !status.ready.get()>
            {bar
                .then(|| {
                    view! { <ByteBar share=status.share state=status.name percent=status.percent label=status.label/> }
                })}
            <StatusWords status/>
            <OwnControls file own/>
        </Show>
    }
}
