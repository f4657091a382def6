//! The check-in page for phones without the program. It is the same for everyone: which venue
//! somebody visits stands behind the `#` of the address, which browsers do not send.

use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::page::accepted;
use crate::i18n::{Language, Messages};

/// Ids of the texts that the page's script shows begin with this.
const SCRIPT_TEXTS: &str = "page-checkin-";
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; \
    style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    lang: Option<String>,
}

#[derive(Template)]
#[template(path = "checkin.html")]
struct Page {
    messages: &'static Messages,
    lang: &'static str,
    other_lang: &'static str,
    data: String,
}

impl Page {
    fn say(&self, id: &str) -> String {
        self.messages.text(id, &[])
    }
}

/// `/v`.
pub(super) async fn page(Query(wanted): Query<Wanted>, headers: HeaderMap) -> Response {
    let language = wanted
        .lang
        .as_deref()
        .and_then(Language::from_tag)
        .or_else(|| accepted(&headers))
        .unwrap_or(Language::Vi);
    let other = match language {
        Language::Vi => Language::En,
        Language::En => Language::Vi,
    };
    let page = Page {
        messages: language.messages(),
        lang: language.tag(),
        other_lang: other.tag(),
        data: script_data(language, SCRIPT_TEXTS),
    };
    match page.render() {
        Ok(html) => (guarding_headers(), Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the check-in page cannot be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn guarding_headers() -> [(HeaderName, HeaderValue); 5] {
    [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept-language")),
    ]
}

/// JSON for a page's `<script type="application/json">`: the texts whose ids begin with `prefix`,
/// without it.
pub(super) fn script_data(language: Language, prefix: &str) -> String {
    script_page(language, prefix, serde_json::Map::new())
}

/// The same, with values for the script.
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
        let data = script_data(Language::En, SCRIPT_TEXTS);
        let data: serde_json::Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data["texts"]["until"], "ends by itself at {time}.");
        let hostile = script_json(&serde_json::json!({ "name": "</script><b>" }));
        assert!(!hostile.contains('<'));
        let read: serde_json::Value = serde_json::from_str(&hostile).unwrap();
        assert_eq!(read["name"], "</script><b>");
    }
}
