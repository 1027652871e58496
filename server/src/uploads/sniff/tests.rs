//! What is told from first bytes, hostile ones among them.

use app::wire::file::{FileKind, Preview, Started};
use app::wire::limits::Limits;

use super::{HEAD_BYTES, UNKNOWN_MIME, look};

fn whole(bytes: &[u8]) -> Started {
    look(bytes, true, &Limits::default()).expect("the last bytes are always judged")
}

fn mime(bytes: &[u8]) -> String {
    whole(bytes).mime
}

fn sized(bytes: &[u8]) -> (String, Option<(u32, u32)>) {
    let started = whole(bytes);
    (started.mime, started.width.zip(started.height))
}

fn segment(code: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap();
    let mut bytes = vec![0xff, code];
    bytes.extend(length.to_be_bytes());
    bytes.extend(content);
    bytes
}

fn jpeg(before_frame: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend(segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
    bytes.extend(before_frame.concat());
    bytes.extend(segment(
        0xc0,
        &[
            8, 0x01, 0xe0, 0x02, 0x80, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
        ],
    ));
    bytes
}

fn exif(orientation: u8) -> Vec<u8> {
    let mut content = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    content.extend([orientation, 0, 0, 0, 0, 0, 0]);
    segment(0xe1, &content)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    bytes
}

fn iso_box(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes()[..], name, content].concat()
}

fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
    iso_box(b"ftyp", &[&brand[..], &[0, 0, 2, 0], b"isom"].concat())
}

#[test]
fn pictures_are_known_with_their_size() {
    assert_eq!(sized(&jpeg(&[])), ("image/jpeg".into(), Some((640, 480))));
    assert_eq!(sized(&png(3, 4)), ("image/png".into(), Some((3, 4))));
    let gif = b"GIF89a\x10\0\x20\0\x80\0\0\0\0\0\xff\xff\xff\x2c";
    assert_eq!(sized(gif), ("image/gif".into(), Some((16, 32))));
    let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0";
    assert_eq!(sized(webp), ("image/webp".into(), Some((640, 480))));
    let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x80\x02\xe0\x01";
    assert_eq!(sized(lossy), ("image/webp".into(), Some((640, 480))));
    let lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x7f\xc2\x77\0\0\0\0\0\0";
    assert_eq!(sized(lossless), ("image/webp".into(), Some((640, 480))));
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend(640_i32.to_le_bytes());
    bmp.extend((-480_i32).to_le_bytes());
    assert_eq!(sized(&bmp), ("image/bmp".into(), Some((640, 480))));
    for bytes in [&jpeg(&[])[..], &png(3, 4), gif, webp, &bmp] {
        assert_eq!(whole(bytes).how, Preview::Paints);
    }
}

#[test]
fn a_turned_photo_has_the_size_it_is_shown_with() {
    for (orientation, size) in [
        (1, (640, 480)),
        (3, (640, 480)),
        (6, (480, 640)),
        (8, (480, 640)),
    ] {
        assert_eq!(sized(&jpeg(&[exif(orientation)])).1, Some(size));
    }
}

