//! Pages of a room.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::ids::{PostNo, RoomId};
use crate::wire::page::Page;

/// The `limit` posts before `before`, or the newest ones; the head is read before the posts.
#[server(name = LoadHistory, prefix = "/api", endpoint = "load_history")]
pub async fn load_history(
    room: RoomId,
    #[server(default)] before: Option<PostNo>,
    #[server(default)] limit: Option<u32>,
) -> Result<Page, ApiError> {
    use crate::wire::request::HistoryQuery;

    let query = HistoryQuery {
        before,
        limit: limit.unwrap_or(HistoryQuery::DEFAULT_LIMIT),
    };
    super::backend::backend()?.load_history(room, query).await
}
