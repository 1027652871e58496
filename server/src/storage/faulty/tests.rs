//! The wrappers fail when they are told to, and only then.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use app::api::backend::SessionId;
use app::wire::room::Visibility;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{
    FailoverLog, FailoverOdds, Faults, FaultyByteStore, FaultyEventLog, FaultyLeaseStore,
    FaultyParticipantStore, FaultyRoomStore, FaultySessionStore, FaultyUploadStore, Injected,
    Moment,
};
use crate::domain::room::RoomRecord;
use crate::ids::{IdSource, SystemIds};
use crate::storage::embedded::EmbeddedStore;
use crate::storage::{
    ByteStore, EventLog, LeaseStore, ParticipantStore, RoomStore, SessionStore, StorageError,
    UploadStore, contract,
};

struct Stores {
    store: EmbeddedStore,
    rooms: FaultyRoomStore,
    people: FaultyParticipantStore,
    _dir: TempDir,
}

fn stores(faults: &Faults) -> Stores {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    Stores {
        rooms: FaultyRoomStore::new(store.rooms(), faults),
        people: FaultyParticipantStore::new(store.participants(), faults),
        store,
        _dir: dir,
    }
}

fn record() -> RoomRecord {
    let ids: &dyn IdSource = &SystemIds;
    RoomRecord {
        id: ids.room(Visibility::Listed),
        epoch: ids.epoch(),
        visibility: Visibility::Listed,
        owner: SessionId([1; 32]),
        created_at: 1,
        last_activity: 1,
        ended: false,
    }
}

/// Makes a room with its first participant, as far as the store lets it.
async fn command(stores: &Stores, room: &RoomRecord) -> Result<(), StorageError> {
    stores.rooms.create(room).await?;
    stores.people.join(&room.id, &room.owner, true).await?;
    Ok(())
}

/// What of the command is in the store.
async fn left(stores: &Stores, room: &RoomRecord) -> (bool, bool) {
    let rooms = stores.store.rooms();
    let people = stores.store.participants();
    let made = rooms.get(&room.id).await.unwrap().is_some();
    let joined = people.get(&room.id, &room.owner).await.unwrap().is_some();
    (made, joined)
}

fn injected(error: StorageError) -> Injected {
    let StorageError::Unavailable(source) = error else {
        panic!("a store that does not answer, not {error:?}");
    };
    *source.downcast().unwrap()
}

#[tokio::test]
async fn without_faults_calls_are_only_counted() {
    let faults = Faults::none();
    let stores = stores(&faults);
    let room = record();
    command(&stores, &room).await.unwrap();
    assert_eq!(left(&stores, &room).await, (true, true));
    let methods = ["room_store.create", "participant_store.join"];
    assert_eq!(faults.methods(), methods);
    assert_eq!((faults.calls(), faults.fired()), (2, 0));
}

#[tokio::test]
async fn a_crash_at_each_step_leaves_what_was_done_before() {
    for (n, moment, expected) in [
        (1, Moment::Before, (false, false)),
        (1, Moment::After, (true, false)),
        (2, Moment::Before, (true, false)),
        (2, Moment::After, (true, true)),
    ] {
        let faults = Faults::crash_at(n, moment);
        let stores = stores(&faults);
        let room = record();
        let error = command(&stores, &room).await.unwrap_err();
        let injected = injected(error);
        assert_eq!((injected.call.number, injected.moment), (n, moment));
        assert_eq!(left(&stores, &room).await, expected);
        command(&stores, &room).await.unwrap_err();
        assert_eq!(left(&stores, &room).await, expected, "dead is dead");
        assert_eq!(faults.fired(), 2);
    }
}

