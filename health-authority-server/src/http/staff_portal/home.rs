//! The staff's first page: what waits for whom.

use askama::Template;
use axum::response::Response;
use fluent_bundle::FluentValue;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::session::StaffSession;
use crate::domain::permissions::Permission;
use crate::services::overview;
use crate::services::statistics::{self, Unusual};

#[derive(Template)]
#[template(path = "staff/home.html")]
struct HomePage<'a> {
    page: &'a Page,
    name: &'a str,
    role: &'static str,
    waiting: u64,
    can_issue: bool,
    limits: Vec<String>,
    unusual: Vec<String>,
}

/// `GET /staff`.
pub async fn page(session: StaffSession) -> Result<Response, PageError> {
    let StaffSession { page, account } = session;
    let waiting = overview::venues_to_decide(&page.app).await;
    let waiting = waiting.map_err(|error| page.fail(error))?;
    let can_issue = page.app.issuer().is_some();
    let limits = overview::reached_limits(&page.app).await;
    let limits = limits.map_err(|error| page.fail(error))?;
    let limits = limits.iter().map(|(limit, until)| {
        page.t1(&format!("limit-{}", limit.name()), "time", page.time(until))
    });
    let limits = limits.collect();
    let unusual = match account.role.permissions().has(Permission::StatisticsRead) {
        true => statistics::unusual(&page.app).await.map_err(|error| page.fail(error))?,
        false => Vec::new(),
    };
    let unusual = unusual.iter().map(|unusual| words(&page, unusual)).collect();
    let (name, role) = (account.name.as_str(), account.role.name());
    page.html(&HomePage { page: &page, name, role, waiting, can_issue, limits, unusual })
}

fn words(page: &Page, unusual: &Unusual) -> String {
    let id = unusual.counter.name().replace('_', "-");
    let values = [
        ("figure", FluentValue::from(page.named("figure", &id))),
        ("day", page.day(&unusual.day).into()),
        ("number", unusual.figure.text().into()),
        ("from", unusual.usual.from.to_string().into()),
        ("to", unusual.usual.to.to_string().into()),
    ];
    let is_today = unusual.day == page.now().day();
    page.with(if is_today { "statistics-unusual-today" } else { "statistics-unusual" }, &values)
}
