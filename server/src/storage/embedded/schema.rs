//! The tables, and the steps that lead to them from any older version.

use rusqlite::Connection;

/// Step n leads from schema n to n + 1. Steps that were released never change; new ones are added at the end.
const STEPS: &[&str] = &[include_str!("schema_1.sql")];

/// The schema this program reads and writes.
pub(super) const KNOWN: u32 = STEPS.len() as u32;

/// What became of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Migrated {
    /// The database is of schema [`KNOWN`].
    Done,
    /// It is of this newer schema, and was not touched.
    Newer(u32),
}

/// Brings a database to the schema this program knows. Each step is one transaction, so that a crash leaves a
/// schema between two steps and the next start goes on from there.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<Migrated> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > KNOWN {
        return Ok(Migrated::Newer(found));
    }
    for (schema, step) in (1u32..).zip(STEPS).skip(found as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", schema)?;
        transaction.commit()?;
        tracing::info!(storage.schema = schema, "data migrated");
    }
    Ok(Migrated::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(migrate(&mut connection).unwrap(), Migrated::Done);
        assert_eq!(migrate(&mut connection).unwrap(), Migrated::Done);
        let version: u32 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, KNOWN);
    }

    #[test]
    fn a_newer_schema_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "user_version", KNOWN + 1)
            .unwrap();
        assert_eq!(
            migrate(&mut connection).unwrap(),
            Migrated::Newer(KNOWN + 1)
        );
        let tables: u32 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }
}
