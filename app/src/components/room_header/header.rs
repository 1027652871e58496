//! Title, rule of ending, people, connection.

use leptos::prelude::*;

use super::people_chip::PeopleChip;
use super::people_list::PeopleList;
use crate::components::common::{BrandMark, Icon, IconButton};
use crate::components::status::SyncChip;
use crate::contexts::room::use_room;
use crate::model::format;
use crate::wire::room::Visibility;

/// The head of the room shown.
#[component]
pub fn RoomHeader(
    /// Whether the rail is open, where it is a drawer.
    rail_open: RwSignal<bool>,
    /// Whether the panel is open; `None` leaves it to the width of the page.
    panel_open: RwSignal<Option<bool>>,
) -> impl IntoView {
    let room = use_room();
    let rule = Memo::new(move |_| {
        let snapshot = room.snapshot();
        let who = match snapshot.visibility {
            Visibility::Listed => "Public room",
            Visibility::Secret => "Secret room, only by its link",
        };
        if room.is_ended() {
            return "This room has closed".to_owned();
        }
        format!(
            "{who}, closes {} after its last post",
            format::hours(snapshot.ends_after_hours)
        )
    });
    view! {
        <header class="room-header">
            <button
                type="button"
                class="icon-button room-header__menu"
                aria-label="Rooms"
                aria-controls="rail"
                aria-expanded=move || if rail_open.get() { "true" } else { "false" }
                on:click=move |_| rail_open.update(|open| *open = !*open)
            >
                <Icon name="menu"/>
            </button>
            // Where the button cannot open the rail, which has the way home.
            <a class="icon-button room-header__home" href="/" aria-label="Home, all rooms" title="Home, all rooms">
                <BrandMark/>
            </a>
            <div class="room-header__title">
                <h1>{move || room.snapshot().title}</h1>
                <p class="room-header__sub">{rule}</p>
            </div>
            <PeopleChip/>
            <SyncChip/>
            <div class="room-header__actions">
                <IconButton
                    icon="panel"
                    label="Files arriving now".to_owned()
                    class="room-header__panel"
                    on_press=move || panel_open.set(Some(true))
                />
            </div>
        </header>
        <PeopleList/>
    }
}
