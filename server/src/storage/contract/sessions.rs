//! The contract of [`SessionStore`].

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use super::samples::{NOON, session};
use super::{RACERS, cases, race};
use crate::domain::session::SessionRecord;
use crate::storage::SessionStore;

/// Checks an adapter.
pub async fn run(adapter: &str, sessions: &Arc<dyn SessionStore>) {
    cases!(
        adapter,
        "sessions",
        sessions,
        [
            a_session_is_read_as_it_was_created,
            once_more_changes_nothing,
            sessions_created_at_once_are_all_there,
        ]
    );
}

fn record() -> SessionRecord {
    SessionRecord {
        id: session(),
        created_at: NOON,
    }
}

async fn a_session_is_read_as_it_was_created(sessions: &Arc<dyn SessionStore>) {
    let record = record();
    assert_eq!(sessions.get(&record.id).await.expect("a look"), None);
    sessions.create(&record).await.expect("a session");
    let found = sessions.get(&record.id).await.expect("a look");
    assert_eq!(found, Some(record));
}

async fn once_more_changes_nothing(sessions: &Arc<dyn SessionStore>) {
    let first = record();
    let later = SessionRecord {
        created_at: NOON + 1,
        ..first.clone()
    };
    sessions.create(&first).await.expect("a session");
    sessions.create(&later).await.expect("the same");
    let found = sessions.get(&first.id).await.expect("a look");
    assert_eq!(found, Some(first));
}

async fn sessions_created_at_once_are_all_there(sessions: &Arc<dyn SessionStore>) {
    let records: Vec<_> = (0..RACERS).map(|_| record()).collect();
    race(records.iter().cloned().map(|record| {
        let sessions = sessions.clone();
        async move { sessions.create(&record).await.expect("a session") }
    }))
    .await;
    for record in records {
        let found = sessions.get(&record.id).await.expect("a look");
        assert_eq!(found, Some(record));
    }
}
