//! One line under every file: its name, then what is known of it.

use leptos::prelude::*;

use crate::model::{file_link, format};
use crate::wire::file::{Attachment, FileState};

/// Name and facts of a file; the name leads to the file once there is one.
#[component]
pub fn FileLine(
    /// The file.
    #[prop(into)]
    file: Signal<Attachment>,
) -> impl IntoView {
    let name = Memo::new(move |_| file.with(|file| file.notice.name.clone()));
    let link = Memo::new(move |_| {
        file.with(|file| file_link::is_ready(file).then(|| file_link::url(file)))
    });
    let facts = Memo::new(move |_| file.with(facts));
    view! {
        {move || match link.get() {
            Some(link) => view! { <a class="file-line__name" href=link target="_blank" rel="external">{name.get()}</a> }.into_any(),
            None => view! { <b class="file-line__name">{name.get()}</b> }.into_any(),
        }}
        " "
        <span>{facts}</span>
    }
}

/// Size once complete, then dimensions and length: "812 KB · 3264 × 2448 · 0:41".
fn facts(file: &Attachment) -> String {
    let size = match file.state {
        FileState::Ready { size } => Some(format::bytes(size)),
        _ => None,
    };
    let dimensions = file
        .dimensions()
        .map(|(width, height)| format!("{width} × {height}"));
    let duration = file.notice.placeholder.duration_ms.map(format::duration);
    let facts: Vec<String> = [size, dimensions, duration].into_iter().flatten().collect();
    facts.join(" · ")
}
