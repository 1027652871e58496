//! Listed rooms, to be found and ordered, and refreshed while somebody looks.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::room_card::RoomCardView;
use crate::api::list_rooms;
use crate::browser::{Guard, page};
use crate::components::common::EmptyState;
use crate::model::catalog::{Order, arrange};
use crate::model::format;
use crate::wire::request::RoomList;

/// Between two looks at the list, in milliseconds.
const REFRESH_MS: u32 = 10_000;

/// The catalog.
#[component]
pub fn Catalog(
    /// The list as rendered.
    list: RoomList,
) -> impl IntoView {
    let hours = list.limits.room_hours;
    let rooms = derive_fresh(list);
    let (wanted, order) = (RwSignal::new(String::new()), RwSignal::new(Order::Active));
    let shown =
        Memo::new(move |_| rooms.with(|list| arrange(&list.rooms, &wanted.get(), order.get())));
    let (none, found) = (
        Memo::new(move |_| rooms.with(|list| list.rooms.is_empty())),
        Memo::new(move |_| !shown.with(Vec::is_empty)),
    );
    view! {
        <section aria-labelledby="rooms-h" id="rooms">
            <div class="catalog__head">
                <h2 id="rooms-h">"Public rooms"</h2>
                <label class="visually-hidden" for="find">"Find a room"</label>
                <input class="input" id="find" type="search" placeholder="Find a room" on:input=move |event| wanted.set(event_target_value(&event))/>
                <OrderChoice order/>
            </div>
            <ul class="catalog">
                <For each=move || shown.get() key=|card| card.snapshot.room.clone() let:card>
                    <li>
                        <RoomCardView first=card rooms/>
                    </li>
                </For>
            </ul>
            <Show when=move || !none.get() && !found.get()>
                <p class="catalog__none">"No room fits."</p>
            </Show>
            <Show when=move || none.get()>
                <EmptyState
                    title="No public rooms yet"
                    text=format!("Open the first one. It stays for {} after its last post, and it takes one line to start.", format::hours(hours))
                    boxed=true
                >
                    <a class="button button--primary" href="#new-title">"Open a room"</a>
                </EmptyState>
            </Show>
        </section>
    }
}

#[component]
fn OrderChoice(order: RwSignal<Order>) -> impl IntoView {
    let choice = move |value: Order, name: &'static str| {
        view! {
            <label>
                <input type="radio" name="order" checked=value == Order::default() on:change=move |_| order.set(value)/>
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <fieldset>
            <legend class="visually-hidden">"Order"</legend>
            <div class="segments">
                {choice(Order::Active, "Active")}
                {choice(Order::New, "New")}
                {choice(Order::People, "People")}
            </div>
        </fieldset>
    }
}

/// The list, asked for again every ten seconds while the page is seen.
fn derive_fresh(list: RoomList) -> RwSignal<RoomList> {
    let rooms = RwSignal::new(list);
    let look = move || {
        if !page::is_hidden() {
            spawn_local(async move {
                // A list that cannot be had now leaves the former one.
                if let Ok(fresh) = list_rooms().await {
                    rooms.try_set(fresh);
                }
            });
        }
    };
    let timer = StoredValue::new(Guard::default());
    Effect::new(move || {
        let seen = page::on_visibility(move |visible| {
            if visible {
                look();
            }
        });
        timer.set_value(page::interval(REFRESH_MS, look).and(seen));
    });
    rooms
}
