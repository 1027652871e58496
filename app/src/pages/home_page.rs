//! The home page.

use leptos::prelude::*;
use leptos_meta::Title;

use super::refusal::refusal_of;
use crate::api::{answer_status, list_rooms};
use crate::components::catalog::{Catalog, Promise};
use crate::components::common::EmptyState;
use crate::components::create_room::CreateRoom;
use crate::components::layout::TopBar;
use crate::wire::error::ApiError;
use crate::wire::limits::Limits;
use crate::wire::request::RoomList;

/// The promise, the form for a room, the listed rooms.
#[component]
pub fn HomePage() -> impl IntoView {
    let list = Resource::new(|| (), |()| list_rooms());
    view! {
        <Title text="Streamboard"/>
        <a class="skip-link" href="#rooms">"Skip to the rooms"</a>
        <div class="page">
            <TopBar/>
            <Suspense fallback=|| view! { <p class="page__wait">"Loading"</p> }>
                {move || Suspend::new(async move { view! { <Home list=list.await/> } })}
            </Suspense>
        </div>
    }
}

#[component]
fn Home(list: Result<RoomList, ApiError>) -> impl IntoView {
    let limits = list
        .as_ref()
        .map_or_else(|_| Limits::default(), |list| list.limits);
    let catalog = match list {
        Ok(list) => view! { <Catalog list/> }.into_any(),
        Err(error) => {
            answer_status(error.error.status());
            view! { <EmptyState title="The rooms cannot be shown" text=format!("{error}. Load the page again in a moment.")/> }
                .into_any()
        }
    };
    view! {
        <main>
            <section class="promise" aria-labelledby="promise-h">
                <Promise/>
                <CreateRoom limits refused=refusal_of("/api/create_room")/>
            </section>
            {catalog}
        </main>
    }
}
