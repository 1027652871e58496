//! What a person reads: one line for each step, on standard output, flushed at once so that it stands in
//! order with what the called tools print.

use std::io::Write as _;

/// Prints a line. An output that cannot be written to (a closed pipe) is no reason to stop working.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Announces a step that may take a while.
pub(crate) fn step(text: &str) {
    line(&format!("==> {text}"));
}

/// Prints why the command failed, on standard error.
pub(crate) fn failure(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "xtask: {text}");
}
