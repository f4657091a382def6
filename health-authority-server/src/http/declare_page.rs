//! `/declare`: a health declaration in any browser. The page is the same for everyone; what is filled in
//! is sealed in the browser. Its style and script stand within it, names of wards come later.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use vungxanh_protocol::units::Province;

use super::checkin::{WARNED_TEXTS, script_page};
use super::page::Page;
use super::page_error::PageError;
use super::{assets, standalone, unit_files};

/// Where it is.
pub(super) const PATH: &str = "/declare";
/// Ids of the texts that the page's script shows begin with these.
const SCRIPT_TEXTS: &[&str] = &["page-declare-", WARNED_TEXTS];

#[derive(Template)]
#[template(path = "declare.html")]
struct DeclarePage<'a> {
    page: &'a Page,
    data: String,
    style: &'a str,
    script: &'a str,
    provinces: &'static [Province],
    retention_days: u16,
}

/// Where the authority takes no declarations.
#[derive(Template)]
#[template(path = "declare-none.html")]
struct NoDeclarations<'a> {
    page: &'a Page,
    style: &'a str,
}

/// `GET /declare`.
pub(super) async fn page(page: Page, headers: HeaderMap) -> Result<Response, PageError> {
    let style = standalone::style(&page);
    if !page.takes_declarations() {
        let template = NoDeclarations { page: &page, style: &style };
        return standalone::respond(
            StatusCode::NOT_FOUND,
            &page,
            &template,
            (&style, ""),
            &headers,
        );
    }
    let relative = |path: &str| path.trim_start_matches('/').to_owned();
    let mut values = serde_json::Map::new();
    let worker = assets::path("declare-worker.js");
    values.insert("worker".into(), relative(&worker).into());
    values.insert("units".into(), unit_files::version().into());
    let local = page.app.config.local_time(page.now());
    values.insert("minutesAhead".into(), local.minutes_ahead().into());
    let data = script_page(page.language, SCRIPT_TEXTS, values);
    let script = assets::inline("declare.js");
    let template = DeclarePage {
        page: &page,
        data,
        style: &style,
        script,
        provinces: unit_files::provinces(),
        retention_days: page.app.config.declarations.retention_days,
    };
    standalone::respond(StatusCode::OK, &page, &template, (&style, script), &headers)
}
