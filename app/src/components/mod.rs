//! What is seen: a folder a feature, a component a file. Components show contexts and call them; they know neither
//! web APIs nor which side they run on.

pub mod common;

pub mod layout;
pub mod status;

pub mod room_rail;

pub mod room_header;

pub mod arriving_strip;
pub mod side_panel;

pub mod feed;
pub mod post;

pub mod attachment;
pub mod upload_card;

pub mod composer;

pub mod catalog;
pub mod create_room;
