//! The words that stored rows and documents have for events' kinds and uploads' states. Released words never change.

use app::wire::event::EventBody;
use app::wire::file::StopReason;

use crate::domain::upload::UploadState;

const STATES: [UploadState; 7] = [
    UploadState::Open,
    UploadState::Finishing,
    UploadState::Done,
    UploadState::Stopped(StopReason::Cancelled),
    UploadState::Stopped(StopReason::Expired),
    UploadState::Stopped(StopReason::Invalid),
    UploadState::Removed,
];

/// A state as one word.
pub(super) fn state_word(state: UploadState) -> &'static str {
    match state {
        UploadState::Open => "open",
        UploadState::Finishing => "finishing",
        UploadState::Done => "done",
        UploadState::Stopped(StopReason::Cancelled) => "stopped_cancelled",
        UploadState::Stopped(StopReason::Expired) => "stopped_expired",
        UploadState::Stopped(StopReason::Invalid) => "stopped_invalid",
        UploadState::Removed => "removed",
    }
}

/// The state a word stands for.
pub(super) fn state(word: &str) -> Option<UploadState> {
    STATES.into_iter().find(|state| state_word(*state) == word)
}

/// What the queries must know of an event's body.
pub(super) fn event_kind(body: &EventBody) -> &'static str {
    match body {
        EventBody::Posted { .. } => "posted",
        EventBody::Edited { .. } => "edited",
        EventBody::PostRemoved => "post_removed",
        EventBody::FileStarted { .. } => "file_started",
        EventBody::FileReady { .. } => "file_ready",
        EventBody::FileStopped { .. } => "file_stopped",
        EventBody::FileRemoved { .. } => "file_removed",
        EventBody::ParticipantNamed { .. } => "participant_named",
        EventBody::RoomChanged { .. } => "room_changed",
        EventBody::RoomEnded => "room_ended",
        EventBody::Tombstone => "tombstone",
        EventBody::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_word() {
        for one in STATES {
            assert_eq!(state(state_word(one)), Some(one));
        }
        assert_eq!(state("Open"), None);
    }
}
