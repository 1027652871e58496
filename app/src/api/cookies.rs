//! The cookies of the request whose page is being rendered.

/// As its header has them, `a=1; b=2`; empty in the browser, where no request is answered.
#[cfg(feature = "ssr")]
#[must_use]
pub fn request_cookies() -> String {
    let Some(parts) = leptos::prelude::use_context::<http::request::Parts>() else {
        return String::new();
    };
    // HTTP/2 may send each by itself.
    let headers = parts.headers.get_all(http::header::COOKIE);
    let cookies: Vec<&str> = headers.iter().filter_map(|one| one.to_str().ok()).collect();
    cookies.join("; ")
}

/// As its header has them, `a=1; b=2`; empty in the browser, where no request is answered.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn request_cookies() -> String {
    String::new()
}
