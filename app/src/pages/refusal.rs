//! Why a form without script was refused: the server sends it back to its page with the error in the address.

use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::hooks::use_query_map;

use crate::wire::error::ApiError;

/// The sentence for the form of the endpoint `path`, if the address carries its error.
pub(super) fn refusal_of(path: &str) -> Option<String> {
    let query = use_query_map().get_untracked();
    if query.get("__path")? != path {
        return None;
    }
    let error = ServerFnUrlError::<ApiError>::decode_err(&query.get("__err")?);
    Some(error.message)
}
