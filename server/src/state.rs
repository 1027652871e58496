//! What handlers are given.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::config::Config;
use crate::files::Files;
use crate::hub::Hub;
use crate::ids::IdSource;
use crate::lifecycle::Lifecycle;
use crate::middleware::Sessions;
use crate::service::Service;
use crate::uploads::Uploads;

/// Handles to the parts of the server; cloned for each request.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The configuration.
    pub config: Arc<Config>,
    /// What pages are rendered with.
    pub leptos: LeptosOptions,
    /// What is behind the server functions.
    pub service: Service,
    /// Sessions, looked up for each request that comes with a cookie.
    pub sessions: Sessions,
    /// Feeds.
    pub hub: Arc<Hub>,
    /// Bytes in.
    pub uploads: Arc<Uploads>,
    /// Bytes out.
    pub files: Arc<Files>,
    /// Randomness.
    pub ids: Arc<dyn IdSource>,
    /// Life and end of the process.
    pub life: Lifecycle,
}

macro_rules! part {
    ($field:ident: $part:ty) => {
        impl FromRef<AppState> for $part {
            fn from_ref(state: &AppState) -> Self {
                state.$field.clone()
            }
        }
    };
}

part!(config: Arc<Config>);
part!(leptos: LeptosOptions);
part!(service: Service);
part!(sessions: Sessions);
part!(hub: Arc<Hub>);
part!(uploads: Arc<Uploads>);
part!(files: Arc<Files>);
part!(life: Lifecycle);
