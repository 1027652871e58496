//! What clients may do.

use std::time::Duration;

use app::wire::limits::Limits;
use clap::Args;
use serde::Deserialize;

use super::ConfigError;
use super::error::{within, within_u32};

/// `[limits]` as given.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Limits [limits]")]
pub(super) struct LimitsSettings {
    /// Characters of a post [default: 4000].
    #[arg(long, env = "STREAMBOARD_TEXT_CHARS", value_name = "N")]
    text_chars: Option<u32>,
    /// Lines of a post [default: 100].
    #[arg(long, env = "STREAMBOARD_TEXT_LINES", value_name = "N")]
    text_lines: Option<u32>,
    /// Characters of a name [default: 50].
    #[arg(long, env = "STREAMBOARD_NAME_CHARS", value_name = "N")]
    name_chars: Option<u32>,
    /// Characters of a room's title [default: 100].
    #[arg(long, env = "STREAMBOARD_TITLE_CHARS", value_name = "N")]
    title_chars: Option<u32>,
    /// Files of a post [default: 5].
    #[arg(long, env = "STREAMBOARD_FILES_PER_POST", value_name = "N")]
    files_per_post: Option<u32>,
    /// MiB of a file [default: 100].
    #[arg(long, env = "STREAMBOARD_FILE_MIB", value_name = "MIB")]
    file_mib: Option<u64>,
    /// Uploads a session may have open at once [default: 10].
    #[arg(long, env = "STREAMBOARD_OPEN_UPLOADS", value_name = "N")]
    open_uploads: Option<u32>,
    /// Uploads an address (IPv6: /64) may have open at once [default: 20].
    #[arg(long, env = "STREAMBOARD_OPEN_UPLOADS_PER_ADDRESS", value_name = "N")]
    open_uploads_per_address: Option<u32>,
    /// Minutes without a byte after which an upload ends [default: 10].
    #[arg(long, env = "STREAMBOARD_UPLOAD_IDLE_MINUTES", value_name = "MINUTES")]
    upload_idle_minutes: Option<u64>,
    /// Megapixels of a picture shown inline [default: 50].
    #[arg(long, env = "STREAMBOARD_IMAGE_MEGAPIXELS", value_name = "MP")]
    image_megapixels: Option<u64>,
    /// Pixels of a picture's longer side [default: 12000].
    #[arg(long, env = "STREAMBOARD_IMAGE_SIDE", value_name = "PIXELS")]
    image_side: Option<u32>,
    /// Hours after its last activity at which a room ends [default: 72].
    #[arg(long, env = "STREAMBOARD_ROOM_HOURS", value_name = "HOURS")]
    room_hours: Option<u32>,
    /// Rooms on the home page [default: 100].
    #[arg(long, env = "STREAMBOARD_LISTED_ROOMS", value_name = "N")]
    listed_rooms: Option<u32>,
    /// Feeds an address may have open at once [default: 16].
    #[arg(long, env = "STREAMBOARD_FEEDS_PER_ADDRESS", value_name = "N")]
    feeds_per_address: Option<u32>,
    /// Milliseconds between two posts of a session, in the long run [default: 1000].
    #[arg(long, env = "STREAMBOARD_POST_EVERY_MS", value_name = "MS")]
    post_every_ms: Option<u64>,
    /// Posts a session may make at once [default: 5].
    #[arg(long, env = "STREAMBOARD_POST_BURST", value_name = "N")]
    post_burst: Option<u32>,
    /// Milliseconds between two rooms made from an address, in the long run [default: 5000].
    #[arg(long, env = "STREAMBOARD_ROOM_EVERY_MS", value_name = "MS")]
    room_every_ms: Option<u64>,
    /// Rooms that may be made from an address at once [default: 30].
    #[arg(long, env = "STREAMBOARD_ROOM_BURST", value_name = "N")]
    room_burst: Option<u32>,
    /// Milliseconds between two sessions opened from an address, in the long run [default: 1000].
    #[arg(long, env = "STREAMBOARD_SESSION_EVERY_MS", value_name = "MS")]
    session_every_ms: Option<u64>,
    /// Sessions that may be opened from an address at once [default: 60].
    #[arg(long, env = "STREAMBOARD_SESSION_BURST", value_name = "N")]
    session_burst: Option<u32>,
}

/// How often something may be done: `burst` at once, then one every `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Time in which one more is earned.
    pub every: Duration,
    /// How many may be done at once.
    pub burst: u32,
}

/// What clients may do.
#[derive(Debug, Clone)]
pub struct LimitsConfig {
    /// What clients are told.
    pub wire: Limits,
    /// Uploads an address may have open at once.
    pub open_uploads_per_address: u32,
    /// How long an upload may be silent.
    pub upload_idle: Duration,
    /// Rooms on the home page.
    pub listed_rooms: u32,
    /// Feeds an address may have open at once.
    pub feeds_per_address: u32,
    /// Posts of a session.
    pub posts: Rate,
    /// Rooms made from an address.
    pub rooms: Rate,
    /// Sessions opened from an address.
    pub sessions: Rate,
}

