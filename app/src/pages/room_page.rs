//! The page of a room.

use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::not_found_page::NotFoundPage;
use super::refusal::refusal_of;
use crate::api::{answer_status, load_room};
use crate::browser::files::files_of_drop;
use crate::components::arriving_strip::ArrivingStrip;
use crate::components::common::EmptyState;
use crate::components::composer::{Composer, DropOverlay, OutboxNote};
use crate::components::feed::{Feed, NewPill};
use crate::components::layout::{Announcer, TopBar};
use crate::components::post::{DeleteDialog, provide_deleting};
use crate::components::room_header::RoomHeader;
use crate::components::room_rail::RoomRail;
use crate::components::side_panel::SidePanel;
use crate::components::status::derive_chip;
use crate::contexts::draft::use_draft;
use crate::contexts::live::provide_live_room;
use crate::contexts::reading::use_reading;
use crate::contexts::room::use_room;
use crate::model::unread::page_title;
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::ids::{Nonce, PostNo, RoomId};
use crate::wire::page;

/// Loads the room that the address names; another room, or another page of it, is loaded anew.
#[component]
pub fn RoomPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let wanted = Memo::new(move |_| {
        let room = params
            .with(|params| params.get("room"))?
            .parse::<RoomId>()
            .ok()?;
        let before = query
            .with(|query| query.get("before"))
            .and_then(|before| before.parse::<PostNo>().ok());
        Some((room, before))
    });
    move || match wanted.get() {
        Some((room, before)) => view! { <RoomLoader room before/> }.into_any(),
        None => view! { <NotFoundPage/> }.into_any(),
    }
}

#[component]
fn RoomLoader(room: RoomId, before: Option<PostNo>) -> impl IntoView {
    let page = Resource::new(|| (), move |()| load_room(room.clone(), before));
    view! {
        <Suspense fallback=|| view! { <p class="page__wait">"Loading"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <RoomView page/> }.into_any(),
                    Err(error) => view! { <NoRoom error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// Everything of a room.
#[component]
fn RoomView(page: page::RoomPage) -> impl IntoView {
    let room = provide_live_room(&page);
    provide_deleting();
    let (reading, chip) = (use_reading(), derive_chip());
    let (rail_open, panel_open) = (RwSignal::new(false), RwSignal::new(None));
    let drawer = move |open: Option<bool>| open.map(|open| if open { "open" } else { "closed" });
    view! {
        <Title text=move || page_title(&room.snapshot().title, reading.unread())/>
        <a class="skip-link" href="#feed">"Skip to the posts"</a>
        <a class="skip-link" href="#c-text">"Skip to the message box"</a>
        <div
            class="app"
            data-line=move || (chip.get().state() == "offline").then_some("offline")
            data-rail=move || drawer(Some(rail_open.get()))
            data-panel=move || drawer(panel_open.get())
        >
            <RoomRail/>
            <RoomMain form_nonce=page.form_nonce rail_open panel_open/>
            <SidePanel panel_open/>
            <div
                class="scrim"
                on:click=move |_| {
                    rail_open.set(false);
                    panel_open.set(None);
                }
            ></div>
        </div>
        <DeleteDialog/>
        <Announcer/>
    }
}

#[component]
fn RoomMain(
    form_nonce: Nonce,
    rail_open: RwSignal<bool>,
    panel_open: RwSignal<Option<bool>>,
) -> impl IntoView {
    let (room, draft) = (use_room(), use_draft());
    let scroller = NodeRef::<html::Div>::new();
    let dragging = RwSignal::new(0_u32);
    let refused = StoredValue::new(refusal_of("/api/create_post"));
    view! {
        <main
            class="app__room"
            on:dragenter=move |event| {
                event.prevent_default();
                dragging.update(|depth| *depth += 1);
            }
            on:dragover=move |event| event.prevent_default()
            // Each element under the pointer tells of entering and leaving: only the outermost leaving counts.
            on:dragleave=move |_| dragging.update(|depth| *depth = depth.saturating_sub(1))
            on:drop=move |event| {
                event.prevent_default();
                dragging.set(0);
                draft.add(files_of_drop(&event));
            }
        >
            <RoomHeader rail_open panel_open/>
            <ArrivingStrip/>
            <Feed scroller/>
            <div class="dock">
                <NewPill scroller/>
                <OutboxNote/>
                {move || {
                    if room.is_ended() {
                        view! { <p class="dock__closed">"This room has closed. Nothing can be posted any more."</p> }.into_any()
                    } else {
                        view! { <Composer form_nonce refused=refused.get_value()/> }.into_any()
                    }
                }}
            </div>
            <DropOverlay dragging=Signal::derive(move || { dragging.get() > 0 })/>
        </main>
    }
}

/// Why there is no room, and what can be done.
#[component]
fn NoRoom(error: ApiError) -> impl IntoView {
    answer_status(error.error.status());
    let (title, text) = match error.error {
        ErrorCode::NotFound => (
            "No such room",
            "Check the link. Secret rooms open only with the whole address.".to_owned(),
        ),
        ErrorCode::Gone => (
            "This room has closed",
            "Nobody posted for a while, so it and its files are gone.".to_owned(),
        ),
        _ => (
            "The room cannot be shown",
            format!("{error}. Load the page again in a moment."),
        ),
    };
    view! {
        <Title text=format!("{title} · Streamboard")/>
        <div class="page">
            <TopBar/>
            <main>
                <EmptyState title text>
                    <a class="button" href="/">"See open rooms"</a>
                </EmptyState>
            </main>
        </div>
    }
}
