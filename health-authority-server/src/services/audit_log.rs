//! The audit log, with the names that people know in place of numbers.

use std::collections::BTreeMap;

use vungxanh_protocol::interval::UtcDay;

use super::app::App;
use crate::domain::audit_chain::Head;
use crate::domain::audit_check::Report;
use crate::storage::StoreError;
use crate::storage::audit::{AuditEntry, Subject};
pub use crate::storage::audit_search::{About, AuditFilter};

/// So many entries stand on one page.
const SHOWN: u32 = 100;
/// So many are read at a time for a file.
const PIECE: u32 = 500;

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

/// The entries that are looked for, before this one or the latest.
pub async fn page(
    app: &App,
    filter: &AuditFilter,
    before: Option<i64>,
) -> Result<LogPage, StoreError> {
    let mut entries = app.store.found_entries(filter, before, SHOWN + 1).await?;
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let has_more = entries.len() > shown;
    entries.truncate(shown);
    let older = entries.last().filter(|_| has_more).map(|last| last.entry);
    Ok(LogPage { entries: Names::default().of(app, entries).await?, older })
}

/// What happened to this subject, the earliest first.
pub async fn of(app: &App, subject: Subject) -> Result<Vec<NamedEntry>, StoreError> {
    Names::default().of(app, app.store.audit_of(subject).await?).await
}

/// The newest entry; none while nothing was logged.
pub async fn head(app: &App) -> Result<Option<Head>, StoreError> {
    app.store.audit_head().await
}

/// Looks at the whole chain, and whether it continues a head that was written down.
pub async fn check(app: &App, asked: Option<Head>) -> Result<Report, StoreError> {
    app.store.check_audit(asked).await
}

/// Says the newest entry in the log of operations, which is kept elsewhere: once a day, and at the start.
pub async fn note_head(app: &App, noted: &mut Option<UtcDay>) -> Result<(), StoreError> {
    let today = app.clock.now().day();
    if *noted == Some(today) {
        return Ok(());
    }
    if let Some(head) = app.store.audit_head().await? {
        tracing::info!(%head, "newest entry of the audit log");
    }
    *noted = Some(today);
    Ok(())
}

/// All entries that are looked for, the newest first, in pieces.
#[derive(Debug)]
pub struct Pieces {
    filter: AuditFilter,
    before: Option<i64>,
    left: u32,
    names: Names,
}

impl Pieces {
    /// At most so many entries.
    pub fn new(filter: AuditFilter, most: u32) -> Self {
        Self { filter, before: None, left: most, names: Names::default() }
    }

    /// The next ones; none at the end.
    pub async fn next(&mut self, app: &App) -> Result<Vec<NamedEntry>, StoreError> {
        let count = self.left.min(PIECE);
        if count == 0 {
            return Ok(Vec::new());
        }
        let entries = app.store.found_entries(&self.filter, self.before, count).await?;
        self.left = self.left.saturating_sub(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        self.before = entries.last().map(|last| last.entry).or(self.before);
        self.names.of(app, entries).await
    }

    /// Whether entries are left that are not read because they are too many.
    pub async fn has_more(&self, app: &App) -> Result<bool, StoreError> {
        Ok(!app.store.found_entries(&self.filter, self.before, 1).await?.is_empty())
    }
}

/// Names that were looked up.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, Option<String>>);

impl Names {
    async fn of(
        &mut self,
        app: &App,
        entries: Vec<AuditEntry>,
    ) -> Result<Vec<NamedEntry>, StoreError> {
        let mut named = Vec::with_capacity(entries.len());
        for entry in entries {
            let subject = Subject::from_text(&entry.subject);
            let subject_name = match subject {
                Some(subject) => self.name(app, subject).await?,
                None => None,
            };
            let actor_name = match entry.actor.account {
                Some(account) => self.name(app, Subject::Account(account)).await?,
                None => None,
            };
            named.push(NamedEntry { entry, subject, subject_name, actor_name });
        }
        Ok(named)
    }

    async fn name(&mut self, app: &App, of: Subject) -> Result<Option<String>, StoreError> {
        let key = of.to_string();
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let name = app.store.name_of(of).await?;
        self.0.insert(key, name.clone());
        Ok(name)
    }
}
