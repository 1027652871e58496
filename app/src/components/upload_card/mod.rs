//! A file that arrives: the same box from its announcement to the finished file.

pub mod bytes_status;
pub mod card;
pub mod growing_image;
pub mod growing_media;
pub mod local_media;
pub mod media_card;
pub mod own_controls;
pub mod place;
pub mod row_card;
pub mod saver_note;
pub mod status_ring;
pub mod status_rows;
pub mod status_words;
pub mod tile;

pub use bytes_status::{BytesStatus, derive_bytes_status};
pub use card::UploadCard;
pub use status_ring::StatusRing;
pub use status_rows::StatusRows;
pub use status_words::StatusWords;
pub use tile::GoneTile;
