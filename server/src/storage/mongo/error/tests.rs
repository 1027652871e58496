//! The server's numbers, as the driver hands them on, and what they become at the port.

use mongodb::bson::{Document, deserialize_from_document, doc};

use super::*;

/// What the server answers where it refuses a command as a whole.
pub(in crate::storage::mongo) fn refusal(code: i32, name: &str) -> Error {
    let answer = doc! { "code": code, "codeName": name, "errmsg": "no" };
    Error::from(ErrorKind::Command(
        deserialize_from_document(answer).unwrap(),
    ))
}

/// What it answers to a write of one document.
fn write_error(code: i32) -> CallError {
    let answer = doc! { "code": code, "errmsg": "no" };
    let failure = WriteFailure::WriteError(deserialize_from_document(answer).unwrap());
    Error::from(ErrorKind::Write(failure)).into()
}

/// What it answers where a majority did not acknowledge in time.
fn too_late() -> Document {
    doc! { "code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting for replication timed out" }
}

fn write_concern_error() -> CallError {
    let failure = WriteFailure::WriteConcernError(deserialize_from_document(too_late()).unwrap());
    Error::from(ErrorKind::Write(failure)).into()
}

/// What it answers to an ordered insert of many.
fn insert_error(refused: Option<(i32, i32)>, acknowledged: bool) -> CallError {
    let mut answer = Document::new();
    if let Some((index, code)) = refused {
        let error = doc! { "index": index, "code": code, "errmsg": "no" };
        answer.insert("writeErrors", vec![error]);
    }
    if !acknowledged {
        answer.insert("writeConcernError", too_late());
    }
    Error::from(ErrorKind::InsertMany(
        deserialize_from_document(answer).unwrap(),
    ))
    .into()
}

fn io() -> CallError {
    Error::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset)).into()
}

fn is_unavailable(error: CallError) -> bool {
    matches!(error.into(), StorageError::Unavailable(_))
}

#[test]
fn a_lost_connection_passes() {
    assert!(is_unavailable(io()));
    assert!(!io().is_duplicate());
    assert_eq!(io().stored_before_duplicate(), None);
}

#[test]
fn what_cannot_be_read_is_broken_and_keeps_its_source() {
    let call = CallError::unreadable("event", "no such kind");
    let error = StorageError::from(call);
    assert!(matches!(error, StorageError::Broken(_)));
    let call = std::error::Error::source(&error).unwrap();
    assert_eq!(call.source().unwrap().to_string(), "no such kind");
}

#[test]
fn a_late_answer_is_no_broken_store() {
    assert!(is_unavailable(CallError::Late(Duration::from_secs(1))));
}

#[test]
fn an_insert_that_meets_a_key_tells_what_was_stored_before() {
    for index in [0, 1, 63] {
        let error = insert_error(Some((index, DUPLICATE_KEY)), true);
        let stored = usize::try_from(index).unwrap();
        assert_eq!(error.stored_before_duplicate(), Some(stored));
        assert!(error.is_duplicate());
    }
    let other = insert_error(Some((1, 2)), true);
    assert_eq!(other.stored_before_duplicate(), None);
    assert!(!other.is_duplicate());
    assert!(matches!(other.into(), StorageError::Broken(_)));
}

#[test]
fn what_the_majority_did_not_acknowledge_is_not_stored() {
    let met_a_key = || insert_error(Some((1, DUPLICATE_KEY)), false);
    assert_eq!(met_a_key().stored_before_duplicate(), None);
    assert!(is_unavailable(met_a_key()));
    let all = || insert_error(None, false);
    assert_eq!(all().stored_before_duplicate(), None);
    assert!(is_unavailable(all()));
    assert!(!write_concern_error().is_duplicate());
    assert!(is_unavailable(write_concern_error()));
}

#[test]
fn an_update_that_meets_a_key_is_a_duplicate() {
    let error = write_error(DUPLICATE_KEY);
    assert!(error.is_duplicate());
    assert_eq!(error.stored_before_duplicate(), None, "not one of many");
    // The same from a command that finds and changes.
    assert!(CallError::from(refusal(DUPLICATE_KEY, "DuplicateKey")).is_duplicate());
    assert!(!write_error(121).is_duplicate(), "another refusal");
}

#[test]
fn a_server_that_is_not_the_primary_now_passes() {
    for (code, name) in [
        (10_107, "NotWritablePrimary"),
        (13_435, "NotPrimaryNoSecondaryOk"),
        (13_436, "NotPrimaryOrSecondary"),
        (189, "PrimarySteppedDown"),
        (11_600, "InterruptedAtShutdown"),
        (11_602, "InterruptedDueToReplStateChange"),
        (91, "ShutdownInProgress"),
        (6, "HostUnreachable"),
        (7, "HostNotFound"),
        (89, "NetworkTimeout"),
        (9_001, "SocketException"),
        (50, "MaxTimeMSExpired"),
        (262, "ExceededTimeLimit"),
        (134, "ReadConcernMajorityNotAvailableYet"),
    ] {
        assert!(is_unavailable(refusal(code, name).into()), "{name}");
        assert!(is_unavailable(write_error(code)), "{name} of a write");
        let many = insert_error(Some((0, code)), true);
        assert_eq!(many.stored_before_duplicate(), None, "{name}");
        assert!(is_unavailable(many), "{name} of an insert");
    }
}

#[test]
fn a_full_disk_is_told_as_that() {
    let full = |error: CallError| matches!(error.into(), StorageError::Full(_));
    assert!(full(refusal(14_031, "OutOfDiskSpace").into()));
    assert!(full(write_error(14_031)));
    assert!(full(insert_error(Some((2, 14_031)), true)));
}

#[test]
fn a_refusal_that_will_not_pass_is_broken() {
    for (code, name) in [
        (13, "Unauthorized"),
        (2, "BadValue"),
        (26, "NamespaceNotFound"),
    ] {
        let error = StorageError::from(CallError::from(refusal(code, name)));
        assert!(matches!(error, StorageError::Broken(_)), "{name}");
        assert!(!error.to_string().contains(name), "a driver's words");
    }
}
