//! The rail: this room, rooms visited before, and the way home.

use leptos::prelude::*;

use super::rail_item::RailItem;
use crate::components::common::{Brand, Icon};
use crate::components::layout::ThemeButton;
use crate::contexts::people::use_people;
use crate::contexts::room::use_room;
use crate::contexts::visited::use_visited;
use crate::model::visited::Visited;

/// The list of rooms beside the feed; on a phone a drawer.
#[component]
pub fn RoomRail() -> impl IntoView {
    let (room, people) = (use_room(), use_people());
    let this = Signal::derive(move || {
        let snapshot = room.snapshot();
        Visited {
            room: snapshot.room,
            title: snapshot.title,
            visibility: snapshot.visibility,
        }
    });
    let visited = use_visited(Signal::derive(move || Some(this.get())));
    let id = room.id();
    let others = move || {
        let known = visited.get();
        known
            .into_iter()
            .filter(|known| known.room != id)
            .collect::<Vec<_>>()
    };
    let arriving = Memo::new(move |_| room.open_files().len());
    let live = Signal::derive(move || {
        let here = people.here().map(|people| format!("{} here", people.here));
        let arriving = Some(arriving.get())
            .filter(|files| *files > 0)
            .map(|files| format!("{files} arriving"));
        let parts: Vec<String> = [here, arriving].into_iter().flatten().collect();
        parts.join(" · ")
    });
    view! {
        <nav class="app__rail room-rail" id="rail" aria-label="Rooms">
            <div class="room-rail__top">
                <Brand/>
                <a class="icon-button" href="/" aria-label="Find a room" title="Find a room">
                    <Icon name="search"/>
                </a>
            </div>
            <div class="room-rail__scroll">
                <h2 class="room-rail__title">"This room"</h2>
                <ul>
                    {move || {
                        view! {
                            <RailItem visited=this.get() current=true live arriving=Signal::derive(move || { arriving.get() > 0 })/>
                        }
                    }}
                </ul>
                <h2 class="room-rail__title" hidden=move || visited.get().len() < 2>"Visited"</h2>
                <ul>
                    <For each=others key=|known| (known.room.clone(), known.title.clone()) let:known>
                        <RailItem visited=known/>
                    </For>
                </ul>
            </div>
            <div class="room-rail__foot">
                <a class="button" href="/#new">
                    <Icon name="plus" small=true/>
                    " New room"
                </a>
                <ThemeButton/>
            </div>
        </nav>
    }
}
