//! What a test logs, as text.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;

/// The lines logged on this thread, of every level, since they were asked for.
pub(crate) struct Lines {
    said: Said,
    _installed: DefaultGuard,
}

#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Listens from now on until it is dropped.
    pub(crate) fn listen() -> Self {
        let said = Said::default();
        let writer = said.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        Self {
            said,
            _installed: tracing::subscriber::set_default(subscriber),
        }
    }

    /// All of them.
    pub(crate) fn said(&self) -> String {
        String::from_utf8(self.said.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
