//! Files on the person's own disk: how they are picked, what they look like, and stand-ins for those of others.

use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

use send_wrapper::SendWrapper;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Url};

use crate::wire::file::{FileKind, Placeholder};

mod canvas;
mod hint;
mod pick;
mod preview;
mod thumb;

pub use pick::{files_of_drop, files_of_input, files_of_paste};
pub use thumb::thumbhash_url;

/// A file that a person picked: a handle, its bytes stay on disk. Clones are cheap and are the same file.
/// The address of its preview lives as long as the last clone.
#[derive(Clone)]
pub struct LocalFile(SendWrapper<Rc<Local>>);

struct Local {
    blob: Blob,
    name: String,
    size: u64,
    mime: String,
    last_modified: i64,
    url: OnceCell<String>,
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(url) = self.url.take() {
            let _ = Url::revoke_object_url(&url);
        }
    }
}

impl LocalFile {
    pub(crate) fn new(blob: Blob, name: String, last_modified: i64) -> Self {
        // A size is a whole number below 2^53.
        let size = blob.size() as u64;
        let mime = blob.type_();
        Self(SendWrapper::new(Rc::new(Local {
            blob,
            name,
            size,
            mime,
            last_modified,
            url: OnceCell::new(),
        })))
    }

    /// Its name, without a path.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its size in bytes: the one to declare.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// The media type the browser guessed from the name; often empty.
    #[must_use]
    pub fn mime(&self) -> &str {
        &self.0.mime
    }

    /// When it was changed, in milliseconds since the epoch.
    #[must_use]
    pub fn last_modified(&self) -> i64 {
        self.0.last_modified
    }

    /// An address for `src` that shows the file from disk; the same one at each call.
    #[must_use]
    pub fn preview_url(&self) -> String {
        self.0
            .url
            .get_or_init(|| Url::create_object_url_with_blob(&self.0.blob).unwrap_or_default())
            .clone()
    }

    /// Whether its first byte can be read: not if the file was changed, moved or taken away since it was picked.
    pub(crate) async fn is_readable(&self) -> bool {
        let Ok(start) = self.0.blob.slice_with_f64_and_f64(0.0, 1.0) else {
            return false;
        };
        JsFuture::from(start.array_buffer()).await.is_ok()
    }

    /// The bytes, by reference.
    pub(crate) fn blob(&self) -> &Blob {
        &self.0.blob
    }
}

impl PartialEq for LocalFile {
    /// The same handle, not the same bytes.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for LocalFile {
    /// Without the name, which is private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFile")
            .field("size_bytes", &self.0.size)
            .finish_non_exhaustive()
    }
}

/// What a file seems to be, by the browser's guess and its name; only for an icon until the server has read it.
#[must_use]
pub fn hint_of(file: &LocalFile) -> FileKind {
    hint::kind(file.mime(), file.name())
}

/// The stand-in of a picture, video or sound: thumbhash, size in pixels as shown, duration. Takes at most three
/// seconds; whatever fails or takes longer is left out.
pub async fn placeholder(file: &LocalFile) -> Placeholder {
    preview::placeholder(file).await
}
