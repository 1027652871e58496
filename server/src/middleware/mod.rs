//! Layers around the routes, from the outermost: request id, log line, security headers, the client's address;
//! then, where a group of routes needs them, the origin check, the session, the shape of errors.

mod address;
mod api_errors;
mod log_line;
mod origin;
mod request_id;
mod security;
mod session;

pub use address::{ClientAddress, client_address};
pub use api_errors::{api_errors, error_response};
pub use log_line::log_line;
pub use origin::check_origin;
pub use request_id::{RequestId, request_id};
pub use security::{page_policy, security_headers};
pub use session::{Presented, Sessions, read_session};
