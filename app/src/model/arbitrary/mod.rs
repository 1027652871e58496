//! Strategies for property tests: valid logs, and every wire type.

mod log;
mod wire;

pub use log::{log, page, redacted};
pub use wire::{
    any_event, api_error, client_message, create_post, file_notice, history_query, limits,
    open_upload, page_of_anything, people, room_card, room_id, room_list, room_page,
    server_message, session_opened, started, upload_opened,
};
