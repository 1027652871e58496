//! What this is.

use leptos::prelude::*;

/// The promise, in words.
#[component]
pub fn Promise() -> impl IntoView {
    view! {
        <div class="promise__words">
            <h1 id="promise-h">"Post a file. Everyone sees it while it is still arriving."</h1>
            <p>
                "Photos paint in row by row, video plays before the upload ends. No account: pick a room and write."
            </p>
        </div>
    }
}
