//! Pages that hold their style and script themselves, so that a slow network is asked once before they
//! can be used. They are the same for everyone and hold no secret: they may be compressed.

use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::assets;
use super::page::Page;
use super::page_error::PageError;
use super::published::cacheable;

/// The style sheet to stand within a page: it names its fonts as its neighbours.
pub(super) fn style(page: &Page) -> String {
    let fonts = format!("url(\"{}", page.href("/assets/"));
    assets::inline("style.css").replace("url(\"./", &fonts)
}

/// A page with the style and the script that stand within it; an empty script is none.
pub(super) fn respond(
    status: StatusCode,
    page: &Page,
    template: &impl Template,
    (style, script): (&str, &str),
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let html = template.render().map_err(|error| page.fail(error))?;
    let is_small = assets::accepts_gzip(headers);
    let body = if is_small { assets::gzip(html.as_bytes()) } else { html.into_bytes() };
    let mut response = cacheable(body, "text/html; charset=utf-8", "no-cache", headers);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(guarding_headers(style, script));
    if is_small {
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}

fn guarding_headers(style: &str, script: &str) -> [(HeaderName, HeaderValue); 4] {
    let policy = HeaderValue::from_str(&policy(style, script));
    [
        (
            header::CONTENT_SECURITY_POLICY,
            policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        ),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie")),
    ]
}

/// Of what stands within the page, exactly this style and this script count (CSP level 2, hashes).
fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; worker-src 'self'; style-src 'sha256-{}'; \
         font-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        hash(script),
        hash(style),
    )
}
