//! Stand-ins made before the first byte is sent.
use super::LocalFile;
use crate::wire::file::Placeholder;

pub(super) async fn placeholder(_file: &LocalFile) -> Placeholder {
    Placeholder::default()
}
