//! Scrolling of the feed: the scroller is the element that has the scroll bar.

use web_sys::{Element, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::settings::reduced_motion;
use crate::browser::host::{self, Guard};

/// How many pixels from the end still count as the end: a line of text and a rounding error.
const NEAR_PX: i32 = 48;

/// Whether `scroller` shows its end, or nearly so.
#[must_use]
pub fn at_end(scroller: &Element) -> bool {
    scroller.scroll_height() - scroller.scroll_top() - scroller.client_height() <= NEAR_PX
}

/// Shows the end of `scroller` at once.
pub fn scroll_to_end(scroller: &Element) {
    scroller.set_scroll_top(scroller.scroll_height());
}

/// Brings the element with this id into the middle of the view, gently unless the person wants no motion.
/// Returns whether there is such an element.
pub fn scroll_into_view(id: &str) -> bool {
    let Some(element) = host::document().and_then(|document| document.get_element_by_id(id)) else {
        return false;
    };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    options.set_behavior(if reduced_motion() {
        ScrollBehavior::Instant
    } else {
        ScrollBehavior::Smooth
    });
    element.scroll_into_view_with_scroll_into_view_options(&options);
    true
}

/// Remembers how far the end of `scroller` is; dropping the guard restores that distance. Take it before posts are
/// put above, drop it once they are in the document, and what was in view stays in view.
pub fn hold_position(scroller: &Element) -> Guard {
    let from_end = scroller.scroll_height() - scroller.scroll_top();
    let scroller = scroller.clone();
    Guard::new(move || scroller.set_scroll_top(scroller.scroll_height() - from_end))
}
