//! Media elements whose file is still growing.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlImageElement, HtmlMediaElement, HtmlVideoElement};

/// A `<video>` or an `<audio>`.
pub type MediaElement = HtmlMediaElement;

/// Gives an `<img>`, `<video>` or `<audio>` its source, unless it has that one already. Setting it again after an
/// error needs [`disarm`] first, or another address (a fragment is enough).
pub fn arm(element: &Element, src: &str) {
    if element.get_attribute("src").as_deref() == Some(src) {
        return;
    }
    let _ = element.set_attribute("src", src);
}

/// Takes the source away and ends the request for it.
pub fn disarm(element: &Element) {
    let _ = element.remove_attribute("src");
    if let Some(media) = element.dyn_ref::<HtmlMediaElement>() {
        // Without this the element keeps reading from the source it had.
        media.load();
    }
}

/// Position in seconds of a `<video>` or `<audio>`; 0 for anything else.
#[must_use]
pub fn current_time(element: &Element) -> f64 {
    media(element).map_or(0.0, HtmlMediaElement::current_time)
}

/// Whether a `<video>` or `<audio>` plays now.
#[must_use]
pub fn is_playing(element: &Element) -> bool {
    media(element).is_some_and(|media| !media.paused() && !media.ended())
}

/// Plays a `<video>` or `<audio>`, where the browser allows it without a gesture: muted ones everywhere.
pub fn play(element: &Element) {
    let Some(promise) = media(element).and_then(|media| media.play().ok()) else {
        return;
    };
    // Refused where the browser wants a gesture, or where another source comes in between: then it stays paused,
    // which the controls show. A refusal that nobody hears would be an error on the console.
    spawn_local(async move {
        let _ = JsFuture::from(promise).await;
    });
}

/// Exchanges the source at the same position; plays on if it played.
pub fn swap_source(element: &Element, src: &str) {
    let (at, playing) = (current_time(element), is_playing(element));
    arm(element, src);
    let Some(media) = media(element) else {
        return;
    };
    if at > 0.0 {
        // Before the metadata is there this is where the element starts.
        media.set_current_time(at);
    }
    if playing {
        play(element);
    }
}

/// Width and height in pixels as shown, once the element knows them.
#[must_use]
pub fn natural_size(element: &Element) -> Option<(u32, u32)> {
    let size = if let Some(image) = element.dyn_ref::<HtmlImageElement>() {
        (image.natural_width(), image.natural_height())
    } else {
        let video = element.dyn_ref::<HtmlVideoElement>()?;
        (video.video_width(), video.video_height())
    };
    (size.0 > 0 && size.1 > 0).then_some(size)
}

fn media(element: &Element) -> Option<&HtmlMediaElement> {
    element.dyn_ref()
}
