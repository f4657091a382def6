//! The audit log, for administrators.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::session::StaffSession;
use crate::domain::accounts::Role;
use crate::storage::audit::{Action, AuditEntry, Subject};

/// So many entries stand on one page.
const SHOWN: u32 = 100;

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage<'a> {
    page: &'a Page,
    entries: &'a [AuditEntry],
    older: Option<i64>,
}

impl AuditPage<'_> {
    fn actor(&self, entry: &AuditEntry) -> String {
        match entry.actor.account {
            Some(_) => entry.actor.name.clone(),
            None => self.page.named_or("actor", &entry.actor.name.replace(' ', "-")),
        }
    }

    /// What another version of this program wrote is shown as it stands.
    fn subject(&self, entry: &AuditEntry) -> String {
        let Some(subject) = Subject::from_text(&entry.subject) else {
            return entry.subject.clone();
        };
        let (kind, number) = subject.kind_and_number();
        self.page.n1(&format!("audit-of-{kind}"), "number", number)
    }

    /// Words that people wrote, and values, as they are; a new account's role by its text.
    fn detail(&self, entry: &AuditEntry) -> String {
        match entry.detail.split_once(' ') {
            Some((role, login)) if entry.action == Action::AccountAdded.name() => {
                format!("{login}, {}", self.page.named_or("role", role))
            }
            _ => entry.detail.clone(),
        }
    }
}

/// Entries before this one.
#[derive(Deserialize)]
pub struct Before {
    before: Option<i64>,
}

/// `GET /staff/audit`.
pub async fn page(
    session: StaffSession,
    Query(before): Query<Before>,
) -> Result<Response, PageError> {
    session.require(Role::Administrator)?;
    let page = &session.page;
    let entries = page.app.store.audit_entries(before.before, SHOWN).await;
    let entries = entries.map_err(|error| page.fail(error))?;
    let is_full = entries.len() == usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let older = entries.last().filter(|_| is_full).map(|last| last.entry);
    page.html(&AuditPage { page, entries: &entries, older })
}
