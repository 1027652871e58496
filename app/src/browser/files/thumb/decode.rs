//! Thumbhash decoding with a cosine of our own: the platforms' differ in the last bit, and the page that the
//! server renders must be the page that the browser takes over. <https://evanw.github.io/thumbhash/>

/// A decoded picture, row by row.
pub(super) struct Picture {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) has_alpha: bool,
    pub(super) rgba: Vec<[u8; 4]>,
}

/// Waves of one channel: its mean, then factors in zigzag order.
struct Channel {
    nx: u16,
    ny: u16,
    mean: f32,
    factors: Vec<f32>,
}

/// Decodes `hash` to a picture whose longer side has `side` pixels; `None` if the hash ends too early.
pub(super) fn decode(hash: &[u8], side: u16) -> Option<Picture> {
    let mut bytes = hash.iter().copied();
    let mut byte = || bytes.next().map(u32::from);
    let head = byte()? | byte()? << 8 | byte()? << 16;
    let tail = byte()? | byte()? << 8;
    let has_alpha = head >> 23 & 1 == 1;
    let most = if has_alpha { 5 } else { 7 };
    let least = small(tail & 7);
    let (nx, ny) = if tail >> 15 & 1 == 1 {
        (most, least)
    } else {
        (least, most)
    };
    let alpha = if has_alpha {
        let byte = byte()?;
        Some((share(byte & 15, 15), share(byte >> 4, 15)))
    } else {
        None
    };
    let mut nibbles = bytes.flat_map(|byte| [byte & 15, byte >> 4]);
    let mut channel = |nx: u16, ny: u16, mean: f32, scale: f32| -> Option<Channel> {
        let factors = waves(nx, ny)
            .map(|_| Some((f32::from(nibbles.next()?) / 7.5 - 1.0) * scale))
            .collect::<Option<Vec<f32>>>()?;
        Some(Channel {
            nx,
            ny,
            mean,
            factors,
        })
    };
    // Colours are raised by a quarter to make up for their coarse steps.
    let l = channel(
        nx.max(3),
        ny.max(3),
        share(head & 63, 63),
        share(head >> 18 & 31, 31),
    )?;
    let p = channel(
        3,
        3,
        centred(head >> 6 & 63),
        share(tail >> 3 & 63, 63) * 1.25,
    )?;
    let q = channel(
        3,
        3,
        centred(head >> 12 & 63),
        share(tail >> 9 & 63, 63) * 1.25,
    )?;
    let a = alpha
        .map(|(mean, scale)| channel(5, 5, mean, scale).ok_or(()))
        .transpose()
        .ok()?;
    let (width, height) = size(nx, ny, side);
    let rgba = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| {
            let at = |channel: &Channel| channel.at(x, y, width, height);
            pixel(at(&l), at(&p), at(&q), a.as_ref().map_or(1.0, at))
        })
        .collect();
    Some(Picture {
        width,
        height,
        has_alpha,
        rgba,
    })
}

impl Channel {
    fn at(&self, x: u16, y: u16, width: u16, height: u16) -> f32 {
        waves(self.nx, self.ny)
            .zip(&self.factors)
            .fold(self.mean, |sum, ((cx, cy), factor)| {
                sum + factor * wave(cx, x, width) * wave(cy, y, height) * 2.0
            })
    }
}

/// The waves of a channel in the order of their factors: below the diagonal, without the mean.
fn waves(nx: u16, ny: u16) -> impl Iterator<Item = (u16, u16)> {
    (0..ny).flat_map(move |cy| {
        (u16::from(cy == 0)..nx)
            .take_while(move |cx| cx * ny < nx * (ny - cy))
            .map(move |cx| (cx, cy))
    })
}

/// `cos(π · waves · (at + 1/2) / length)`
fn wave(waves: u16, at: u16, length: u16) -> f32 {
    let turn = 4 * u32::from(length);
    let steps = u32::from(waves) * (2 * u32::from(at) + 1) % turn;
    // A whole turn is `turn` steps; the cosine is even about the half turn and odd about the quarter.
    let steps = steps.min(turn - steps);
    let quarter = u32::from(length);
    if steps <= quarter {
        quarter_cos(steps, quarter)
    } else {
        -quarter_cos(2 * quarter - steps, quarter)
    }
}

