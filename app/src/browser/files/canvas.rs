//! What a picture looks like, read off a small canvas.

use wasm_bindgen::JsCast;
use web_sys::{
    CanvasRenderingContext2d, Document, HtmlCanvasElement, HtmlImageElement, HtmlVideoElement,
};

/// Pixels of the canvas's longer side: more would not change the hash.
const SIDE: u32 = 64;

/// What can be drawn.
pub(super) trait Drawable {
    /// Draws the whole of it into `width` by `height` pixels.
    fn draw(&self, context: &CanvasRenderingContext2d, width: f64, height: f64) -> Option<()>;
}

impl Drawable for HtmlImageElement {
    fn draw(&self, context: &CanvasRenderingContext2d, width: f64, height: f64) -> Option<()> {
        context
            .draw_image_with_html_image_element_and_dw_and_dh(self, 0.0, 0.0, width, height)
            .ok()
    }
}

impl Drawable for HtmlVideoElement {
    fn draw(&self, context: &CanvasRenderingContext2d, width: f64, height: f64) -> Option<()> {
        context
            .draw_image_with_html_video_element_and_dw_and_dh(self, 0.0, 0.0, width, height)
            .ok()
    }
}

/// The thumbhash of `picture`, in hex; `None` where the browser does not let its pixels be read.
pub(super) fn thumbhash(
    document: &Document,
    picture: &impl Drawable,
    width: u32,
    height: u32,
) -> Option<String> {
    let (width, height) = fit(width, height);
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    picture.draw(&context, f64::from(width), f64::from(height))?;
    let pixels = context
        .get_image_data(0.0, 0.0, f64::from(width), f64::from(height))
        .ok()?
        .data();
    hash(width, height, &pixels)
}

#[cfg(feature = "hydrate")]
fn hash(width: u32, height: u32, rgba: &[u8]) -> Option<String> {
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    // The encoder panics on any other length.
    (rgba.len() == width * height * 4)
        .then(|| crate::wire::hex::encode(&thumbhash::rgba_to_thumb_hash(width, height, rgba)))
}

#[cfg(not(feature = "hydrate"))]
fn hash(_width: u32, _height: u32, _rgba: &[u8]) -> Option<String> {
    None
}

/// Shrinks to the canvas, keeping the proportions and at least a pixel.
fn fit(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height).max(1);
    if longer <= SIDE {
        return (width.max(1), height.max(1));
    }
    let scale = |side: u32| {
        let scaled = u64::from(side) * u64::from(SIDE) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(SIDE).max(1)
    };
    (scale(width), scale(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_proportions_and_a_pixel() {
        assert_eq!(fit(4_000, 3_000), (64, 48));
        assert_eq!(fit(3, 2), (3, 2));
        assert_eq!(fit(1, 60_000), (1, 64));
        assert_eq!(fit(u32::MAX, 1), (64, 1));
    }
}
