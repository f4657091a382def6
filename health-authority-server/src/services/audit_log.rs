//! The audit log, with the names that people know in place of numbers.

use super::app::App;
use crate::storage::StoreError;
use crate::storage::audit::{AuditEntry, Subject};

/// So many entries stand on one page.
const SHOWN: u32 = 100;

/// An entry and the names of whom and what it is about, where they have one.
#[derive(Debug)]
pub struct NamedEntry {
    pub entry: AuditEntry,
    /// What it is about; none where another version of this program wrote it.
    pub subject: Option<Subject>,
    pub subject_name: Option<String>,
    pub actor_name: Option<String>,
}

/// A page of the log, the latest first.
#[derive(Debug)]
pub struct LogPage {
    pub entries: Vec<NamedEntry>,
    /// The entry before which the next page begins; none on the last page.
    pub older: Option<i64>,
}

/// The entries before this one, or the latest.
pub async fn page(app: &App, before: Option<i64>) -> Result<LogPage, StoreError> {
    let entries = app.store.audit_entries(before, SHOWN).await?;
    let is_full = entries.len() == usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let older = entries.last().filter(|_| is_full).map(|last| last.entry);
    Ok(LogPage { entries: named(app, entries).await?, older })
}

/// What happened to this subject, the earliest first.
pub async fn of(app: &App, subject: Subject) -> Result<Vec<NamedEntry>, StoreError> {
    named(app, app.store.audit_of(subject).await?).await
}

async fn named(app: &App, entries: Vec<AuditEntry>) -> Result<Vec<NamedEntry>, StoreError> {
    let mut named = Vec::with_capacity(entries.len());
    for entry in entries {
        let subject = Subject::from_text(&entry.subject);
        let subject_name = match subject {
            Some(subject) => app.store.name_of(subject).await?,
            None => None,
        };
        let actor_name = match entry.actor.account {
            Some(account) => app.store.name_of(Subject::Account(account)).await?,
            None => None,
        };
        named.push(NamedEntry { entry, subject, subject_name, actor_name });
    }
    Ok(named)
}