/// Cosine of `steps / quarter` of a right angle, by its series: 1e-6 off at most, and sums and products round
/// alike everywhere.
fn quarter_cos(steps: u32, quarter: u32) -> f32 {
    let angle = share(steps, quarter) * std::f32::consts::FRAC_PI_2;
    let square = angle * angle;
    [90.0, 56.0, 30.0, 12.0, 2.0]
        .iter()
        .fold(1.0, |rest, divisor| 1.0 - square / divisor * rest)
}

fn pixel(l: f32, p: f32, q: f32, a: f32) -> [u8; 4] {
    let b = l - 2.0 / 3.0 * p;
    let r = (3.0 * l - b + q) / 2.0;
    let g = r - q;
    [r, g, b, a].map(level)
}

fn level(share: f32) -> u8 {
    // Clamped to 0..=255; cutting the fraction is what the format does.
    (share.clamp(0.0, 1.0) * 255.0) as u8
}

/// Width and height of the picture: the counts of waves are its aspect ratio.
fn size(nx: u16, ny: u16, side: u16) -> (u16, u16) {
    let shorter = |less: u16, more: u16| ((side * less + more / 2) / more.max(1)).max(1);
    if nx > ny {
        (side, shorter(ny, nx))
    } else {
        (shorter(nx, ny), side)
    }
}

fn share(part: u32, whole: u32) -> f32 {
    f32::from(small(part)) / f32::from(small(whole))
}

fn centred(part: u32) -> f32 {
    share(part, 63) * 2.0 - 1.0
}

fn small(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gradients with and without transparency, wide and tall, through the reference encoder.
    fn hashes() -> Vec<Vec<u8>> {
        [(100, 60, 255), (30, 90, 255), (64, 64, 90), (100, 20, 128)]
            .into_iter()
            .map(|(width, height, alpha): (usize, usize, usize)| {
                let rgba: Vec<u8> = (0..width * height)
                    .flat_map(|at| {
                        let (x, y) = (at % width, at / width);
                        let opaque = if x * 2 < width { 255 } else { alpha };
                        [x * 255 / width, y * 255 / height, (x + y) % 256, opaque]
                    })
                    .map(|level| u8::try_from(level).unwrap())
                    .collect();
                thumbhash::rgba_to_thumb_hash(width, height, &rgba)
            })
            .collect()
    }

    #[test]
    fn pictures_are_those_of_the_reference_decoder() {
        for hash in hashes() {
            let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(&hash).unwrap();
            let picture = decode(&hash, 32).unwrap();
            assert_eq!(
                (usize::from(picture.width), usize::from(picture.height)),
                (width, height)
            );
            for (ours, theirs) in picture.rgba.iter().zip(rgba.chunks_exact(4)) {
                for (ours, theirs) in ours.iter().zip(theirs) {
                    assert!(ours.abs_diff(*theirs) <= 1, "{ours} for {theirs}");
                }
            }
        }
    }

    #[test]
    fn a_hash_cut_anywhere_is_refused_not_read_past_its_end() {
        for hash in hashes() {
            assert!(decode(&hash, 16).is_some());
            for end in 0..hash.len() - 1 {
                assert!(decode(&hash[..end], 16).is_none(), "cut at {end}");
            }
        }
    }

    #[test]
    fn odd_aspect_ratios_still_have_pixels() {
        let mut hash = [0x55; 32];
        for tail in [[0x00, 0x00], [0x00, 0x80], [0x07, 0xff]] {
            hash[3..5].copy_from_slice(&tail);
            let picture = decode(&hash, 16).unwrap();
            assert!(picture.width >= 1 && picture.height >= 1);
            assert_eq!(
                picture.rgba.len(),
                usize::from(picture.width) * usize::from(picture.height)
            );
        }
    }
}
