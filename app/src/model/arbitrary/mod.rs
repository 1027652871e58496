//! Strategies for property tests: valid logs, and every wire type.

mod log;
mod parts;
mod wire;

pub use log::{log, page, redacted};
pub use parts::{file_notice, limits, people, room_id, started};
pub use wire::{
    any_event, api_error, client_message, create_post, history_query, open_upload,
    page_of_anything, room_card, room_list, room_page, server_message, session_opened,
    upload_opened,
};
