//! Sizes, times and names as people read them. Nothing here depends on a locale or a time zone, since the server
//! and the browser must write the same text.

use time::OffsetDateTime;

use crate::wire::ids::Millis;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const KIB: f64 = 1024.0;
const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];

/// A size in bytes: "812 KB", "4.9 MB". Steps of 1024, so that a limit of 100 MiB reads as "100 MB".
#[must_use]
pub fn bytes(size: u64) -> String {
    let unit = unit_of(size);
    format!("{} {}", amount(size, unit), UNITS[unit])
}

/// How much of a file is there, in the unit of the whole: "2.3 of 4.9 MB"; without a known size "2.3 MB".
#[must_use]
pub fn bytes_of(done: u64, size: Option<u64>) -> String {
    match size {
        Some(size) => {
            let unit = unit_of(size);
            let (done, whole) = (amount(done, unit), amount(size, unit));
            format!("{done} of {whole} {}", UNITS[unit])
        }
        None => bytes(done),
    }
}

/// A speed in bytes a second: "1.2 MB/s".
#[must_use]
pub fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", bytes(bytes_per_second))
}

/// Whole percent; 100 only where nothing is missing.
#[must_use]
pub fn percent(done: u64, size: Option<u64>) -> Option<u32> {
    let size = size?;
    if done >= size {
        return Some(100);
    }
    let part = u128::from(done) * 100 / u128::from(size);
    Some(u32::try_from(part).unwrap_or(99).min(99))
}

/// Time a transfer still takes: "2 s left", "4 min left", "2 h left".
#[must_use]
pub fn seconds_left(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{} s left", seconds.max(1)),
        91..=5_399 => format!("{} min left", (seconds + 30) / 60),
        _ => format!("{} h left", (seconds + 1_800) / 3_600),
    }
}

/// How long ago `at` was: "now", "34 s", "2 min", "7 h", "2 d".
#[must_use]
pub fn ago(at: Millis, now: Millis) -> String {
    match now.saturating_sub(at) {
        ..=4_999 => "now".to_owned(),
        past if past < MINUTE => format!("{} s", past / SECOND),
        past if past < HOUR => format!("{} min", past / MINUTE),
        past if past < DAY => format!("{} h", past / HOUR),
        past => format!("{} d", past / DAY),
    }
}

/// How long ago `at` was, within a sentence: "just now", "34 s ago".
#[must_use]
pub fn ago_words(at: Millis, now: Millis) -> String {
    match ago(at, now) {
        now if now == "now" => "just now".to_owned(),
        past => format!("{past} ago"),
    }
}

/// Time until `at`: "2 d 22 h left", "51 min left", "ends now".
#[must_use]
pub fn until(at: Millis, now: Millis) -> String {
    match at.saturating_sub(now) {
        ..=0 => "ends now".to_owned(),
        left if left < MINUTE => format!("{} s left", left / SECOND + 1),
        left if left < HOUR => format!("{} min left", left / MINUTE),
        left if left < DAY => format!("{} h left", left / HOUR),
        left => match left % DAY / HOUR {
            0 => format!("{} d left", left / DAY),
            hours => format!("{} d {hours} h left", left / DAY),
        },
    }
}

/// A span of hours: "3 days", "36 hours", "1 hour".
#[must_use]
pub fn hours(hours: u32) -> String {
    match hours {
        1 => "1 hour".to_owned(),
        24 => "1 day".to_owned(),
        _ if hours.is_multiple_of(24) => format!("{} days", hours / 24),
        _ => format!("{hours} hours"),
    }
}

