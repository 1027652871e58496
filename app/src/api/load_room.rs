//! Everything a room's page needs.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::ids::{PostNo, RoomId};
use crate::wire::page::RoomPage;

/// The newest posts of a room, or those before `before`, with who reads it and the limits in force.
#[server(name = LoadRoom, prefix = "/api", endpoint = "load_room")]
pub async fn load_room(
    room: RoomId,
    #[server(default)] before: Option<PostNo>,
) -> Result<RoomPage, ApiError> {
    let caller = super::caller::caller()?;
    use crate::wire::request::HistoryQuery;

    let query = HistoryQuery {
        before,
        limit: HistoryQuery::DEFAULT_LIMIT,
    };
    super::backend::backend()?
        .room_page(&caller, room, query)
        .await
}
