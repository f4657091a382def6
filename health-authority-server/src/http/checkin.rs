//! The check-in page for phones without the program. It is the same for everyone: which venue
//! somebody visits stands behind the `#` of the address, which browsers do not send. Its style and
//! script stand within it, so that a slow network is asked once before the button can be used.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::page::Page;
use super::page_error::PageError;
use super::{assets, standalone};
use crate::i18n::Language;

/// Ids of the texts that the page's script shows begin with these.
const SCRIPT_TEXTS: &[&str] = &["page-checkin-", WARNED_TEXTS];
/// Those of what warnings say.
pub(super) const WARNED_TEXTS: &str = "page-warned-";

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
    for (name, worker) in [("worker", "checkin-worker.js"), ("passesWorker", "declare-worker.js")] {
        values.insert(name.into(), assets::path(worker).trim_start_matches('/').into());
    }
    let data = script_page(page.language, SCRIPT_TEXTS, values);
    let style = standalone::style(&page);
    let script = assets::inline("checkin.js");
    let template = CheckInPage { page: &page, data, style: &style, script };
    standalone::respond(StatusCode::OK, &page, &template, (&style, script), &headers)
}

/// JSON for a page's `<script type="application/json">`: the texts whose ids begin with one of
/// `prefixes`, without it, and values for the script.
pub(super) fn script_page(
    language: Language,
    prefixes: &[&str],
    mut values: serde_json::Map<String, serde_json::Value>,
) -> String {
    let texts = prefixes.iter().flat_map(|prefix| language.patterns(prefix));
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
    use axum::http::header;

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
