//! Messages over the page.

use leptos::prelude::*;

use crate::browser::page;
use crate::components::common::IconButton;
use crate::contexts::notices::{Offer, Toast, use_notices};

/// All messages.
#[component]
pub fn Toasts() -> impl IntoView {
    let notices = use_notices();
    view! {
        <div class="toasts">
            <For each=move || notices.toasts() key=|toast| toast.id let:toast>
                <ToastView toast/>
            </For>
        </div>
    }
}

#[component]
fn ToastView(
    /// The message.
    toast: Toast,
) -> impl IntoView {
    let notices = use_notices();
    let Toast {
        id,
        text,
        danger,
        offer,
    } = toast;
    view! {
        <div class="toast" role=if danger { "alert" } else { "status" } data-kind=danger.then_some("danger")>
            <p>{text}</p>
            {(offer == Offer::Reload)
                .then(|| {
                    view! {
                        <button type="button" class="button button--quiet" on:click=|_| page::reload()>
                            "Reload"
                        </button>
                    }
                })}
            <IconButton icon="close" label="Close".to_owned() small=true on_press=move || notices.dismiss(id)/>
        </div>
    }
}
