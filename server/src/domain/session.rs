//! A session as it is stored, and the cookie that proves it.

use app::api::backend::SessionId;
use app::wire::hex::{self, NotHex};
use app::wire::ids::Millis;
use sha2::{Digest, Sha256};

/// A browser without an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// SHA-256 of its cookie.
    pub id: SessionId,
    /// When it was opened.
    pub created_at: Millis,
}

/// The secret of a session: 256 random bits, 64 hex digits in the cookie. The store has its hash alone, so that a
/// copy of the store opens no session.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(pub [u8; 32]);

impl SessionToken {
    /// Name of the cookie.
    pub const COOKIE: &str = "streamboard_session";

    /// Seconds a browser keeps the cookie: a year.
    const MAX_AGE_S: u32 = 365 * 24 * 60 * 60;

    /// The name the server knows the session by.
    #[must_use]
    pub fn id(&self) -> SessionId {
        SessionId(Sha256::digest(self.0).into())
    }

    /// Value of the `Set-Cookie` header that hands it to a browser. `secure`: never to be sent in the clear.
    #[must_use]
    pub fn set_cookie(&self, secure: bool) -> String {
        let secure = if secure { "; Secure" } else { "" };
        format!(
            "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            Self::COOKIE,
            hex::encode(&self.0),
            Self::MAX_AGE_S,
        )
    }
}

impl std::str::FromStr for SessionToken {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex::decode(text).map(Self)
    }
}

impl std::fmt::Debug for SessionToken {
    /// Redacted: it is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::SessionToken;

    #[test]
    fn a_cookie_leads_back_to_its_session() {
        let token = SessionToken([7; 32]);
        let header = token.set_cookie(true);
        let value = header.split([';', '=']).nth(1).unwrap();
        assert_eq!(value.parse::<SessionToken>().unwrap().id(), token.id());
        assert!(header.contains("; HttpOnly") && header.ends_with("; Secure"));
        assert!(!token.set_cookie(false).contains("Secure"));
    }
}
