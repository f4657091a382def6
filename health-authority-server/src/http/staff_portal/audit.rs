//! The audit log, for administrators.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use vungxanh_protocol::interval::UnixTime;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::problems::Problems;
use super::super::session::StaffSession;
use super::super::unit_files;
use super::audit_form::AuditForm;
use crate::domain::audit_chain::Head;
use crate::domain::diagnosis::day_of_text;
use crate::domain::permissions::Permission;
use crate::services::audit_log::{self, LogPage, NamedEntry};
use crate::storage::audit::{Action, AuditEntry, Subject};

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage<'a> {
    page: &'a Page,
    form: &'a AuditForm,
    problems: &'a Problems,
    actions: &'a [(&'static str, String)],
    kinds: &'a [(&'static str, String)],
    head: Option<Head>,
    entries: &'a [ShownEntry],
    older: Option<i64>,
}

impl AuditPage<'_> {
    /// What is looked for, for a link to the same.
    fn query(&self) -> String {
        self.form.query()
    }
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
    pub(super) fn of(page: &Page, named: NamedEntry) -> Self {
        let NamedEntry { entry, subject, subject_name, actor_name } = named;
        let path = match subject {
            Some(Subject::Venue(venue)) => format!("/staff/venues/{venue}"),
            Some(Subject::Request(request)) => format!("/staff/warnings/{request}"),
            Some(Subject::Document(serial)) if entry.action.starts_with("document-") => {
                format!("/staff/authority/drafts/{serial}")
            }
            _ => String::new(),
        };
        let actor = match entry.actor.account {
            Some(_) => actor_name.unwrap_or_else(|| entry.actor.name.clone()),
            None => match Subject::from_text(&entry.actor.name) {
                Some(Subject::ApiKey(key)) => page.t1("audit-of-api-key", "number", key),
                _ => page.named_or("actor", &entry.actor.name.replace(' ', "-")),
            },
        };
        let detail = detail(page, &entry, subject_name.is_some());
        let is_the_name = subject_name.as_deref() == Some(detail.as_str());
        Self {
            at: entry.at,
            actor,
            action: page.named_or("audit", &entry.action),
            detail: if is_the_name { String::new() } else { detail },
            subject: shown_subject(page, &entry, subject, subject_name),
            path,
        }
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
    if let Subject::Period(at) = subject {
        let at = UnixTime::from_secs(u64::try_from(at).unwrap_or_default());
        return page.t1("audit-of-period", "time", page.time(&at));
    }
    let thing = name.unwrap_or_else(|| number.to_string());
    page.t1(&format!("audit-of-{kind}"), "number", thing)
}

/// Words that people wrote, and values, as they are; counts and a new account's role by their texts. Its
/// login stands there only where the subject `is_named` by nothing else.
fn detail(page: &Page, entry: &AuditEntry, is_named: bool) -> String {
    let words = entry.detail.split_once(' ');
    match (Action::from_name(&entry.action), words) {
        (Some(Action::AccountAdded), Some((role, _))) if is_named => page.named_or("role", role),
        (Some(Action::AccountAdded), Some((role, login))) => {
            format!("{login}, {}", page.named_or("role", role))
        }
        (Some(Action::RoleChanged), Some((from, to))) => {
            format!("{} → {}", page.named_or("role", from), page.named_or("role", to))
        }
        (Some(Action::RecoveryCodeUsed), _) => page.n1("recovery-left", "codes", &entry.detail),
        (Some(Action::ApiKeyAdded), _) => permissions(page, &entry.detail),
        (Some(Action::SharesInAdvance | Action::SharesRevoked), _) => {
            page.n1("audit-shares", "shares", &entry.detail)
        }
        (Some(Action::PeriodRevoked), _) => page.n1("audit-keys", "keys", &entry.detail),
        (Some(Action::UnitsAdded), _) => page.n1("audit-units", "units", &entry.detail),
        (Some(Action::ChangeProposed | Action::ChangeApproved), _) => {
            let fields = entry.detail.split(' ').map(|field| page.named_or("change-field", field));
            fields.collect::<Vec<_>>().join(", ")
        }
        (Some(Action::KeyMade), _) => page.named_or("audit-key", &entry.detail),
        // The fingerprint as two people compare it by voice.
        (Some(Action::OfficerKeySet), _) => entry.detail.clone(),
        (Some(Action::DeclarationsFetched), Some((date, group))) => {
            day_and_group(page, date, group)
        }
        (Some(Action::AccessGiven), Some((date, of))) => {
            let (group, officer) = of.split_once(' ').unwrap_or((of, ""));
            let to = page.t1("audit-access-to", "number", officer);
            format!("{}, {to}", day_and_group(page, date, group))
        }
        _ => entry.detail.split(' ').map(shortened).collect::<Vec<_>>().join(" "),
    }
}

fn permissions(page: &Page, names: &str) -> String {
    let said = names.split(' ').map(|name| page.named_or("permission", name));
    said.collect::<Vec<_>>().join(", ")
}

/// A date and the number of a group of officers, as people say them.
fn day_and_group(page: &Page, date: &str, group: &str) -> String {
    let day = day_of_text(date).map_or_else(|_| date.to_owned(), |day| page.day(&day));
    let province = unit_files::provinces().iter().find(|one| one.code.to_string() == group);
    let name = province.map_or_else(|| page.t("intake-group-all"), |one| one.name.to_owned());
    format!("{day}, {name}")
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

/// `GET /staff/audit`.
pub async fn page(
    session: StaffSession,
    Query(form): Query<AuditForm>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::AuditRead)?;
    let page = &session.page;
    let (filter, problems) = match form.filter(page) {
        Ok(filter) => (Some(filter), Problems::default()),
        Err(problems) => (None, problems),
    };
    let log = match filter {
        Some(filter) => audit_log::page(&page.app, &filter, form.before()).await,
        None => Ok(LogPage { entries: Vec::new(), older: None }),
    };
    let LogPage { entries, older } = log.map_err(|error| page.fail(error))?;
    let entries: Vec<_> = entries.into_iter().map(|entry| ShownEntry::of(page, entry)).collect();
    let head = audit_log::head(&page.app).await.map_err(|error| page.fail(error))?;
    let status =
        if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let template = AuditPage {
        page,
        form: &form,
        problems: &problems,
        actions: &AuditForm::actions(page),
        kinds: &AuditForm::kinds(page),
        head,
        entries: &entries,
        older,
    };
    page.html_with(status, &template)
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
