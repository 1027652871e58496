//! How much of an arriving file is there, as a ring.

use leptos::prelude::*;

use super::BytesStatus;
use crate::components::common::{ProgressRing, RingLook};

/// The ring of a file's bytes, wherever the file is shown.
#[component]
pub fn StatusRing(
    /// The file's bytes.
    status: BytesStatus,
    /// Where it stands.
    look: RingLook,
) -> impl IntoView {
    view! {
        <ProgressRing
            share=status.share
            state=status.name
            percent=status.percent
            text=status.ring
            label=status.label
            look
        />
    }
}
