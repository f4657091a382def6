//! `audit`.

use std::path::Path;

use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;
use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::{Common, Context, bad_option, line, print_json, read_limited, time_text};
use crate::authority::config::Config;
use crate::authority::database::Database;
use crate::authority::folder::Folder;
use crate::domain::audit_chain::{Head, MAX_HEAD_BYTES};
use crate::domain::audit_check::Report;
use crate::i18n::Text;
use crate::services::backup::MAX_MANIFEST_BYTES;
use crate::storage::Store;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// help-audit-verify
    Verify(Verify),
    /// help-audit-head
    Head(ShowHead),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    common: Common,
    /// help-audit-verify-head
    #[arg(long, value_name = "FILE|TEXT")]
    head: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ShowHead {
    #[command(flatten)]
    common: Common,
}

impl AuditCommand {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Verify(this) => this.handle(context).await,
            Self::Head(this) => this.handle(context).await,
        }
    }
}

/// What was found, as JSON.
#[derive(Serialize)]
struct Found<'a> {
    good: bool,
    entries: u64,
    head: Option<Head>,
    faults: Vec<FoundFault>,
    more_faults: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<FoundHead<'a>>,
}

#[derive(Serialize)]
struct FoundFault {
    fault: &'static str,
    entry: i64,
    #[serde(skip_serializing_if = "is_none")]
    other: i64,
}

#[derive(Serialize)]
struct FoundHead<'a> {
    head: &'a Head,
    found: &'static str,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_none(number: &i64) -> bool {
    *number == 0
}

async fn store(common: &Common) -> Result<Store, Failure> {
    let folder = Folder::new(&common.dir);
    let config = Config::read(&folder)?;
    Ok(Store::connect(&Database::of(&folder, &config)?).await?)
}

impl Verify {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let asked = self.head.as_deref().map(read_head).transpose()?;
        let store = store(&self.common).await?;
        let report = store.check_audit(asked).await;
        store.close().await;
        let report = report?;
        if self.common.json {
            print_json(&found(&report))?
        } else {
            self.show(context, &report)?
        }
        match report.is_good() {
            true => Ok(()),
            false => Err(Failure::Negative(Text::ours("error-audit"))),
        }
    }

    fn show(&self, context: &Context, report: &Report) -> Result<(), Failure> {
        for fault in &report.faults {
            let (name, entry, other) = fault.name_and_numbers();
            let entry = ("entry", FluentValue::from(entry.to_string()));
            let other = ("other", FluentValue::from(other.to_string()));
            let words = context.messages.text(&format!("audit-fault-{name}"), &[entry, other]);
            line(words);
        }
        if report.more > 0 {
            line(context.say("audit-more-faults", &[("number", report.more.into())]));
        }
        if report.faults.is_empty() {
            line(context.say("audit-whole", &[("entries", report.entries.into())]));
        }
        if let Some((head, compared)) = &report.compared {
            let number = ("number", FluentValue::from(head.entry.to_string()));
            let id = format!("audit-compared-{}", compared.name());
            line(context.messages.text(&id, &[number]));
        }
        if let Some(head) = &report.head {
            show_head(context, &self.common, head)?;
        }
        Ok(())
    }
}

impl ShowHead {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let store = store(&self.common).await?;
        let head = store.audit_head().await;
        store.close().await;
        let head = head?.ok_or_else(|| Failure::Negative(Text::ours("error-audit-empty")))?;
        if self.common.json {
            return print_json(&head);
        }
        show_head(context, &self.common, &head)
    }
}

fn show_head(context: &Context, common: &Common, head: &Head) -> Result<(), Failure> {
    let time = ("time", FluentValue::from(time_text(head.at, &common.zone()?)));
    let number = ("number", FluentValue::from(head.entry.to_string()));
    line(context.say("audit-head-is", &[number, time]));
    line(head.to_string());
    Ok(())
}

fn found(report: &Report) -> Found<'_> {
    let faults = report.faults.iter().map(|fault| {
        let (fault, entry, other) = fault.name_and_numbers();
        FoundFault { fault, entry, other }
    });
    Found {
        good: report.is_good(),
        entries: report.entries,
        head: report.head,
        faults: faults.collect(),
        more_faults: report.more,
        compared: report
            .compared
            .as_ref()
            .map(|(head, found)| FoundHead { head, found: found.name() }),
    }
}

/// What a backup's list says of the log.
#[derive(Deserialize)]
struct Backup {
    audit_head: Option<Head>,
}

/// The text itself, or a file: with that text, with the JSON of `audit head`, or a backup's list.
fn read_head(argument: &str) -> Result<Head, Failure> {
    let invalid = || bad_option("--head", Text::ours("error-audit-head"));
    if let Ok(head) = argument.parse() {
        return Ok(head);
    }
    let path = Path::new(argument);
    if !path.exists() {
        return Err(invalid());
    }
    let bytes = read_limited(path, MAX_MANIFEST_BYTES)?;
    if let Ok(Backup { audit_head: Some(head) }) = serde_json::from_slice(&bytes) {
        return Ok(head);
    }
    if let Ok(head) = serde_json::from_slice(&bytes) {
        return Ok(head);
    }
    let text = bytes.get(..bytes.len().min(MAX_HEAD_BYTES)).unwrap_or_default();
    let text = std::str::from_utf8(text).map_err(|_| invalid())?;
    text.trim().parse().map_err(|_| invalid())
}
