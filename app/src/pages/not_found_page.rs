//! Where there is nothing.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::answer_status;
use crate::components::common::EmptyState;
use crate::components::layout::TopBar;

/// An address that leads nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    answer_status(404);
    view! {
        <Title text="Not found · Streamboard"/>
        <div class="page">
            <TopBar/>
            <main>
                <EmptyState title="There is nothing here" text="Check the address.">
                    <a class="button" href="/">"See open rooms"</a>
                </EmptyState>
            </main>
        </div>
    }
}
