//! The catalog.

use leptos::prelude::*;

use crate::wire::error::ApiError;
use crate::wire::request::RoomList;

/// Listed rooms, busiest first.
#[server(name = ListRooms, prefix = "/api", endpoint = "list_rooms")]
pub async fn list_rooms() -> Result<RoomList, ApiError> {
    super::backend::backend()?.list_rooms().await
}