impl LimitsConfig {
    pub(super) fn resolve(
        flags: &LimitsSettings,
        file: &LimitsSettings,
    ) -> Result<Self, ConfigError> {
        let (burst, every) = (
            flags.post_burst.or(file.post_burst),
            flags.post_every_ms.or(file.post_every_ms),
        );
        let posts = rate(
            ("--post-burst", burst.unwrap_or(5)),
            ("--post-every-ms", every.unwrap_or(1_000)),
        )?;
        let (burst, every) = (
            flags.room_burst.or(file.room_burst),
            flags.room_every_ms.or(file.room_every_ms),
        );
        let rooms = rate(
            ("--room-burst", burst.unwrap_or(30)),
            ("--room-every-ms", every.unwrap_or(5_000)),
        )?;
        let (burst, every) = (
            flags.session_burst.or(file.session_burst),
            flags.session_every_ms.or(file.session_every_ms),
        );
        let sessions = rate(
            ("--session-burst", burst.unwrap_or(60)),
            ("--session-every-ms", every.unwrap_or(1_000)),
        )?;
        let number = |setting, flag: Option<u32>, file: Option<u32>, default, range| {
            within_u32(setting, flag.or(file).unwrap_or(default), range)
        };
        let idle = flags
            .upload_idle_minutes
            .or(file.upload_idle_minutes)
            .unwrap_or(10);
        Ok(Self {
            wire: wire(flags, file)?,
            open_uploads_per_address: number(
                "--open-uploads-per-address",
                flags.open_uploads_per_address,
                file.open_uploads_per_address,
                20,
                1..=10_000,
            )?,
            upload_idle: Duration::from_secs(
                60 * within("--upload-idle-minutes", idle, 1..=24 * 60)?,
            ),
            listed_rooms: number(
                "--listed-rooms",
                flags.listed_rooms,
                file.listed_rooms,
                100,
                1..=1_000,
            )?,
            feeds_per_address: number(
                "--feeds-per-address",
                flags.feeds_per_address,
                file.feeds_per_address,
                16,
                1..=100_000,
            )?,
            posts,
            rooms,
            sessions,
        })
    }
}

fn rate(burst: (&'static str, u32), every_ms: (&'static str, u64)) -> Result<Rate, ConfigError> {
    Ok(Rate {
        every: Duration::from_millis(within(every_ms.0, every_ms.1, 1..=3_600_000)?),
        burst: within_u32(burst.0, burst.1, 1..=100_000)?,
    })
}

fn wire(flags: &LimitsSettings, file: &LimitsSettings) -> Result<Limits, ConfigError> {
    const MIB: u64 = 1024 * 1024;
    const MEGAPIXEL: u64 = 1_000_000;
    let default = Limits::default();
    let small = |setting, flag: Option<u32>, file: Option<u32>, default, most| {
        within_u32(setting, flag.or(file).unwrap_or(default), 1..=most)
    };
    let (f, g) = (flags, file);
    let file_mib = f
        .file_mib
        .or(g.file_mib)
        .unwrap_or(default.file_bytes / MIB);
    let megapixels = f
        .image_megapixels
        .or(g.image_megapixels)
        .unwrap_or(default.image_pixels / MEGAPIXEL);
    Ok(Limits {
        // An event must fit a feed's message with room to spare.
        text_chars: small(
            "--text-chars",
            f.text_chars,
            g.text_chars,
            default.text_chars,
            10_000,
        )?,
        text_lines: small(
            "--text-lines",
            f.text_lines,
            g.text_lines,
            default.text_lines,
            10_000,
        )?,
        name_chars: small(
            "--name-chars",
            f.name_chars,
            g.name_chars,
            default.name_chars,
            200,
        )?,
        title_chars: small(
            "--title-chars",
            f.title_chars,
            g.title_chars,
            default.title_chars,
            500,
        )?,
        files_per_post: small(
            "--files-per-post",
            f.files_per_post,
            g.files_per_post,
            default.files_per_post,
            50,
        )?,
        file_bytes: MIB * within("--file-mib", file_mib, 1..=1024 * 1024)?,
        open_uploads: small(
            "--open-uploads",
            f.open_uploads,
            g.open_uploads,
            default.open_uploads,
            1_000,
        )?,
        image_pixels: MEGAPIXEL * within("--image-megapixels", megapixels, 1..=1_000)?,
        image_side: small(
            "--image-side",
            f.image_side,
            g.image_side,
            default.image_side,
            65_535,
        )?,
        room_hours: small(
            "--room-hours",
            f.room_hours,
            g.room_hours,
            default.room_hours,
            24 * 365,
        )?,
    })
}
