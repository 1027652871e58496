//! The state of the page, each kind behind a handle that is a copy: `provide_*` puts it into the tree, `use_*`
//! reads it. Contexts ask the server and the browser; components only show and call.
//!
//! Of the whole page: clock, settings, notices, feed, uploads, slots. Of the room shown: the room itself, people,
//! reading, outbox, draft; [`live`] joins them to the feed.

pub mod clock;
pub mod settings;

pub mod notices;

pub mod feed;
pub mod uploads;

pub mod slots;

pub mod room;

pub mod people;
pub mod reading;

pub mod outbox;

pub mod draft;

pub mod live;

pub mod visited;
