//! Stand-ins made by the sender's browser before the first byte is sent.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Document, EventTarget, HtmlImageElement, HtmlMediaElement, HtmlVideoElement};

use super::{LocalFile, canvas, hint_of};
use crate::browser::host;
use crate::browser::page::sleep;
use crate::wire::file::{FileKind, Placeholder};

/// Longest time spent on one file.
const MOST_MS: u32 = 3_000;

/// Most pixels that are decoded for a stand-in; size and duration are told beyond it too.
const MOST_PIXELS: u64 = 50_000_000;

/// What can be told of `file` in time.
pub(super) async fn placeholder(file: &LocalFile) -> Placeholder {
    let Some(document) = host::document() else {
        return Placeholder::default();
    };
    let kind = hint_of(file);
    if kind == FileKind::Other {
        return Placeholder::default();
    }
    // Filled step by step, so that what was found before the time was over is kept.
    let found = Rc::new(RefCell::new(Placeholder::default()));
    let work = future_to_promise({
        let (file, found) = (file.clone(), Rc::clone(&found));
        async move {
            let url = file.preview_url();
            if kind == FileKind::Image {
                image(&document, &url, &found).await;
            } else {
                media(&document, kind, &url, &found).await;
            }
            Ok(JsValue::UNDEFINED)
        }
    });
    let late = future_to_promise(async {
        sleep(MOST_MS).await;
        Ok(JsValue::UNDEFINED)
    });
    // Either way there is a result; nothing in `work` rejects.
    let _ = JsFuture::from(Promise::race(&Array::of2(&work, &late))).await;
    found.borrow().clone()
}

async fn image(document: &Document, url: &str, found: &RefCell<Placeholder>) -> Option<()> {
    let image: HtmlImageElement = document.create_element("img").ok()?.dyn_into().ok()?;
    let loaded = either(&image, "load", "error");
    image.set_src(url);
    JsFuture::from(loaded).await.ok()?;
    let (width, height) = (image.natural_width(), image.natural_height());
    measured(found, width, height)?;
    // Decodes beside the page, so that drawing does not hold it up.
    JsFuture::from(image.decode()).await.ok()?;
    let hash = canvas::thumbhash(document, &image, width, height);
    found.borrow_mut().thumbhash = hash;
    image.set_src("");
    Some(())
}

async fn media(
    document: &Document,
    kind: FileKind,
    url: &str,
    found: &RefCell<Placeholder>,
) -> Option<()> {
    let name = if kind == FileKind::Video {
        "video"
    } else {
        "audio"
    };
    let media: HtmlMediaElement = document.create_element(name).ok()?.dyn_into().ok()?;
    media.set_muted(true);
    media.set_preload("auto");
    let known = either(&media, "loadedmetadata", "error");
    let painted = either(&media, "loadeddata", "error");
    media.set_src(url);
    let told = video_facts(document, &media, known, painted, found).await;
    // Lets go of the file; the element is not in the document.
    let _ = media.remove_attribute("src");
    media.load();
    told
}

async fn video_facts(
    document: &Document,
    media: &HtmlMediaElement,
    known: Promise,
    painted: Promise,
    found: &RefCell<Placeholder>,
) -> Option<()> {
    JsFuture::from(known).await.ok()?;
    found.borrow_mut().duration_ms = milliseconds(media.duration());
    let video = media.dyn_ref::<HtmlVideoElement>()?;
    let (width, height) = (video.video_width(), video.video_height());
    measured(found, width, height)?;
    JsFuture::from(painted).await.ok()?;
    let hash = canvas::thumbhash(document, video, width, height);
    found.borrow_mut().thumbhash = hash;
    Some(())
}

/// Notes the size; `None` where there is none or it is too large to be decoded.
fn measured(found: &RefCell<Placeholder>, width: u32, height: u32) -> Option<()> {
    if width == 0 || height == 0 {
        return None;
    }
    let mut found = found.borrow_mut();
    found.width = Some(width);
    found.height = Some(height);
    (u64::from(width) * u64::from(height) <= MOST_PIXELS).then_some(())
}

/// Seconds as milliseconds; `None` for a stream without end and for no number.
fn milliseconds(seconds: f64) -> Option<u64> {
    // Finite, not negative, and far below 2^53.
    (seconds.is_finite() && seconds >= 0.0).then(|| (seconds * 1_000.0).round() as u64)
}

/// Resolves with the event `good`, rejects with `bad`.
fn either(target: &EventTarget, good: &str, bad: &str) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let _ = target.add_event_listener_with_callback(good, &resolve);
        let _ = target.add_event_listener_with_callback(bad, &reject);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_durations_are_told() {
        assert_eq!(milliseconds(1.2345), Some(1_235));
        for seconds in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(milliseconds(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn a_picture_too_large_to_decode_still_tells_its_size() {
        let found = RefCell::default();
        assert_eq!(measured(&found, 10_000, 10_000), None);
        assert_eq!(found.borrow().width, Some(10_000));
        assert_eq!(measured(&found, 0, 10), None);
        assert_eq!(measured(&found, 640, 480), Some(()));
    }
}
