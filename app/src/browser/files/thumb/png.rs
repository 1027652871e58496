//! The smallest PNG writer: one stored block, no filter. <https://www.w3.org/TR/png/>

use super::decode::Picture;

/// Writes `picture`; its rows must fit a stored block of 65,535 bytes, which a stand-in's do a hundred times.
pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::with_capacity(13);
    header.extend(u32::from(picture.width).to_be_bytes());
    header.extend(u32::from(picture.height).to_be_bytes());
    let color = if picture.has_alpha { 6 } else { 2 };
    header.extend([8, color, 0, 0, 0]);
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"IDAT", &zlib(&rows(picture)));
    chunk(&mut png, *b"IEND", &[]);
    png
}

/// Each row behind the number of its filter.
fn rows(picture: &Picture) -> Vec<u8> {
    let kept = if picture.has_alpha { 4 } else { 3 };
    let width = usize::from(picture.width);
    let mut rows = Vec::with_capacity((width * kept + 1) * usize::from(picture.height));
    for row in picture.rgba.chunks_exact(width) {
        rows.push(0);
        rows.extend(row.iter().flat_map(|pixel| &pixel[..kept]));
    }
    rows
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let data = &data[..usize::from(length)];
    let mut stream = vec![0x78, 0x01, 1];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    stream.extend(adler32(data).to_be_bytes());
    stream
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    png.extend(length.to_be_bytes());
    let start = png.len();
    png.extend(name);
    png.extend(data);
    let sum = crc32(&png[start..]);
    png.extend(sum.to_be_bytes());
}

fn adler32(data: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in data {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    high << 16 | low
}

/// Bit by bit: a table would be larger than what it speeds up.
fn crc32(data: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in data {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_match_their_published_check_values() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }
}
