//! The document and the root component.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use crate::api::request_cookies;
use crate::components::status::Toasts;
use crate::contexts::{clock, feed, notices, settings, slots, uploads};
use crate::model::theme::Theme;
use crate::pages::{HomePage, NotFoundPage, RoomPage};

/// All icons: within the document they are there at once, offline too. 24 px grid, 1.7 px stroke.
const ICONS: &str = include_str!("icons.svg");

/// The HTML document, in the colours that its reader chose.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = Theme::of_cookies(&request_cookies());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.name()>
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content="light dark"/>
                <meta
                    name="description"
                    content="Rooms where everybody sees a posted file while it is still arriving."
                />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet id="style" options=options.clone()/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                // After the root, which is taken over from the body's first child on.
                <div inner_html=ICONS></div>
            </body>
        </html>
    }
}

/// The root component: what the whole page shares, and which page it is.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    clock::provide_clock();
    settings::provide_settings();
    notices::provide_notices();
    feed::provide_feed();
    uploads::provide_uploads();
    slots::provide_slots();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                <Route path=path!("/r/:room") view=RoomPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
        <Toasts/>
    }
}
