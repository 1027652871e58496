//! Opening an upload: everything is judged before the first byte.

use std::net::IpAddr;

use app::api::backend::SessionId;
use app::wire::file::{FileKind, Placeholder};
use app::wire::ids::UploadKey;
use app::wire::request::{OpenUpload, UploadOpened};
use app::wire::text;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{UploadError, Uploads, key_hash, settings};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::UploadCounts;

/// Hex digits of a thumbhash.
const THUMBHASH_DIGITS: usize = 64;

/// Pixels of a side and milliseconds of a length beyond which a placeholder is a mistake.
const PLACEHOLDER_SIDE: u32 = 100_000;
const PLACEHOLDER_MILLIS: u64 = 7 * 24 * 3_600 * 1_000;

impl Uploads {
    /// Opens an upload of `session` for a post to come in a room that must exist. The file is public, the key is
    /// the right to send and to cancel. An upload that no post claims within a minute goes.
    ///
    /// # Errors
    /// An argument that breaks a rule, a size over the limit, a room that is not there or over, too many open
    /// uploads of the session or the address, or a store that failed; nothing is stored then.
    pub async fn open(
        &self,
        session: SessionId,
        address: IpAddr,
        upload: OpenUpload,
    ) -> Result<UploadOpened, UploadError> {
        let most = self.limits.file_bytes;
        match upload.size {
            Some(0) => return Err(UploadError::Invalid("an empty file cannot be posted")),
            Some(size) if size > most => return Err(UploadError::TooLarge { most }),
            _ => {}
        }
        check_placeholder(&upload.placeholder)?;
        let room = self.deps.rooms.get(&upload.room).await?;
        if room.ok_or(UploadError::NoSuchRoom)?.ended {
            return Err(UploadError::RoomEnded);
        }
        let address = address_hash(address);
        // Judged once more with itself counted: of many opened at once none may slip through together.
        self.check_counts(self.deps.store.counts(&session, &address).await?, 1)?;
        let now = self.deps.clock.now();
        let key: UploadKey = self.deps.ids.upload_key();
        let record = UploadRecord {
            file: self.deps.ids.file(),
            key: key_hash(&key),
            room: upload.room,
            owner: session,
            address,
            name: text::file_name(&upload.name),
            size: upload.size,
            hint: upload.hint.unwrap_or(FileKind::Other),
            placeholder: upload.placeholder,
            chunk_size: settings::chunk_size(upload.size),
            post: None,
            turn: 0,
            state: UploadState::Open,
            committed: 0,
            tail: Bytes::new(),
            started: None,
            sha256: None,
            opened_at: now,
            last_write: now,
            told: false,
        };
        self.deps.store.create(&record).await?;
        let counts = self.deps.store.counts(&session, &address).await?;
        if let Err(refused) = self.check_counts(counts, 0) {
            self.deps.store.remove(&record.file).await?;
            return Err(refused);
        }
        Ok(UploadOpened {
            file: record.file,
            key,
            slice_bytes: self.settings.slice_bytes,
        })
    }

    fn check_counts(&self, counts: UploadCounts, more: u32) -> Result<(), UploadError> {
        if counts.of_session + more > self.limits.open_uploads
            || counts.of_address + more > self.settings.address_uploads
        {
            return Err(UploadError::TooManyOpen);
        }
        Ok(())
    }
}

fn check_placeholder(placeholder: &Placeholder) -> Result<(), UploadError> {
    let is_hash = |hash: &String| {
        let digits = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        hash.len() <= THUMBHASH_DIGITS && hash.len().is_multiple_of(2) && hash.bytes().all(digits)
    };
    if !placeholder.thumbhash.as_ref().is_none_or(is_hash) {
        return Err(UploadError::Invalid(
            "a thumbhash is at most 32 bytes in lower-case hex",
        ));
    }
    let is_side = |side: u32| (1..=PLACEHOLDER_SIDE).contains(&side);
    if !placeholder.width.is_none_or(is_side) || !placeholder.height.is_none_or(is_side) {
        return Err(UploadError::Invalid("a side has 1 to 100,000 pixels"));
    }
    if placeholder
        .duration_ms
        .is_some_and(|millis| millis > PLACEHOLDER_MILLIS)
    {
        return Err(UploadError::Invalid(
            "a sound or video lasts a week at most",
        ));
    }
    Ok(())
}

/// Hash of what quotas take for one address: an IPv4 address, or the /64 that one IPv6 customer has.
fn address_hash(address: IpAddr) -> [u8; 8] {
    let hash = match address.to_canonical() {
        IpAddr::V4(address) => Sha256::digest(address.octets()),
        IpAddr::V6(address) => Sha256::digest(&address.octets()[..8]),
    };
    let mut short = [0; 8];
    short.copy_from_slice(&hash[..8]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customer_is_one_address() {
        let hash = |text: &str| address_hash(text.parse().unwrap());
        assert_eq!(hash("2001:db8:1:2::1"), hash("2001:db8:1:2:ffff::9"));
        assert_ne!(hash("2001:db8:1:2::1"), hash("2001:db8:1:3::1"));
        assert_eq!(hash("192.0.2.1"), hash("::ffff:192.0.2.1"));
        assert_ne!(hash("192.0.2.1"), hash("192.0.2.2"));
    }

    #[test]
    fn a_placeholder_that_makes_no_sense_is_refused() {
        let sound = Placeholder {
            thumbhash: Some("ab".repeat(25)),
            width: Some(640),
            height: Some(480),
            duration_ms: Some(1_000),
        };
        assert!(check_placeholder(&sound).is_ok());
        let wrong = |change: fn(&mut Placeholder)| {
            let mut placeholder = sound.clone();
            change(&mut placeholder);
            check_placeholder(&placeholder).is_err()
        };
        assert!(wrong(
            |placeholder| placeholder.thumbhash = Some("ab".repeat(33))
        ));
        assert!(wrong(
            |placeholder| placeholder.thumbhash = Some("<i>".into())
        ));
        assert!(wrong(
            |placeholder| placeholder.thumbhash = Some("abc".into())
        ));
        assert!(wrong(|placeholder| placeholder.width = Some(0)));
        assert!(wrong(|placeholder| placeholder.height = Some(u32::MAX)));
        assert!(wrong(|placeholder| placeholder.duration_ms = Some(u64::MAX)));
    }
}