#[test]
fn avif_waits_and_has_the_size_of_its_largest_item() {
    let ispe = |width: u32, height: u32| {
        let content = [[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat();
        iso_box(b"ispe", &content)
    };
    let ipco = iso_box(b"ipco", &[ispe(160, 120), ispe(640, 480)].concat());
    let meta = iso_box(b"meta", &[&[0; 4][..], &iso_box(b"iprp", &ipco)].concat());
    let bytes = [ftyp(b"avif"), meta].concat();
    assert_eq!(sized(&bytes), ("image/avif".into(), Some((640, 480))));
    assert_eq!(whole(&bytes).how, Preview::Waits);
}

#[test]
fn a_video_plays_if_its_index_comes_first() {
    let of = |boxes: &[Vec<u8>]| {
        let started = whole(&boxes.concat());
        (started.mime, started.how)
    };
    let (moov, mdat) = (iso_box(b"moov", &[0; 64]), iso_box(b"mdat", &[0; 64]));
    let free = iso_box(b"free", &[0; 16]);
    assert_eq!(
        of(&[ftyp(b"isom"), free.clone(), moov.clone(), mdat.clone()]),
        ("video/mp4".into(), Preview::Plays)
    );
    assert_eq!(
        of(&[ftyp(b"mp42"), free, mdat.clone(), moov.clone()]),
        ("video/mp4".into(), Preview::Waits)
    );
    assert_eq!(of(&[ftyp(b"qt  "), mdat]).0, "video/quicktime");
    let sound = whole(&[ftyp(b"M4A "), moov].concat());
    assert_eq!(
        (sound.kind, sound.mime),
        (FileKind::Audio, "audio/mp4".into())
    );
}

#[test]
fn sounds_and_webm_play() {
    let webm = |codec: &[u8]| {
        let head = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\x42\x87\x81\x04";
        [head, codec, &[0x1f, 0x43, 0xb6, 0x75]].concat()
    };
    let ogg = |codec: &[u8]| {
        let mut page = b"OggS\0\x02".to_vec();
        page.extend([0; 20]);
        page.extend([1, 0x13]);
        page.extend(codec);
        page
    };
    let mut mp3 = vec![0; 417 + 6];
    mp3[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    mp3[417..421].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    let mut aac = vec![0; 26];
    for at in [0, 10, 20] {
        aac[at..at + 6].copy_from_slice(&[0xff, 0xf1, 0x50, 0x80, 0x01, 0x5f]);
    }
    for (bytes, expected) in [
        (webm(b"V_VP9"), "video/webm"),
        (webm(b"A_OPUS"), "audio/webm"),
        (ogg(b"OpusHead\x01\x02"), "audio/ogg"),
        (ogg(b"\x01vorbis\0\0"), "audio/ogg"),
        (ogg(b"\x80theora\0"), "video/ogg"),
        (b"ID3\x04\0\0\0\0\x0f\x76rest".to_vec(), "audio/mpeg"),
        (mp3, "audio/mpeg"),
        (aac, "audio/aac"),
        (b"fLaC\0\0\0\x22....".to_vec(), "audio/flac"),
        (b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec(), "audio/wav"),
    ] {
        let started = whole(&bytes);
        assert_eq!(started.mime, expected);
        assert_eq!(started.how, Preview::Plays, "{expected}");
    }
}

#[test]
fn everything_else_is_a_download() {
    for bytes in [
        &b"<!doctype html><script>alert(1)</script>"[..],
        b"  <html><body>hi",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<?xml version='1.0'?><x/>",
        b"%PDF-1.7",
        b"alert(1)",
        b"BMX is a sport and this a text about it, long enough for a header",
        b"RIFF\0\0\0\0AVI LIST",
        b"PK\x03\x04",
        b"\x7fELF",
        b"x",
        b"",
    ] {
        let started = whole(bytes);
        assert_eq!(started.mime, UNKNOWN_MIME, "{}", bytes.escape_ascii());
        assert_eq!(started.kind, FileKind::Other);
        assert_eq!(started.how, Preview::Waits);
    }
    let matroska = b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroskaV_VP9";
    assert_eq!(mime(matroska), UNKNOWN_MIME);
    let heic = [ftyp(b"heic"), iso_box(b"meta", &[0; 8])].concat();
    assert_eq!(mime(&heic), UNKNOWN_MIME);
}

#[test]
fn two_formats_in_one_are_none() {
    let comment = segment(0xfe, b"<script>alert(1)</script>");
    assert_eq!(mime(&jpeg(&[comment])), UNKNOWN_MIME);
    assert_eq!(mime(b"GIF89a=1;alert(1)//       "), UNKNOWN_MIME);
    assert_eq!(mime(b"GIF89a/*\x01\0\0\0\0<ScRiPt>*/"), UNKNOWN_MIME);
    let pdf = [png(3, 4), b"%PDF-1.4".to_vec()].concat();
    assert_eq!(mime(&pdf), UNKNOWN_MIME);
}

#[test]
fn a_picture_too_large_to_show_is_a_download() {
    let limits = Limits::default();
    assert_eq!(mime(&png(limits.image_side, 1)), "image/png");
    for (width, height) in [
        (limits.image_side + 1, 1),
        (10_000, 10_000),
        (0, 5),
        (u32::MAX, u32::MAX),
    ] {
        assert_eq!(
            mime(&png(width, height)),
            UNKNOWN_MIME,
            "{width} x {height}"
        );
    }
}

#[test]
fn tiny_pieces_tell_the_same_as_the_whole() {
    let webm = [
        &b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\x42\x87\x81\x04"[..],
        &[0; 300],
        b"V_VP9",
    ]
    .concat();
    let gif = b"GIF89a\x10\0\x20\0\x80\0\0\0\0\0\xff\xff\xff\x2c".to_vec();
    let mp4 = [
        ftyp(b"isom"),
        iso_box(b"free", &[0; 40]),
        iso_box(b"moov", &[0; 9]),
    ]
    .concat();
    for bytes in [jpeg(&[exif(6)]), png(3, 4), gif, webm, mp4] {
        let expected = whole(&bytes);
        let told =
            (0..=bytes.len()).find_map(|length| look(&bytes[..length], false, &Limits::default()));
        assert_eq!(told, Some(expected));
    }
}

#[test]
fn the_bound_on_first_bytes_is_kept() {
    let limits = Limits::default();
    // A frame header behind the bound: a picture all the same, of unknown size.
    let late = jpeg(&[segment(0xe2, &[0; HEAD_BYTES])]);
    assert_eq!(look(&late[..HEAD_BYTES - 1], false, &limits), None);
    let started = look(&late, false, &limits).expect("enough bytes");
    assert_eq!((started.mime.as_str(), started.width), ("image/jpeg", None));
    // The same with a text: never undecided.
    assert!(look(&[0xff; HEAD_BYTES], false, &limits).is_some());
    assert!(look(&[b' '; HEAD_BYTES], false, &limits).is_some());
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic_and_enough_are_always_judged(
        start in 0_usize..14,
        rest in proptest::collection::vec(proptest::num::u8::ANY, 0..600),
    ) {
        const STARTS: [&[u8]; 14] = [
            b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"GIF89a", b"RIFF\0\0\0\0WEBP",
            b"BM", b"\0\0\0\x18ftypavif", b"\0\0\0\x18ftypisom", b"\x1a\x45\xdf\xa3", b"OggS\0", b"ID3", b"\xff\xfb", b"fLaC",
        ];
        let bytes = [STARTS[start], &rest].concat();
        let limits = Limits::default();
        proptest::prop_assert!(look(&bytes, true, &limits).is_some());
        let _ = look(&bytes, false, &limits);
    }
}
