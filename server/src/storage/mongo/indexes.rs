//! Collections and indexes, made at every start where they are missing.

use std::time::Duration;

use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::error::Error;
use mongodb::options::IndexOptions;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};

use super::call::Database;
use super::connect::ConnectError;
use super::error::code;

/// How long one collection's indexes may take; they are built over what it holds.
const BUILD: Duration = Duration::from_secs(30);

/// Attempts: nodes that start together may refuse each other an index that both make.
const ATTEMPTS: u32 = 5;

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(300);

/// The collection is there already.
const EXISTS: i32 = 48;

/// The user may not.
const UNAUTHORIZED: i32 = 13;

pub(super) async fn ensure(database: &Database) -> Result<(), ConnectError> {
    chunks_without_compression(database).await?;
    for (collection, indexes) in all() {
        make(database, collection, indexes).await?;
    }
    Ok(())
}

/// Media does not compress. Servers without this option, and those that have the collection, keep what they have.
async fn chunks_without_compression(database: &Database) -> Result<(), ConnectError> {
    let engine = doc! { "wiredTiger": { "configString": "block_compressor=none" } };
    let create = database
        .driver()
        .create_collection("fs.chunks")
        .storage_engine(engine);
    match timeout(BUILD, create).await {
        Ok(Err(error)) if code(&error) == Some(UNAUTHORIZED) => {
            Err(failed(database.name(), error.into()))
        }
        Ok(Err(error)) if code(&error) != Some(EXISTS) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "chunks are stored as the server likes"
            );
            Ok(())
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn make(
    database: &Database,
    collection: &str,
    indexes: Vec<IndexModel>,
) -> Result<(), ConnectError> {
    let collection = database.driver().collection::<Document>(collection);
    let mut attempt = 0;
    loop {
        attempt += 1;
        let built = timeout(BUILD, collection.create_indexes(indexes.clone())).await;
        let failure = match built {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => Failure::Driver(error),
            Err(late) => Failure::Late(late),
        };
        if attempt == ATTEMPTS || failure.is_lasting() {
            return Err(failed(database.name(), failure));
        }
        sleep(PAUSE).await;
    }
}

/// Why an attempt failed.
enum Failure {
    Driver(Error),
    Late(Elapsed),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl Failure {
    /// Whether another attempt is of no use: the user may not.
    fn is_lasting(&self) -> bool {
        matches!(self, Self::Driver(error) if code(error) == Some(UNAUTHORIZED))
    }
}

fn failed(database: &str, failure: Failure) -> ConnectError {
    let database = database.to_owned();
    if failure.is_lasting() {
        return ConnectError::NoRights { database };
    }
    let source = match failure {
        Failure::Driver(error) => error.into(),
        Failure::Late(late) => late.into(),
    };
    ConnectError::Indexes { database, source }
}

/// Every index, each unique one with `room` or the file first, which is what a sharded collection needs.
fn all() -> Vec<(&'static str, Vec<IndexModel>)> {
    let present = |field: &str| doc! { field: { "$exists": true } };
    vec![
        (
            "events",
            vec![
                unique(doc! { "room": 1, "seq": 1 }),
                unique(doc! { "room": 1, "source": 1, "nonce": 1 }),
                plain(doc! { "room": 1, "no": 1, "seq": 1 }),
                plain(doc! { "room": 1, "kind": 1, "seq": 1 }),
                partial(doc! { "pending": 1, "at": 1 }, present("pending")),
            ],
        ),
        (
            "rooms",
            vec![
                plain(doc! { "ended": 1, "visibility": 1, "last_activity": -1 }),
                plain(doc! { "ended": 1, "last_activity": 1 }),
            ],
        ),
        (
            "participants",
            vec![
                unique(doc! { "room": 1, "session": 1 }),
                unique(doc! { "room": 1, "number": 1 }),
                IndexModel::builder()
                    .keys(doc! { "room": 1, "name_key": 1 })
                    .options(
                        IndexOptions::builder()
                            .unique(true)
                            .partial_filter_expression(present("name_key"))
                            .build(),
                    )
                    .build(),
            ],
        ),
        (
            "uploads",
            vec![
                plain(doc! { "key": 1 }),
                plain(doc! { "room": 1, "nonce": 1 }),
                plain(doc! { "room": 1, "state": 1 }),
                plain(doc! { "owner": 1, "state": 1 }),
                plain(doc! { "address": 1, "state": 1 }),
                plain(doc! { "state": 1, "last_write": 1 }),
                plain(doc! { "state": 1, "opened_at": 1 }),
                partial(doc! { "ended_at": 1, "told": 1 }, present("ended_at")),
                partial(doc! { "unposted": 1, "last_write": 1 }, present("unposted")),
            ],
        ),
        ("fs.chunks", vec![unique(doc! { "files_id": 1, "n": 1 })]),
        (
            "fs.files",
            vec![plain(doc! { "filename": 1, "uploadDate": 1 })],
        ),
    ]
}

fn plain(keys: Document) -> IndexModel {
    IndexModel::builder().keys(keys).build()
}

fn unique(keys: Document) -> IndexModel {
    let options = IndexOptions::builder().unique(true).build();
    IndexModel::builder().keys(keys).options(options).build()
}

fn partial(keys: Document, filter: Document) -> IndexModel {
    let options = IndexOptions::builder()
        .partial_filter_expression(filter)
        .build();
    IndexModel::builder().keys(keys).options(options).build()
}

#[cfg(test)]
mod tests {
    use super::super::error::tests::refusal;
    use super::*;

    #[test]
    fn a_user_without_rights_is_told_which_are_missing() {
        let error = failed("boards", refusal(UNAUTHORIZED, "Unauthorized").into());
        assert!(matches!(error, ConnectError::NoRights { .. }));
        let sentence = error.to_string();
        assert!(sentence.contains("`boards`") && sentence.contains("readWrite"));
    }

    #[test]
    fn an_index_that_cannot_be_made_keeps_its_reason() {
        let error = failed("boards", refusal(86, "IndexKeySpecsConflict").into());
        let ConnectError::Indexes { source, .. } = &error else {
            panic!("{error}");
        };
        assert!(source.to_string().contains("IndexKeySpecsConflict"));
        assert!(error.to_string().contains("`boards`"));
    }
}
