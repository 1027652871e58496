//! Boot order, top to bottom, and the end. The one place that names adapters.

mod adapters;
mod membership;

use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;

use crate::bus::Bus;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::files::{FileSettings, Files, Watchers};
use crate::hub::{Hub, HubDeps, HubSettings};
use crate::ids::{IdSource, SystemIds};
use crate::lifecycle::Lifecycle;
use crate::listener::{Listener, Tls};
use crate::log::RoomLog;
use crate::middleware::Sessions;
use crate::service::{Service, ServiceDeps, ServiceSettings};
use crate::state::AppState;
use crate::storage::EventLog;
use crate::sweeper::{SweepSettings, Sweeper, SweeperDeps};
use crate::uploads::{UploadDeps, UploadSettings, Uploads};
use crate::{dispatch, router};

use adapters::Adapters;
use membership::Membership;

/// Serves on `socket` until `life` ends, then winds down within the time configured.
///
/// # Errors
/// What keeps the server from starting, or a vital task that ended before its time.
pub async fn run(config: Config, socket: TcpListener, life: Lifecycle) -> anyhow::Result<()> {
    run_behind(config, socket, life, |log, bus| (log, bus)).await
}

/// [`run`] with something in front of the log and of the bus: faults, counters.
///
/// # Errors
/// As [`run`].
pub async fn run_behind(
    config: Config,
    socket: TcpListener,
    life: Lifecycle,
    front: impl FnOnce(Arc<dyn EventLog>, Arc<dyn Bus>) -> (Arc<dyn EventLog>, Arc<dyn Bus>),
) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    let node = ids.nonce().to_string();
    let mut adapters = Adapters::open(&config.storage, &*ids, Arc::clone(&clock)).await?;
    (adapters.events, adapters.bus) = front(adapters.events, adapters.bus);
    let base = Base { node, clock, ids };
    let served = serve(config, socket, &adapters, base, &life).await;
    // Also where the start failed half-way: what was begun ends, and the directory is free again.
    adapters.close().await?;
    served
}

/// What everything else stands on.
struct Base {
    /// This process, as leases name it.
    node: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

async fn serve(
    config: Config,
    socket: TcpListener,
    adapters: &Adapters,
    base: Base,
    life: &Lifecycle,
) -> anyhow::Result<()> {
    let tls = Tls::load(&config.tls, &config.storage.data)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = socket.local_addr()?;
    let leases = Arc::clone(&adapters.leases);
    let membership = Membership::join(leases, Arc::clone(&base.clock), &config.limits).await?;
    if config.storage.new_epoch {
        let renewed = adapters.rooms.renew_epochs(&*base.ids).await?;
        tracing::info!(rooms = renewed, "every room has a new epoch");
    }
    let listener = Listener::new(socket, tls, config.http.max_connections, life.clone());
    let grace = config.http.shutdown;
    let state = assemble(config, adapters, base, life)?;
    life.spawn_vital("membership", membership.keep(life.soft().clone()));
    life.spawn_vital("listener", listener.run(router::router(state)));
    announce(&format!("{scheme}://{address}"));

    life.soft().cancelled().await;
    tracing::info!("the server stops");
    life.wind_down(grace).await;
    anyhow::ensure!(!life.has_crashed(), "a vital task ended before its time");
    Ok(())
}

/// Puts the parts together and starts those that run by themselves.
fn assemble(
    config: Config,
    store: &Adapters,
    base: Base,
    life: &Lifecycle,
) -> anyhow::Result<AppState> {
    let config = Arc::new(config);
    let limits = config.limits.wire;
    let Base { node, clock, ids } = base;
    let (bus, presence) = (Arc::clone(&store.bus), Arc::clone(&store.presence));
    let (tracker, soft) = (life.tracker(), life.soft());

    let log = RoomLog::new(
        store.events.clone(),
        store.rooms.clone(),
        bus.clone(),
        clock.clone(),
        tracker.clone(),
    );
    let file_settings = FileSettings::default();
    let watchers = Watchers::new(
        store.uploads.clone(),
        store.bytes.clone(),
        bus.clone(),
        tracker.clone(),
        soft.clone(),
        file_settings.clone(),
    );
    let files = Files::new(
        store.uploads.clone(),
        store.bytes.clone(),
        watchers.clone(),
        &file_settings,
    );
    let uploads = Uploads::new(
        UploadDeps {
            store: store.uploads.clone(),
            bytes: store.bytes.clone(),
            rooms: store.rooms.clone(),
            log: log.clone(),
            bus: bus.clone(),
            watchers: watchers.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tracker.clone(),
            stopping: soft.clone(),
        },
        UploadSettings {
            address_uploads: config.limits.open_uploads_per_address,
            ..UploadSettings::default()
        },
        limits,
    );
    let hub = Hub::new(
        HubDeps {
            log: store.events.clone(),
            rooms: store.rooms.clone(),
            participants: store.participants.clone(),
            uploads: store.uploads.clone(),
            bus: bus.clone(),
            presence: presence.clone(),
            clock: clock.clone(),
            tracker: tracker.clone(),
            closing: soft.clone(),
        },
        HubSettings {
            connections_per_address: config.limits.feeds_per_address,
            ..HubSettings::default()
        },
        limits,
        config.site.build.clone(),
    );
    let sweeper = Sweeper::new(
        SweeperDeps {
            uploads: uploads.clone(),
            store: store.uploads.clone(),
            bytes: store.bytes.clone(),
            events: store.events.clone(),
            rooms: store.rooms.clone(),
            leases: store.leases.clone(),
            node,
            log: log.clone(),
            clock: clock.clone(),
        },
        SweepSettings {
            upload_idle: config.limits.upload_idle,
            ..SweepSettings::default()
        },
        &limits,
    );
    let service = Service::new(
        ServiceDeps {
            rooms: store.rooms.clone(),
            events: store.events.clone(),
            log,
            participants: store.participants.clone(),
            sessions: store.sessions.clone(),
            upload_records: store.uploads.clone(),
            uploads: uploads.clone(),
            presence,
            clock,
            ids: ids.clone(),
            tracker: tracker.clone(),
        },
        ServiceSettings {
            limits: config.limits.clone(),
            build: config.site.build.clone(),
            secure: config.is_secure(),
        },
    );

    let ear = bus.listen().context("the bus has an ear already")?;
    let stop = soft.clone();
    let hears = dispatch::run(ear, hub.clone(), watchers, soft.clone());
    life.spawn_vital("dispatch", hears);
    life.spawn_vital("hub", hub.clone().run());
    life.spawn_vital("sweeper", async move { sweeper.run(&stop).await });
    Ok(AppState {
        leptos: config.site.leptos.clone(),
        config,
        service,
        sessions: Sessions::new(store.sessions.clone()),
        hub,
        uploads,
        files,
        ids,
        life: life.clone(),
    })
}

/// Tells whoever started the server, on standard output, where it is.
#[expect(clippy::print_stdout, reason = "the one line that programs read")]
fn announce(url: &str) {
    println!("Listening on {url}");
    tracing::info!(url, "listening");
}
