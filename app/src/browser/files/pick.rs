//! Files out of the events by which a person hands them over.

use leptos::ev::{ClipboardEvent, DragEvent, Event};
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, File, FileList, HtmlInputElement};

use super::LocalFile;

/// The files of an `<input type=file>`, and empties the input so that picking the same file again is a change.
#[must_use]
pub fn files_of_input(event: &Event) -> Vec<LocalFile> {
    let Some(input) = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
    else {
        return Vec::new();
    };
    let files = list(input.files());
    input.set_value("");
    files
}

/// The files of a drop; folders are left out.
#[must_use]
pub fn files_of_drop(event: &DragEvent) -> Vec<LocalFile> {
    transferred(event.data_transfer())
}

/// The files of a paste (a screenshot is one); empty where text was pasted.
#[must_use]
pub fn files_of_paste(event: &ClipboardEvent) -> Vec<LocalFile> {
    transferred(event.clipboard_data())
}

fn transferred(transfer: Option<DataTransfer>) -> Vec<LocalFile> {
    list(transfer.and_then(|transfer| transfer.files()))
}

fn list(files: Option<FileList>) -> Vec<LocalFile> {
    let Some(files) = files else {
        return Vec::new();
    };
    (0..files.length())
        .filter_map(|index| files.get(index))
        .filter(|file| !is_folder(file))
        .map(local)
        .collect()
}

/// Folders come as files of no type whose size is 0 or a multiple of the disk's block, and cannot be read.
fn is_folder(file: &File) -> bool {
    file.type_().is_empty() && file.size() % 4096.0 == 0.0 && !file.name().contains('.')
}

fn local(file: File) -> LocalFile {
    // Whole milliseconds below 2^53.
    let last_modified = file.last_modified() as i64;
    let name = file.name();
    LocalFile::new(file.into(), name, last_modified)
}
