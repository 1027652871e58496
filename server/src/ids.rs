//! Port of randomness: everything that must not be guessed or must not repeat.

use app::wire::ids::{Epoch, FileId, Nonce, RoomId, UploadKey};
use app::wire::room::Visibility;

/// A source of random bytes; what is made of them is the same for every source.
pub trait IdSource: Send + Sync + std::fmt::Debug {
    /// Fills `bytes` with what nobody can guess. Never waits and cannot fail: a system without randomness ends the
    /// program.
    fn fill(&self, bytes: &mut [u8]);
}

/// The system's cryptographic generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(
            clippy::expect_used,
            reason = "without randomness no secret may be made; the kernel always has it"
        )]
        getrandom::fill(bytes).expect("the system has randomness");
    }
}

impl dyn IdSource + '_ {
    /// A new file.
    pub fn file(&self) -> FileId {
        FileId(self.bytes())
    }

    /// A new upload key.
    pub fn upload_key(&self) -> UploadKey {
        UploadKey(self.bytes())
    }

    /// A new nonce.
    pub fn nonce(&self) -> Nonce {
        Nonce(self.bytes())
    }

    /// A new epoch.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.bytes())
    }

    /// A new session's cookie: 256 bits.
    pub fn session_token(&self) -> [u8; 32] {
        self.bytes()
    }

    /// A new room: short where everybody finds it anyway, 130 bits where the link is the key.
    pub fn room(&self, visibility: Visibility) -> RoomId {
        const LETTERS: &[u8; 62] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let length = match visibility {
            Visibility::Listed => RoomId::LISTED_LEN,
            Visibility::Secret => RoomId::SECRET_LEN,
        };
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // 248 = 4 * 62: larger bytes are thrown away, so that every letter is as likely.
            let [byte] = self.bytes::<1>();
            if byte < 248 {
                text.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
            }
        }
        #[expect(clippy::expect_used, reason = "letters and digits of the right length")]
        text.parse().expect("a room id")
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
