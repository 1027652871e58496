//! Small parts used by many features.

pub mod brand;
pub mod byte_bar;
pub mod empty_state;
pub mod file_line;
pub mod icon;
pub mod icon_button;
pub mod moment;
pub mod progress_ring;
pub mod role_tag;
pub mod words;

pub use brand::{Brand, BrandMark};
pub use byte_bar::ByteBar;
pub use empty_state::EmptyState;
pub use file_line::FileLine;
pub use icon::Icon;
pub use icon_button::IconButton;
pub use moment::Moment;
pub use progress_ring::{ProgressRing, RingLook};
pub use role_tag::RoleTag;
pub use words::Words;
