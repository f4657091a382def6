//! The chain of the audit log: its newest hash to be kept elsewhere, and whether it is whole.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use fluent_bundle::FluentValue;
use serde::Deserialize;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::problems::Problems;
use super::super::qr;
use super::super::session::StaffSession;
use crate::domain::audit_chain::Head;
use crate::domain::audit_check::{Compared, Fault, Report};
use crate::domain::permissions::Permission;
use crate::services::audit_log;

#[derive(Template)]
#[template(path = "staff/audit_head.html")]
struct HeadPage<'a> {
    page: &'a Page,
    head: Option<Head>,
    svg: String,
}

/// `GET /staff/audit/head`: to be printed.
pub async fn head(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::AuditRead)?;
    let page = &session.page;
    let head = audit_log::head(&page.app).await.map_err(|error| page.fail(error))?;
    let svg = match head {
        Some(head) => {
            // Capitals, digits and blanks make a small code.
            let text = head.to_string().to_ascii_uppercase();
            qr::svg(&text).map_err(|error| page.fail(error))?
        }
        None => String::new(),
    };
    page.html(&HeadPage { page, head, svg })
}

/// A head that was written down; empty: none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    head: String,
}

#[derive(Template)]
#[template(path = "staff/audit_check.html")]
struct CheckPage<'a> {
    page: &'a Page,
    typed: &'a str,
    problems: &'a Problems,
    report: Option<Report>,
}

impl CheckPage<'_> {
    fn words(&self, fault: &Fault) -> String {
        let (name, entry, other) = fault.name_and_numbers();
        let numbers = [
            ("entry", FluentValue::from(entry.to_string())),
            ("other", FluentValue::from(other.to_string())),
        ];
        self.page.with(&format!("audit-fault-{name}"), &numbers)
    }

    fn words_of_compared(&self, asked: &Head, found: &Compared) -> String {
        self.page.t1(&format!("audit-compared-{}", found.name()), "number", asked.entry)
    }
}

/// `GET /staff/audit/check`: looks at the whole log.
pub async fn check(
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::AuditRead)?;
    let page = &session.page;
    let head = match asked.head.trim() {
        "" => Ok(None),
        text => text.parse::<Head>().map(Some),
    };
    let (report, problems) = match head {
        Ok(head) => {
            let report = audit_log::check(&page.app, head).await;
            (Some(report.map_err(|error| page.fail(error))?), Problems::default())
        }
        Err(_) => (None, Problems::of_field("head", page.t("audit-head-unreadable"))),
    };
    let status = if report.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let template = CheckPage { page, typed: &asked.head, problems: &problems, report };
    page.html_with(status, &template)
}
