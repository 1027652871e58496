//! Who is here.

use leptos::prelude::*;

use crate::components::common::RoleTag;
use crate::contexts::people::use_people;
use crate::contexts::room::use_room;

/// The list behind the chip. The feed names the first hundred; above five hundred it only counts.
#[component]
pub fn PeopleList() -> impl IntoView {
    let (people, room) = (use_people(), use_room());
    let here = move || people.here().unwrap_or_default();
    view! {
        <section class="popover people-list" id="people" popover="auto" aria-label="People here">
            <h3>{move || format!("{} here", here().here)}</h3>
            <ul>
                <For each=move || here().named key=|author| (author.number, author.name.clone()) let:author>
                    <li>
                        <span>{author.label()} " " <RoleTag op=author.op/></span>
                        <span>{move || room.is_me(&author).then_some("You")}</span>
                    </li>
                </For>
            </ul>
            {move || {
                let here = here();
                let unnamed = usize::try_from(here.here).unwrap_or_default().saturating_sub(here.named.len());
                (unnamed > 0).then(|| view! { <p>{format!("and {unnamed} more")}</p> })
            }}
            <p class="popover__note">"Nobody has an account. Each browser counts once."</p>
        </section>
    }
}
