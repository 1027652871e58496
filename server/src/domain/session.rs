//! A session as it is stored.

use app::api::backend::SessionId;
use app::wire::ids::Millis;

/// A browser without an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// SHA-256 of its cookie.
    pub id: SessionId,
    /// When it was opened.
    pub created_at: Millis,
}
