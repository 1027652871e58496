//! Refuses what another site's page makes a browser do: every change, and the feed.
//!
//! A browser says where a request comes from (`Origin`, `Sec-Fetch-Site`); what says nothing is not a browser, and
//! has no cookies it did not choose to send.

use std::sync::Arc;

use app::wire::error::{ApiError, ErrorCode};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderName, Method};

use super::RequestId;
use super::api_errors::error_response;
use crate::config::PublicOrigin;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The layer, for routes that change something. Reading passes, except where the request asks for an upgrade:
/// the feed is read in the name of its cookie.
pub async fn check_origin(
    State(own): State<Option<Arc<PublicOrigin>>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let is_feed = request.headers().contains_key(http::header::UPGRADE);
    if (reads && !is_feed) || is_own(own.as_deref(), &request) {
        return next.run(request).await;
    }
    let error = ApiError::new(
        ErrorCode::ForeignOrigin,
        "the request comes from a page of another origin",
    );
    let id = request.extensions().get::<RequestId>().cloned();
    error_response(error, id.as_ref()).into_response()
}

fn is_own(own: Option<&PublicOrigin>, request: &Request) -> bool {
    let text = |name: &HeaderName| request.headers().get(name).map(|value| value.to_str());
    match text(&ORIGIN) {
        Some(Ok(origin)) => match own {
            Some(own) => origin == own.as_str(),
            None => host(request).is_some_and(|host| has_authority(origin, host)),
        },
        Some(Err(_)) => false,
        None => !matches!(text(&SEC_FETCH_SITE), Some(Ok("cross-site" | "same-site"))),
    }
}

/// The host asked for: `:authority` in HTTP/2, `Host` before.
fn host(request: &Request) -> Option<&str> {
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    authority.or_else(|| request.headers().get(HOST)?.to_str().ok())
}

/// Whether `origin` names the server that `host` names. Its scheme is not compared: a proxy may end TLS.
fn has_authority(origin: &str, host: &str) -> bool {
    let (authority, port) = if let Some(authority) = origin.strip_prefix("https://") {
        (authority, ":443")
    } else if let Some(authority) = origin.strip_prefix("http://") {
        (authority, ":80")
    } else {
        return false;
    };
    authority.eq_ignore_ascii_case(host.strip_suffix(port).unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(own: Option<&str>, headers: &[(&str, &str)]) -> bool {
        let mut request = http::Request::builder().uri("/api/create_post");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let own = own.map(|own| own.parse().unwrap());
        is_own(
            own.as_ref(),
            &request.body(axum::body::Body::empty()).unwrap(),
        )
    }

    #[test]
    fn our_own_pages_pass() {
        assert!(passes(
            None,
            &[("host", "board:3000"), ("origin", "http://board:3000")]
        ));
        assert!(passes(
            None,
            &[("host", "board:443"), ("origin", "https://board")]
        ));
        assert!(passes(
            None,
            &[("host", "board"), ("origin", "https://BOARD")]
        ));
        let own = Some("https://board.example");
        assert!(passes(
            own,
            &[("host", "10.0.0.1"), ("origin", "https://board.example")]
        ));
    }

    #[test]
    fn other_pages_do_not() {
        assert!(!passes(
            None,
            &[("host", "board"), ("origin", "https://evil")]
        ));
        assert!(!passes(None, &[("host", "board"), ("origin", "null")]));
        assert!(!passes(None, &[("origin", "https://board")]));
        assert!(!passes(
            None,
            &[("host", "board"), ("origin", "https://board.evil")]
        ));
        assert!(!passes(
            None,
            &[("host", "board"), ("sec-fetch-site", "cross-site")]
        ));
        let own = Some("https://board.example");
        assert!(!passes(
            own,
            &[
                ("host", "board.example"),
                ("origin", "http://board.example")
            ]
        ));
    }

    #[test]
    fn who_says_nothing_is_no_browser() {
        assert!(passes(None, &[("host", "board")]));
        assert!(passes(Some("https://board.example"), &[]));
    }
}
