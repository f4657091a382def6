//! `/venue/door`: a supervised door on a phone of a venue's staff. The page is the same for everyone, so that it can be
//! kept for times without network; which venue it is for comes after it, by the session (`venue/door.rs`).

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use askama::Template;

use super::checkin::script_page;
use super::page::Page;
use super::page_error::PageError;
use super::{assets, standalone};

/// Where it is.
pub(super) const PATH: &str = "/venue/door";
/// Ids of the texts that the page's script shows begin with this.
const SCRIPT_TEXTS: &[&str] = &["page-station-"];

#[derive(Template)]
#[template(path = "venue/door.html")]
struct DoorPage<'a> {
    page: &'a Page,
    data: String,
    style: &'a str,
    script: &'a str,
}

/// `GET /venue/door`.
pub(super) async fn page(page: Page, headers: HeaderMap) -> Result<Response, PageError> {
    let mut values = serde_json::Map::new();
    let worker = assets::path("venue-door-worker.js");
    values.insert("worker".into(), worker.trim_start_matches('/').into());
    let data = script_page(page.language, SCRIPT_TEXTS, values);
    let style = standalone::style(&page);
    let script = assets::inline("venue-door.js");
    let template = DoorPage { page: &page, data, style: &style, script };
    standalone::respond(StatusCode::OK, &page, &template, (&style, script), &headers)
}
