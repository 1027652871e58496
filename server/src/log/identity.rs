//! What makes two commands the same one: their nonce and the hash of what they ask for.

use app::api::backend::SessionId;
use app::wire::file::FileNotice;
use app::wire::ids::{FileId, Nonce, PostNo, RoomId};
use app::wire::room::Visibility;
use sha2::{Digest, Sha256};

use super::command::{Command, Draft, Precondition};
use crate::domain::entry::{CommandHash, Source};

/// Stands before everything hashed here; another encoding takes another number.
const DOMAIN: &[u8] = b"streamboard command 1";

impl Command {
    /// A command of a session, under the nonce its client made.
    ///
    /// Hashed is what was asked for: text, files, post. Not what the server adds and might add differently the
    /// second time, such as the author's name.
    #[must_use]
    pub fn user(
        room: RoomId,
        session: SessionId,
        nonce: Nonce,
        draft: Draft,
        precondition: Precondition,
    ) -> Self {
        let hash = CommandHash(half(asked(&draft)));
        Self {
            room,
            source: Source::Session(session),
            nonce,
            hash,
            draft,
            precondition,
        }
    }

    /// A report of the server. Its nonce is derived from what happened to what (this file is ready, this room is
    /// over), so that the same report told twice, by any node, is one event.
    ///
    /// Only for what happens once: a name or a title may come back to what it was, and is a [`Command::user`]
    /// under a nonce of its own.
    #[must_use]
    pub fn server(room: RoomId, draft: Draft, precondition: Precondition) -> Self {
        let nonce = reported(&room, &draft);
        Self {
            room,
            source: Source::Server,
            nonce,
            hash: CommandHash(nonce.0),
            draft,
            precondition,
        }
    }
}

/// A nonce derived from what is reported: `kind` names what happened, `parts` to what.
#[must_use]
pub fn server_nonce(kind: &str, parts: &[&[u8]]) -> Nonce {
    let fields = parts.iter().fold(Fields::new(kind), |f, part| f.add(part));
    Nonce(half(fields))
}

/// What a user's command asks for.
fn asked(draft: &Draft) -> Fields {
    match draft {
        Draft::Posted { text, files, .. } => files
            .iter()
            .fold(Fields::new("posted").add(text.as_bytes()), |f, notice| {
                f.file(notice)
            }),
        Draft::Edited { no, text } => Fields::new("edited").no(*no).add(text.as_bytes()),
        Draft::ParticipantNamed { author } => match &author.name {
            Some(name) => Fields::new("named").add(name.as_bytes()),
            None => Fields::new("named"),
        },
        Draft::RoomChanged { snapshot } => Fields::new("room_changed")
            .add(snapshot.title.as_bytes())
            .add(match snapshot.visibility {
                Visibility::Listed => b"listed",
                Visibility::Secret => b"secret",
            }),
        Draft::PostRemoved { .. }
        | Draft::FileStarted { .. }
        | Draft::FileReady { .. }
        | Draft::FileStopped { .. }
        | Draft::FileRemoved { .. }
        | Draft::RoomEnded => happened(draft),
    }
}

/// What happened to what.
fn happened(draft: &Draft) -> Fields {
    let file = |kind, no: PostNo, file: &FileId| Fields::new(kind).no(no).add(&file.0);
    match draft {
        Draft::PostRemoved { no } => Fields::new("post_removed").no(*no),
        Draft::FileStarted { no, file: id, .. } => file("file_started", *no, id),
        Draft::FileReady { no, file: id, .. } => file("file_ready", *no, id),
        Draft::FileStopped { no, file: id, .. } => file("file_stopped", *no, id),
        Draft::FileRemoved { no, file: id } => file("file_removed", *no, id),
        Draft::RoomEnded => Fields::new("room_ended"),
        Draft::Posted { .. }
        | Draft::Edited { .. }
        | Draft::ParticipantNamed { .. }
        | Draft::RoomChanged { .. } => asked(draft),
    }
}

fn reported(room: &RoomId, draft: &Draft) -> Nonce {
    let what = happened(draft).0.finalize();
    server_nonce("report", &[room.as_str().as_bytes(), &what])
}

/// Hashes fields so that no two lists of them read alike: each with its length before it.
struct Fields(Sha256);

impl Fields {
    fn new(kind: &str) -> Self {
        Self(Sha256::new()).add(DOMAIN).add(kind.as_bytes())
    }

    fn add(mut self, field: &[u8]) -> Self {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
        self
    }

    fn no(self, no: PostNo) -> Self {
        self.add(&no.to_le_bytes())
    }

    fn file(self, notice: &FileNotice) -> Self {
        self.add(&notice.file.0)
    }
}

fn half(fields: Fields) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&fields.0.finalize()[..16]);
    half
}

#[cfg(test)]
mod tests {
    use app::wire::file::StopReason;
    use app::wire::room::Author;

    use super::*;
    use crate::log::tests::fixture::{author, notice, room, session};

    fn posted(author: Author, text: &str, files: Vec<FileNotice>) -> CommandHash {
        let draft = Draft::Posted {
            author,
            text: text.to_owned(),
            files,
        };
        Command::user(
            room(),
            session(1),
            Nonce([0; 16]),
            draft,
            Precondition::RoomOpen,
        )
        .hash
    }

    #[test]
    fn a_hash_tells_what_was_asked_for_and_nothing_else() {
        let asked = posted(author(1), "a", vec![notice(1), notice(2)]);
        let mut renamed = author(1);
        renamed.name = Some("Ada".to_owned());
        let mut reread = notice(1);
        reread.name = "other.png".to_owned();
        assert_eq!(asked, posted(renamed, "a", vec![reread, notice(2)]));
        assert_ne!(asked, posted(author(1), "b", vec![notice(1), notice(2)]));
        assert_ne!(asked, posted(author(1), "a", vec![notice(2), notice(1)]));
        assert_ne!(asked, posted(author(1), "a", vec![notice(1)]));
    }

    #[test]
    fn fields_do_not_run_together() {
        assert_ne!(
            server_nonce("a", &[b"bc", b"d"]),
            server_nonce("a", &[b"b", b"cd"])
        );
        assert_ne!(server_nonce("a", &[b"b"]), server_nonce("ab", &[]));
    }

    #[test]
    fn a_report_has_one_nonce_whoever_tells_it() {
        let report = |no, file, reason| {
            Command::server(
                room(),
                Draft::FileStopped {
                    no,
                    file: FileId([file; 16]),
                    reason,
                },
                Precondition::PostExists,
            )
            .nonce
        };
        let one = report(1, 1, StopReason::Expired);
        assert_eq!(one, report(1, 1, StopReason::Cancelled));
        assert_ne!(one, report(2, 1, StopReason::Expired));
        assert_ne!(one, report(1, 2, StopReason::Expired));
        let ended = Command::server(room(), Draft::RoomEnded, Precondition::RoomOpen);
        let elsewhere = Command::server(
            "otherone".parse().unwrap(),
            Draft::RoomEnded,
            Precondition::RoomOpen,
        );
        assert_ne!(ended.nonce, elsewhere.nonce);
    }
}
