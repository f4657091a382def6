//! `intake-key new`, `intake-key list` and `intake-key destroy`: keys of declarations and passes for the
//! days to come. `new` needs the root key.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use vungxanh_protocol::intake::MAX_INTAKE_DAYS;
use vungxanh_protocol::interval::UtcDay;

use super::failure::Failure;
use super::{Common, Context, bad_date, line, print_json};
use crate::authority::config::Config;
use crate::authority::document;
use crate::authority::folder::Folder;
use crate::authority::intake::{KeyOrder, Published, destroy_day, make_keys, read_halves};
use crate::domain::diagnosis::{DateError, day_of_text, format_day};

#[derive(Debug, Subcommand)]
pub(super) enum IntakeKeyCommand {
    /// help-intake-key-new
    New(New),
    /// help-intake-key-list
    List(List),
    /// help-intake-key-destroy
    Destroy(Destroy),
}

#[derive(Debug, Args)]
pub(super) struct New {
    #[command(flatten)]
    common: Common,
    /// help-intake-key-days
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_INTAKE_DAYS)))]
    days: u16,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Destroy {
    #[command(flatten)]
    common: Common,
    /// help-intake-day
    #[arg(long, value_name = "DATE")]
    day: String,
}

impl IntakeKeyCommand {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::New(new) => new.handle(context),
            Self::List(list) => list.handle(context).await,
            Self::Destroy(destroy) => destroy.handle(context),
        }
    }
}

/// A local day as a person types and reads it.
pub(super) fn read_day(option: &str, text: &str) -> Result<u16, Failure> {
    let day = day_of_text(text).map_err(|error| bad_date(option, error))?;
    u16::try_from(day.number()).map_err(|_| bad_date(option, DateError::OutOfRange))
}

pub(super) fn day_text(day: u16) -> String {
    format_day(Some(UtcDay::new(day.into())))
}

impl New {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let config = Config::read(&folder)?;
        let now = context.clock.now();
        let order = KeyOrder::new(&config, self.days, now);
        let made = make_keys(&folder, order, now)?;
        if self.common.json {
            return print_json(&made);
        }
        line(context.say(
            "intake-keys-made",
            &[
                ("intake", made.intake.into()),
                ("passes", made.passes.into()),
                ("day", day_text(made.last_day).into()),
            ],
        ));
        Ok(())
    }
}

impl List {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let counts = app.store.declarations_by_day().await;
        app.store.close().await;
        let counts: BTreeMap<u16, u64> = counts?.into_iter().collect();
        let folder = Folder::new(&self.common.dir);
        let document = document::read(&folder)?.document;
        let epoch = vungxanh_protocol::interval::UnixTime::from_secs(0);
        let published = Published::read(&folder, &document, epoch)?;
        let keys = published.map(|published| published.intake.list().keys.clone());
        let mut rows = Vec::new();
        for key in keys.unwrap_or_default() {
            let halves = read_halves(&folder, key.day)?;
            let officers = halves.iter().filter(|half| half.key_id == key.id).count();
            rows.push((key, officers, counts.get(&key.day).copied().unwrap_or(0)));
        }
        if self.common.json {
            let json: Vec<_> = rows
                .iter()
                .map(|(key, officers, declarations)| {
                    serde_json::json!({"id": key.id, "day": day_text(key.day), "group": key.group,
                        "officers": officers, "declarations_of_day": declarations})
                })
                .collect();
            return print_json(&json);
        }
        if rows.is_empty() {
            line(context.say("intake-keys-none", &[]));
        }
        for (key, officers, declarations) in rows {
            let id = if officers == 0 { "intake-key-row-destroyed" } else { "intake-key-row" };
            line(context.say(
                id,
                &[
                    ("day", day_text(key.day).into()),
                    ("group", key.group.into()),
                    ("officers", officers.into()),
                    ("declarations", declarations.into()),
                ],
            ));
        }
        Ok(())
    }
}

impl Destroy {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let day = read_day("--day", &self.day)?;
        let removed = destroy_day(&Folder::new(&self.common.dir), day)?;
        if removed == 0 {
            return Err(Failure::Negative(
                crate::i18n::Text::ours("error-intake-day-none").with("day", day_text(day)),
            ));
        }
        if self.common.json {
            return print_json(&serde_json::json!({"day": day_text(day), "destroyed": true}));
        }
        line(context.say("intake-day-destroyed", &[("day", day_text(day).into())]));
        Ok(())
    }
}
