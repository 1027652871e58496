//! What an answer means for an upload, and how long to wait before the next try.

use super::answer::Answer;

/// Waits before the first tries; all later ones wait [`LONGEST_MS`]. The server may not know yet that a body was cut
/// and holds its last bytes back for up to 200 ms: asked sooner, it tells an offset that moves before it is used.
const WAITS_MS: [u32; 6] = [300, 1_000, 3_000, 5_000, 10_000, 20_000];
const LONGEST_MS: u32 = 30_000;

/// Longest wait that the server may ask for.
const ASKED_MOST_S: u32 = 300;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server has every byte.
    Done,
    /// Send on from this offset.
    From(u64),
    /// The server holds another offset than thought; send from there.
    Moved(u64),
    /// Ask for the offset and try again, not before so many milliseconds.
    Again {
        /// What the server asked for; 0 where it did not.
        least_ms: u32,
    },
    /// Somebody else sends it.
    TakenOver,
    /// The server does not know the upload any more.
    Gone,
    /// It will not be taken.
    Failed(String),
}

/// Judges the answer to a PATCH or HEAD of an upload of `size` bytes.
pub(super) fn judge(answer: &Answer, size: u64) -> Verdict {
    let again = Verdict::Again {
        least_ms: answer.retry_after_s.unwrap_or(0).min(ASKED_MOST_S) * 1_000,
    };
    match (answer.status, answer.offset) {
        (200..=299, Some(offset)) if offset == size => Verdict::Done,
        (200..=299, Some(offset)) if offset < size => Verdict::From(offset),
        (200..=299, Some(_)) => failed(answer, "the server holds more than the file has"),
        (409, _) if answer.taken_over => Verdict::TakenOver,
        // Of an empty file there is no byte to be out of step with: the upload is complete.
        (409, None) if size == 0 => Verdict::Done,
        (409, Some(offset)) if offset <= size => Verdict::Moved(offset),
        (404 | 410, _) => Verdict::Gone,
        // No answer, a short conflict, too early or too often, and whatever a proxy says while the server restarts.
        (0 | 200..=299 | 408 | 409 | 423 | 425 | 429 | 500..=504, _) => again,
        _ => failed(answer, "the server refused the file"),
    }
}

fn failed(answer: &Answer, otherwise: &str) -> Verdict {
    Verdict::Failed(
        answer
            .message
            .clone()
            .unwrap_or_else(|| otherwise.to_owned()),
    )
}

/// Milliseconds before the next try after `failures` (1 or more) in a row: up to a quarter more than planned, so
/// that those who were cut together do not come back together. `random` is from 0 up to 1.
pub(super) fn wait_ms(failures: u32, least_ms: u32, random: f64) -> u32 {
    let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let planned = WAITS_MS.get(index).copied().unwrap_or(LONGEST_MS);
    // At most a quarter of 30,000.
    let jitter = (f64::from(planned / 4) * random.clamp(0.0, 1.0)) as u32;
    (planned + jitter).max(least_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, offset: Option<u64>) -> Answer {
        Answer {
            status,
            offset,
            ..Answer::default()
        }
    }

    #[test]
    fn the_servers_offset_decides() {
        assert_eq!(judge(&answer(204, Some(10)), 10), Verdict::Done);
        assert_eq!(judge(&answer(204, Some(0)), 0), Verdict::Done);
        assert_eq!(judge(&answer(200, Some(4)), 10), Verdict::From(4));
        assert_eq!(judge(&answer(409, Some(4)), 10), Verdict::Moved(4));
        assert!(matches!(
            judge(&answer(204, Some(11)), 10),
            Verdict::Failed(_)
        ));
    }

    #[test]
    fn a_take_over_is_never_tried_again_by_itself() {
        let taken = Answer {
            taken_over: true,
            ..answer(409, Some(4))
        };
        assert_eq!(judge(&taken, 10), Verdict::TakenOver);
        let body = r#"{"error":"taken_over","message":"m"}"#;
        assert_eq!(
            judge(&Answer::read(409, |_| None, body), 10),
            Verdict::TakenOver
        );
    }

    #[test]
    fn what_passes_is_tried_again_and_what_stays_is_not() {
        for status in [0, 204, 408, 409, 423, 429, 500, 502, 503, 504] {
            assert!(
                matches!(judge(&answer(status, None), 10), Verdict::Again { .. }),
                "{status}"
            );
        }
        for status in [400, 401, 403, 412, 413, 415, 507] {
            assert!(
                matches!(judge(&answer(status, None), 10), Verdict::Failed(_)),
                "{status}"
            );
        }
        for status in [404, 410] {
            assert_eq!(judge(&answer(status, None), 10), Verdict::Gone);
        }
    }

    #[test]
    fn waits_grow_to_half_a_minute_and_heed_the_server() {
        let waits: Vec<u32> = (1..9).map(|failures| wait_ms(failures, 0, 0.0)).collect();
        assert_eq!(
            waits,
            [300, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000, 30_000]
        );
        assert_eq!(wait_ms(u32::MAX, 0, 1.0), 37_500);
        assert_eq!(wait_ms(1, 60_000, 0.0), 60_000);
        let asked = Answer {
            retry_after_s: Some(u32::MAX),
            ..answer(429, None)
        };
        assert_eq!(judge(&asked, 10), Verdict::Again { least_ms: 300_000 });
    }

    #[test]
    fn an_error_is_told_in_the_servers_words() {
        let body = r#"{"error":"too_large","message":"a file may have 5 bytes","request":"r"}"#;
        let read = Answer::read(413, |_| None, body);
        assert_eq!(
            judge(&read, 10),
            Verdict::Failed("a file may have 5 bytes".to_owned())
        );
        let page = Answer::read(413, |_| None, "<html>");
        assert_eq!(
            judge(&page, 10),
            Verdict::Failed("the server refused the file".to_owned())
        );
    }
}