/// Length of sound or video: "0:41", "1:02:05".
#[must_use]
pub fn duration(length_ms: u64) -> String {
    let seconds = (length_ms + 500) / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A moment in UTC: "2026-11-21 09:12 UTC".
#[must_use]
pub fn utc(at: Millis) -> String {
    let at = moment(at);
    let (month, day, hour, minute) = (u8::from(at.month()), at.day(), at.hour(), at.minute());
    format!(
        "{:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC",
        at.year()
    )
}

/// A moment for the attribute `datetime`: "2026-11-21T09:12:30Z".
#[must_use]
pub fn iso(at: Millis) -> String {
    let at = moment(at);
    let (month, day) = (u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!(
        "{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z",
        at.year()
    )
}

/// "1 post", "2 posts", "1,204 posts".
#[must_use]
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// A number with separators: "1,204".
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The letters on the tile of a file that is not media: its extension, at most four characters.
#[must_use]
pub fn extension(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
            extension.chars().take(4).collect::<String>().to_lowercase()
        }
        _ => "file".to_owned(),
    }
}

fn moment(at: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.div_euclid(SECOND)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn unit_of(size: u64) -> usize {
    match size {
        0..1_024 => 0,
        // From here on the next unit reads better: "1.0 MB" rather than "1020 KB".
        1_024..1_000_000 => 1,
        1_000_000..1_000_000_000 => 2,
        _ => 3,
    }
}

#[expect(clippy::cast_precision_loss, reason = "three digits of it are shown")]
fn amount(size: u64, unit: usize) -> String {
    let value = match unit {
        0 => return size.to_string(),
        1 => size as f64 / KIB,
        2 => size as f64 / KIB / KIB,
        _ => size as f64 / KIB / KIB / KIB,
    };
    // Bytes are in the unit of the whole and may be few: no digit after the point where it says nothing.
    if value >= 99.95 || unit == 1 || (value.fract() == 0.0 && value >= 10.0) {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_the_limits_they_are_compared_with() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(162 * 1024), "162 KB");
        assert_eq!(bytes(100 * 1024 * 1024), "100 MB");
        assert_eq!(bytes(5_138_022), "4.9 MB");
    }

    #[test]
    fn a_part_is_told_in_the_unit_of_the_whole() {
        assert_eq!(bytes_of(2_411_724, Some(5_138_022)), "2.3 of 4.9 MB");
        assert_eq!(bytes_of(40_000, Some(5_138_022)), "0.0 of 4.9 MB");
        assert_eq!(bytes_of(2_411_724, None), "2.3 MB");
    }

    #[test]
    fn a_hundred_percent_is_said_only_when_all_is_there() {
        assert_eq!(percent(0, Some(10)), Some(0));
        assert_eq!(percent(999_999, Some(1_000_000)), Some(99));
        assert_eq!(percent(10, Some(10)), Some(100));
        assert_eq!(percent(0, Some(0)), Some(100));
        assert_eq!(percent(u64::MAX - 1, Some(u64::MAX)), Some(99));
        assert_eq!(percent(5, None), None);
    }

    #[test]
    fn times_are_short() {
        assert_eq!(ago(10_000, 9_000), "now");
        assert_eq!(ago(0, 34_500), "34 s");
        assert_eq!(ago(0, 2 * DAY + 3), "2 d");
        assert_eq!(ago_words(0, 1_000), "just now");
        assert_eq!(ago_words(0, 34_500), "34 s ago");
        assert_eq!(until(3 * DAY, 0), "3 d left");
        assert_eq!(until(2 * DAY + 22 * HOUR, 0), "2 d 22 h left");
        assert_eq!(until(0, 5), "ends now");
        assert_eq!(seconds_left(0), "1 s left");
        assert_eq!(seconds_left(240), "4 min left");
        assert_eq!(duration(41_000), "0:41");
        assert_eq!(duration(3_725_000), "1:02:05");
    }

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(utc(1_795_252_350_999), "2026-11-21 09:12 UTC");
        assert_eq!(iso(1_795_252_350_999), "2026-11-21T09:12:30Z");
        assert_eq!(utc(i64::MAX), "1970-01-01 00:00 UTC");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(count(1, "post", "posts"), "1 post");
        assert_eq!(count(1_204, "post", "posts"), "1,204 posts");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }

    #[test]
    fn an_extension_is_four_letters_at_the_most() {
        assert_eq!(extension("a.tar.GZ"), "gz");
        assert_eq!(extension("README"), "file");
        assert_eq!(extension(".bashrc"), "file");
        assert_eq!(extension("x.geojson"), "geoj");
    }
}
