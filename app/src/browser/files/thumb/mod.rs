//! Pictures out of thumbhashes, the same to the bit on the server and in every browser.

use crate::wire::hex;

mod decode;
mod png;

/// Pixels of the longer side. The hash holds at most seven waves a side; the browser smooths what it enlarges.
const SIDE: u16 = 16;

/// Bytes of the shortest hash that says anything, and of the longest anybody may send.
const BYTES: std::ops::RangeInclusive<usize> = 5..=32;

/// A data address of the small blurred picture that a thumbhash (lower-case hex) stands for, about 1 KiB long;
/// `None` where the text is no thumbhash.
#[must_use]
pub fn thumbhash_url(hex: &str) -> Option<String> {
    let hash = bytes(hex)?;
    let picture = decode::decode(&hash, SIDE)?;
    let mut url = "data:image/png;base64,".to_owned();
    push_base64(&mut url, &png::encode(&picture));
    Some(url)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !BYTES.contains(&(text.len() / 2)) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| hex::decode::<1>(text.get(at..at + 2)?).ok())
        .map(|byte| byte.map(|[byte]| byte))
        .collect()
}

fn push_base64(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            if at <= group.len() {
                let digit = (bits >> (18 - 6 * at)) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the thumbhash page.
    const SUNRISE: &str = "d507121d0467878f77578748878797875878909508";

    #[test]
    fn a_hash_becomes_a_short_png_address() {
        let url = thumbhash_url(SUNRISE).unwrap();
        assert!(
            url.starts_with("data:image/png;base64,iVBORw0KGgo"),
            "{url}"
        );
        assert!(url.len() < 1_600, "{} characters", url.len());
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in [
            "",
            "00",
            "1cf7090",
            "zz18060e82848888",
            "1CF7090E0A84",
            "ää18060e82848888",
        ] {
            assert_eq!(thumbhash_url(text), None, "{text:?}");
        }
        assert_eq!(thumbhash_url(&"00".repeat(33)), None);
        assert_eq!(
            thumbhash_url("3b18060e8284"),
            None,
            "it ends within its waves"
        );
    }

    #[test]
    fn base64_pads_as_the_standard_says() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg=="),
        ] {
            let mut got = String::new();
            push_base64(&mut got, bytes);
            assert_eq!(got, text);
        }
    }
}
