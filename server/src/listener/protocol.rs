//! Settings of HTTP/1.1 and HTTP/2, with the measurements behind them in mind.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

/// How long a client may take to send the head of a request; also how long an idle HTTP/1.1 connection is kept.
pub(super) const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes a client may send on one stream before it hears from us: with hyper's 1 MiB an upload over TLS ran at
/// 64 MB/s, with this at 449. It is also the memory one stream may pin.
const STREAM_WINDOW: u32 = 8 * 1024 * 1024;

/// The same for all streams of a connection together.
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;

/// Largest frame we take: fewer frames, less bookkeeping.
const MAX_FRAME: u32 = 256 * 1024;

/// Requests at once on one connection.
const MAX_STREAMS: u32 = 100;

/// Bytes of a response kept for one stream before its producer waits.
const SEND_BUFFER: usize = 256 * 1024;

/// A connection that does not answer a ping within [`PING_TIMEOUT`] is dead.
const PING_EVERY: Duration = Duration::from_secs(20);

/// See [`PING_EVERY`].
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes of all headers of a request.
const MAX_HEADERS: u32 = 32 * 1024;

/// A builder of connections with our settings.
pub(super) fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_FRAME as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(MAX_FRAME)
        .max_concurrent_streams(MAX_STREAMS)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(MAX_HEADERS)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}