#[tokio::test]
async fn a_power_cut_counts_writes_alone_and_ends_reads_too() {
    for (moment, expected) in [
        (Moment::Before, (true, false)),
        (Moment::After, (true, true)),
    ] {
        let faults = Faults::crash_at_write(2, moment);
        let stores = stores(&faults);
        let room = record();
        assert_eq!(stores.rooms.get(&room.id).await.unwrap(), None);
        command(&stores, &room).await.unwrap_err();
        assert_eq!(left(&stores, &room).await, expected);
        stores.rooms.get(&room.id).await.unwrap_err();
        assert_eq!((faults.calls(), faults.fired()), (4, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_held_waits_and_others_do_not() {
    let faults = Faults::none();
    let stores = stores(&faults);
    let room = record();
    faults.hold(Some("room_store.create"));
    let mut made = pin!(stores.rooms.create(&room));
    let waited = timeout(Duration::from_secs(9), made.as_mut()).await;
    assert!(waited.is_err());
    assert_eq!(stores.rooms.get(&room.id).await.unwrap(), None);
    faults.hold(None);
    assert!(made.await.unwrap());
}

#[tokio::test]
async fn one_failure_passes() {
    let faults = Faults::fail_at(2, Moment::After);
    let stores = stores(&faults);
    let room = record();
    command(&stores, &room).await.unwrap_err();
    command(&stores, &room).await.unwrap();
    assert_eq!((faults.calls(), faults.fired()), (4, 1));
}

#[tokio::test]
async fn a_rule_can_name_methods_and_change() {
    let faults =
        Faults::on(|call| (call.method == "participant_store.join").then_some(Moment::Before));
    let stores = stores(&faults);
    let room = record();
    command(&stores, &room).await.unwrap_err();
    assert_eq!(left(&stores, &room).await, (true, false));
    faults.set(|_| None);
    command(&stores, &room).await.unwrap();
    assert_eq!(left(&stores, &room).await, (true, true));
}

#[tokio::test]
async fn a_write_made_twice_tells_of_the_second_time_alone() {
    let faults = Faults::twice();
    let stores = stores(&faults);
    let room = record();
    assert!(
        !stores.rooms.create(&room).await.unwrap(),
        "taken by itself"
    );
    let found = stores.rooms.get(&room.id).await.unwrap();
    assert_eq!(found, Some(room), "a read happens once");
    assert_eq!((faults.calls(), faults.fired()), (2, 1));
}

/// The ports that tell nobody apart from their own first attempt: twice is once.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn sessions_participants_leases_and_bytes_may_be_written_twice() {
    let faults = Faults::twice();
    let Stores {
        store,
        people,
        _dir,
        ..
    } = stores(&faults);
    let sessions: Arc<dyn SessionStore> =
        Arc::new(FaultySessionStore::new(store.sessions(), &faults));
    let leases: Arc<dyn LeaseStore> = Arc::new(FaultyLeaseStore::new(store.leases(), &faults));
    let bytes: Arc<dyn ByteStore> = Arc::new(FaultyByteStore::new(store.bytes(), &faults));
    let people: Arc<dyn ParticipantStore> = Arc::new(people);
    contract::sessions::run("twice", &sessions).await;
    contract::leases::run("twice", &leases).await;
    contract::bytes::run("twice", &bytes).await;
    contract::participants::run("twice", &people).await;
    assert!(faults.fired() > 0);
}

/// A log that never fails over keeps the contract, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_log_without_failovers_keeps_the_contract() {
    let Stores { store, _dir, .. } = stores(&Faults::none());
    let odds = FailoverOdds::default();
    let log: Arc<dyn EventLog> = Arc::new(FailoverLog::new(store.events(), odds, 1));
    contract::event_log::run("failover", &log).await;
}

/// Every wrapper without faults is as good as what it wraps.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_wrappers_keep_the_contracts() {
    let faults = Faults::none();
    let Stores {
        store,
        rooms,
        people,
        _dir,
    } = stores(&faults);
    let log: Arc<dyn EventLog> = Arc::new(FaultyEventLog::new(store.events(), &faults));
    let uploads: Arc<dyn UploadStore> = Arc::new(FaultyUploadStore::new(store.uploads(), &faults));
    let bytes: Arc<dyn ByteStore> = Arc::new(FaultyByteStore::new(store.bytes(), &faults));
    let rooms: Arc<dyn RoomStore> = Arc::new(rooms);
    let people: Arc<dyn ParticipantStore> = Arc::new(people);
    contract::event_log::run("faulty", &log).await;
    contract::uploads::run("faulty", &uploads).await;
    contract::bytes::run("faulty", &bytes).await;
    contract::rooms::run("faulty", &rooms).await;
    contract::participants::run("faulty", &people).await;
    let sessions: Arc<dyn SessionStore> =
        Arc::new(FaultySessionStore::new(store.sessions(), &faults));
    let leases: Arc<dyn LeaseStore> = Arc::new(FaultyLeaseStore::new(store.leases(), &faults));
    contract::sessions::run("faulty", &sessions).await;
    contract::leases::run("faulty", &leases).await;
}
