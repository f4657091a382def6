//! The audit log, for administrators.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::interval::UnixTime;

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
    entries: &'a [ShownEntry],
    older: Option<i64>,
}

/// An entry in the reader's language.
pub(super) struct ShownEntry {
    pub(super) at: UnixTime,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) detail: String,
    /// A page about it; empty: none.
    pub(super) path: String,
}

impl ShownEntry {
    pub(super) async fn of(page: &Page, entry: &AuditEntry) -> Result<Self, PageError> {
        let subject = Subject::from_text(&entry.subject);
        let name = match subject {
            Some(subject) => page.app.store.name_of(subject).await,
            None => Ok(None),
        };
        let name = name.map_err(|error| page.fail(error))?;
        let path = match subject {
            Some(Subject::Venue(venue)) => format!("/staff/venues/{venue}"),
            Some(Subject::Request(request)) => format!("/staff/warnings/{request}"),
            _ => String::new(),
        };
        let actor = match entry.actor.account {
            Some(account) => {
                let name = page.app.store.name_of(Subject::Account(account)).await;
                let name = name.map_err(|error| page.fail(error))?;
                name.unwrap_or_else(|| entry.actor.name.clone())
            }
            None => page.named_or("actor", &entry.actor.name.replace(' ', "-")),
        };
        let detail = detail(page, entry);
        Ok(Self {
            at: entry.at,
            actor,
            action: page.named_or("audit", &entry.action),
            detail: if name.as_deref() == Some(detail.as_str()) { String::new() } else { detail },
            subject: shown_subject(page, entry, subject, name),
            path,
        })
    }
}

/// By its name where it has one. What another version of this program wrote is shown as it stands.
fn shown_subject(
    page: &Page,
    entry: &AuditEntry,
    subject: Option<Subject>,
    name: Option<String>,
) -> String {
    let Some(subject) = subject else { return entry.subject.clone() };
    let (kind, number) = subject.kind_and_number();
    let thing = name.unwrap_or_else(|| number.to_string());
    page.t1(&format!("audit-of-{kind}"), "number", thing)
}

/// Words that people wrote, and values, as they are; a new account's role by its text.
fn detail(page: &Page, entry: &AuditEntry) -> String {
    match entry.detail.split_once(' ') {
        Some((role, login)) if entry.action == Action::AccountAdded.name() => {
            format!("{login}, {}", page.named_or("role", role))
        }
        _ => entry.detail.split(' ').map(shortened).collect::<Vec<_>>().join(" "),
    }
}

/// Fingerprints and keys by the digits that people compare: those that stand on a poster, or on the
/// page of the venue's key.
pub(super) fn shortened(word: &str) -> &str {
    let is_number = word.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    match word.len() {
        32 if is_number => &word[..8],
        96 if is_number => &word[..16],
        _ => word,
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
    let mut shown = Vec::with_capacity(entries.len());
    for entry in &entries {
        shown.push(ShownEntry::of(page, entry).await?);
    }
    page.html(&AuditPage { page, entries: &shown, older })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fingerprints_and_keys_are_shortened() {
        assert_eq!(shortened(&"0a".repeat(16)), "0a0a0a0a");
        assert_eq!(shortened(&"0a".repeat(48)), "0a0a0a0a0a0a0a0a");
        for word in ["", "Trùng", "+84912345678", "0a0a", &"x".repeat(32), &"ă".repeat(16)] {
            assert_eq!(shortened(word), word);
        }
    }
}
