//! `intake-key new`, `intake-key list` and `intake-key destroy`: keys of declarations and passes for the
//! days to come. `new` needs the root key.

use clap::{Args, Subcommand};
use vungxanh_protocol::intake::MAX_INTAKE_DAYS;
use vungxanh_protocol::interval::UtcDay;

use super::confirmation::Sure;
use super::failure::Failure;
use super::{Common, Context, bad_date, line, print_json};
use crate::authority::config::Config;
use crate::authority::folder::Folder;
use crate::authority::intake::{KeyOrder, destroy_day, make_keys};
use crate::domain::diagnosis::{DateError, day_of_text, format_day};
use crate::services::declarations;
use crate::services::doors::KeptError;

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
    #[command(flatten)]
    sure: Sure,
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
        let keys = declarations::listed_keys(&app).await;
        app.store.close().await;
        let rows = keys.map_err(|error| match error {
            KeptError::File(error) => Failure::from(error),
            KeptError::Store(error) => error.into(),
        })?;
        if self.common.json {
            let json: Vec<_> = rows
                .iter()
                .map(|row| {
                    serde_json::json!({"id": row.key.id, "day": day_text(row.key.day),
                        "group": row.key.group, "officers": row.officers,
                        "declarations_of_day": row.declarations})
                })
                .collect();
            return print_json(&json);
        }
        if rows.is_empty() {
            line(context.say("intake-keys-none", &[]));
        }
        for row in rows {
            let id = if row.officers == 0 { "intake-key-row-destroyed" } else { "intake-key-row" };
            line(context.say(
                id,
                &[
                    ("day", day_text(row.key.day).into()),
                    ("group", row.key.group.into()),
                    ("officers", row.officers.into()),
                    ("declarations", row.declarations.into()),
                ],
            ));
        }
        Ok(())
    }
}

impl Destroy {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let day = read_day("--day", &self.day)?;
        let asked = [("day", day_text(day).into())];
        self.sure.ask(context, &self.common, "intake-destroy-sure", &asked)?;
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
