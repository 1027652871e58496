//! Several writes, one transaction, one fsync.

use std::vec::IntoIter;

use rusqlite::Connection;

use super::job::{Job, Write};
use crate::storage::embedded::error::CallError;

/// Does all jobs and tells every caller.
pub(super) fn run(connection: &Connection, jobs: Vec<Job>) {
    let mut writes = Vec::with_capacity(jobs.len());
    for job in jobs {
        match job {
            Job::Write(write) => writes.push(write),
            Job::Scrub { reply, .. } => {
                // Whoever gave up needs no answer.
                let _ = reply.send(scrub(connection));
            }
        }
    }
    let mut waiting = writes.into_iter();
    while waiting.len() > 0 {
        let mut tried = Vec::with_capacity(waiting.len());
        let transaction = transaction(connection, &mut waiting, &mut tried);
        for write in tried {
            write.settle(transaction.as_ref().err());
        }
    }
}

/// One transaction with as many of the writes as SQLite lets it hold: all of them, unless an error ends it early
/// (a full disk does); at least one.
fn transaction(
    connection: &Connection,
    waiting: &mut IntoIter<Box<dyn Write>>,
    tried: &mut Vec<Box<dyn Write>>,
) -> Result<(), CallError> {
    if let Err(error) = begin(connection) {
        tried.extend(waiting);
        return Err(error.into());
    }
    for mut write in waiting {
        let ran = piece(connection, write.as_mut());
        tried.push(write);
        ran?;
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

fn begin(connection: &Connection) -> rusqlite::Result<()> {
    roll_back(connection)?;
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    Ok(())
}

/// Ends what a failed COMMIT or a panic left open.
fn roll_back(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_autocommit() {
        Ok(())
    } else {
        connection.execute_batch("ROLLBACK")
    }
}

/// Runs one write so that its failure undoes nothing but itself; an error here is one that ended the transaction.
fn piece(connection: &Connection, write: &mut dyn Write) -> Result<(), CallError> {
    connection.prepare_cached("SAVEPOINT piece")?.execute([])?;
    if let Err(error) = write.run(connection) {
        if connection.is_autocommit() {
            return Err(error);
        }
        connection
            .prepare_cached("ROLLBACK TO piece")?
            .execute([])?;
    }
    connection.prepare_cached("RELEASE piece")?.execute([])?;
    Ok(())
}

/// A checkpoint that waits for readers of older snapshots, then empties the log.
fn scrub(connection: &Connection) -> Result<(), CallError> {
    roll_back(connection)?;
    let busy: bool = connection
        .prepare_cached("PRAGMA wal_checkpoint(TRUNCATE)")?
        .query_row([], |row| row.get(0))?;
    if busy {
        Err(CallError::NotScrubbed)
    } else {
        Ok(())
    }
}
