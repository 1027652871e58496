//! The cookies of the request whose page is being rendered.

/// As its header has them, `a=1; b=2`; empty in the browser, where no request is answered.
#[must_use]
pub fn request_cookies() -> String {
    #[cfg(feature = "ssr")]
    let cookies = leptos::prelude::use_context::<http::request::Parts>().map(|parts| {
        // HTTP/2 may send each by itself.
        let headers = parts.headers.get_all(http::header::COOKIE);
        let cookies: Vec<&str> = headers.iter().filter_map(|one| one.to_str().ok()).collect();
        cookies.join("; ")
    });
    #[cfg(not(feature = "ssr"))]
    let cookies = None::<String>;
    cookies.unwrap_or_default()
}
