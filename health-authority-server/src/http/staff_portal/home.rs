//! The staff's first page: what waits for whom.

use askama::Template;
use axum::response::Response;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::session::StaffSession;
use crate::services::overview;

#[derive(Template)]
#[template(path = "staff/home.html")]
struct HomePage<'a> {
    page: &'a Page,
    name: &'a str,
    role: &'static str,
    waiting: u64,
    can_issue: bool,
    limits: Vec<String>,
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
    let (name, role) = (account.name.as_str(), account.role.name());
    page.html(&HomePage { page: &page, name, role, waiting, can_issue, limits })
}
