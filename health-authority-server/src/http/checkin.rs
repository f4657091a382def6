//! The check-in page for phones without the program. It is the same for everyone: which venue
//! somebody visits stands behind the `#` of the address, which browsers do not send. Its style and
//! script stand within it, so that a slow network is asked once before the button can be used.

use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::assets;
use super::page::Page;
use super::page_error::PageError;
use super::published::cacheable;
use crate::i18n::Language;

/// Ids of the texts that the page's script shows begin with this.
const SCRIPT_TEXTS: &str = "page-checkin-";

#[derive(Template)]
#[template(path = "checkin.html")]
struct CheckInPage<'a> {
    page: &'a Page,
    data: String,
    style: &'a str,
    script: &'a str,
}

/// `/v`.
pub(super) async fn page(page: Page, headers: HeaderMap) -> Result<Response, PageError> {
    let mut values = serde_json::Map::new();
    let worker = assets::path("checkin-worker.js");
    values.insert("worker".into(), worker.trim_start_matches('/').into());
    let data = script_page(page.language, SCRIPT_TEXTS, values);
    // The style names its fonts as its neighbours.
    let style = assets::inline("style.css")
        .replace("url(\"./", &format!("url(\"{}", page.href("/assets/")));
    let script = assets::inline("checkin.js");
    let html = CheckInPage { page: &page, data, style: &style, script };
    let html = html.render().map_err(|error| page.fail(error))?;
    // The same for everyone, with no secret in it: it may be compressed.
    let is_small = assets::accepts_gzip(&headers);
    let body = if is_small { assets::gzip(html.as_bytes()) } else { html.into_bytes() };
    let mut response = cacheable(body, "text/html; charset=utf-8", "no-cache", &headers);
    response.headers_mut().extend(guarding_headers(&style, script));
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

/// JSON for a page's `<script type="application/json">`: the texts whose ids begin with `prefix`,
/// without it, and values for the script.
pub(super) fn script_page(
    language: Language,
    prefix: &str,
    mut values: serde_json::Map<String, serde_json::Value>,
) -> String {
    let texts = language.patterns(prefix).into_iter();
    let texts = texts.map(|(id, text)| (id, serde_json::Value::String(text)));
    values.insert("texts".into(), serde_json::Value::Object(texts.collect()));
    script_json(&values.into())
}

/// JSON that can stand between script tags.
pub(super) fn script_json(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::super::page::accepted;
    use super::*;

    #[test]
    fn the_language_of_the_request_is_taken_in_its_order() {
        let accept = |list: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, list.parse().unwrap());
            accepted(&headers)
        };
        assert_eq!(accept("fr-FR, en;q=0.8, vi;q=0.5"), Some(Language::En));
        assert_eq!(accept("vi-VN,vi;q=0.9,en;q=0.8"), Some(Language::Vi));
        assert_eq!(accept("fr, *"), None);
        assert_eq!(accepted(&HeaderMap::new()), None);
    }

    #[test]
    fn texts_for_scripts_keep_the_places_of_their_values_and_close_no_tag() {
        let data = script_page(Language::En, SCRIPT_TEXTS, serde_json::Map::new());
        let data: serde_json::Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data["texts"]["until"], "ends automatically at {time}.");
        let hostile = script_json(&serde_json::json!({ "name": "</script><b>" }));
        assert!(!hostile.contains('<'));
        let read: serde_json::Value = serde_json::from_str(&hostile).unwrap();
        assert_eq!(read["name"], "</script><b>");
    }
}
