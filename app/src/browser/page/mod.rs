//! Small things a page asks of its browser: time, visibility, scrolling, settings, media elements.

mod clock;
mod element;
mod media;
mod network;
mod scroll;
mod settings;
mod window;

pub use clock::{interval, local_time, now_ms, random_nonce, timeout};
pub(crate) use clock::{random, sleep};
pub use element::{intersection, resized};
pub use media::{
    MediaElement, arm, current_time, disarm, is_playing, natural_size, play, swap_source,
};
pub use network::{http2, is_online, on_offline, on_online, save_data};
pub use scroll::{at_end, hold_position, scroll_into_view, scroll_to_end};
pub use settings::{
    coarse_pointer, cookies, local_get, local_remove, local_set, on_local_change, reduced_motion,
    set_cookie, set_theme,
};
pub use window::{
    absolute, after_load, ask_before_leaving, copy_text, is_hidden, on_visibility, reload,
    set_title,
};
