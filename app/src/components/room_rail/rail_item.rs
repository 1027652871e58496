//! A room in the rail.

use leptos::prelude::*;

use crate::components::common::Icon;
use crate::model::visited::Visited;
use crate::wire::room::Visibility;

/// A room that was visited, or the one shown.
#[component]
pub fn RailItem(
    /// The room.
    visited: Visited,
    /// Whether it is the one shown.
    #[prop(optional)]
    current: bool,
    /// What happens in it, for the one shown.
    #[prop(optional, into)]
    live: Option<Signal<String>>,
    /// Whether files arrive in it.
    #[prop(optional, into)]
    arriving: Signal<bool>,
) -> impl IntoView {
    let secret = visited.visibility == Visibility::Secret;
    view! {
        <li>
            <a
                class="rail-item"
                href=format!("/r/{}", visited.room)
                aria-current=current.then_some("page")
            >
                <span class="rail-item__name">
                    {secret.then(|| view! { <Icon name="lock" small=true/> })}
                    <span>{visited.title}</span>
                </span>
                {live
                    .map(|live| {
                        view! {
                            <span class="rail-item__live" class=("rail-item__live--arriving", move || arriving.get())>
                                {move || arriving.get().then(|| view! { <span class="arriving-dot" aria-hidden="true"></span> })}
                                <span>{move || live.get()}</span>
                            </span>
                        }
                    })}
            </a>
        </li>
    }
}
