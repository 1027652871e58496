//! IndexedDB: one database, three tables of entries by key.

use std::cell::RefCell;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbTransaction, IdbTransactionMode,
};

use super::request;
use crate::browser::host;

/// Name and version of the database; another layout takes the next version.
const NAME: &str = "streamboard";
const VERSION: u32 = 1;

/// A table of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    /// `room/nonce` to a post as JSON.
    Posts,
    /// File to an upload job, see [`super::KeptJob`].
    Jobs,
    /// Key to text.
    Values,
}

impl Table {
    const ALL: [Self; 3] = [Self::Posts, Self::Jobs, Self::Values];

    fn name(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Jobs => "jobs",
            Self::Values => "values",
        }
    }
}

/// The browser did not keep it: no database, no space, or a disk that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotKept;

/// The connection, opened at the first use.
enum Connection {
    Unopened,
    Open(IdbDatabase),
    /// Refused or hung: not asked again while the page lives, so that each post does not wait for it anew.
    Refused,
}

thread_local! {
    static CONNECTION: RefCell<Connection> = const { RefCell::new(Connection::Unopened) };
}

/// Writes an entry; returns once it is on disk.
pub(super) async fn put(table: Table, key: &str, value: &JsValue) -> Result<(), NotKept> {
    let (transaction, store) = begin(table, IdbTransactionMode::Readwrite)
        .await
        .ok_or(NotKept)?;
    store
        .put_with_key(value, &key.into())
        .map_err(|_| NotKept)?;
    if request::committed(&transaction).await {
        Ok(())
    } else {
        Err(NotKept)
    }
}

/// Deletes an entry; an entry that cannot be deleted is one that cannot be read either.
pub(super) async fn delete(table: Table, key: &str) {
    let Some((transaction, store)) = begin(table, IdbTransactionMode::Readwrite).await else {
        return;
    };
    if store.delete(&key.into()).is_ok() {
        request::committed(&transaction).await;
    }
}

/// Reads an entry.
pub(super) async fn get(table: Table, key: &str) -> Option<JsValue> {
    let (_, store) = begin(table, IdbTransactionMode::Readonly).await?;
    let value = request::result(&store.get(&key.into()).ok()?).await?;
    (!value.is_undefined()).then_some(value)
}

/// The entries whose keys start with `prefix`, by key.
pub(super) async fn list(table: Table, prefix: &str) -> Vec<JsValue> {
    read_all(table, prefix)
        .await
        .map(|values| js_sys::Array::from(&values).to_vec())
        .unwrap_or_default()
}

async fn read_all(table: Table, prefix: &str) -> Option<JsValue> {
    let (_, store) = begin(table, IdbTransactionMode::Readonly).await?;
    let end = format!("{prefix}\u{ffff}");
    let range = IdbKeyRange::bound(&prefix.into(), &end.into()).ok()?;
    request::result(&store.get_all_with_key(&range).ok()?).await
}

async fn begin(table: Table, mode: IdbTransactionMode) -> Option<(IdbTransaction, IdbObjectStore)> {
    // A browser may close the connection of an idle page: the second round opens another.
    for _ in 0..2 {
        let database = connection().await?;
        if let Ok(transaction) = database.transaction_with_str_and_mode(table.name(), mode) {
            let store = transaction.object_store(table.name()).ok()?;
            return Some((transaction, store));
        }
        CONNECTION.set(Connection::Unopened);
    }
    None
}

async fn connection() -> Option<IdbDatabase> {
    host::window()?;
    let known = CONNECTION.with_borrow(|connection| match connection {
        Connection::Unopened => None,
        Connection::Open(database) => Some(Some(database.clone())),
        Connection::Refused => Some(None),
    });
    if let Some(known) = known {
        return known;
    }
    let opened = open().await;
    CONNECTION.set(opened.clone().map_or(Connection::Refused, Connection::Open));
    opened
}

async fn open() -> Option<IdbDatabase> {
    let factory = host::window()?.indexed_db().ok()??;
    let opening = factory.open_with_u32(NAME, VERSION).ok()?;
    let upgrade = Closure::once({
        let opening = opening.clone();
        move |_: JsValue| lay_out(&opening).unwrap_or_default()
    });
    opening.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    let database = request::result(&opening).await;
    opening.set_onupgradeneeded(None);
    let database = database?.dyn_into::<IdbDatabase>().ok()?;
    // A later version of the program must be able to change the layout while this page is open.
    let yielding = database.clone();
    host::listen(&database, "versionchange", move |_: JsValue| {
        yielding.close()
    })
    .keep();
    Some(database)
}

/// Makes the tables of a new database. Where that fails, so will every transaction, which is told as not kept.
fn lay_out(opening: &IdbOpenDbRequest) -> Option<()> {
    let database = opening.result().ok()?.dyn_into::<IdbDatabase>().ok()?;
    for table in Table::ALL {
        database.create_object_store(table.name()).ok()?;
    }
    Some(())
}
