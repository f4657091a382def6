//! `card-key new`, `card-key list` and `card-key destroy`: keys of printed cards, one for each quarter of a
//! year. `new` and `destroy` need the root key.

use clap::{Args, Subcommand};

use super::confirmation::Sure;
use super::failure::Failure;
use super::intake_key::day_text;
use super::{Common, Context, bad_option, line, print_json};
use crate::authority::config::Config;
use crate::authority::folder::Folder;
use crate::authority::intake::{
    MAX_CARD_QUARTERS, card_issuer, destroy_card_quarter, make_card_keys, read_card_halves,
    read_card_keys,
};
use crate::domain::quarter::Quarter;
use crate::i18n::Text;

#[derive(Debug, Subcommand)]
pub(super) enum CardKeyCommand {
    /// help-card-key-new
    New(New),
    /// help-card-key-list
    List(List),
    /// help-card-key-destroy
    Destroy(Destroy),
}

#[derive(Debug, Args)]
pub(super) struct New {
    #[command(flatten)]
    common: Common,
    /// help-card-key-quarters
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=i64::from(MAX_CARD_QUARTERS)))]
    quarters: u8,
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
    /// help-card-key-quarter
    #[arg(long, value_name = "QUARTER")]
    quarter: String,
}

impl CardKeyCommand {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::New(new) => new.handle(context),
            Self::List(list) => list.handle(context),
            Self::Destroy(destroy) => destroy.handle(context),
        }
    }
}

impl New {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let now = context.clock.now();
        let local_time = Config::read(&folder)?.local_time(now);
        let made = make_card_keys(&folder, self.quarters, local_time, now)?;
        if self.common.json {
            return print_json(&serde_json::json!({
                "last_quarter": made.last.to_string(), "made": made.made,
            }));
        }
        let quarter = made.last.to_string();
        line(
            context
                .say("card-keys-made", &[("count", made.made.into()), ("quarter", quarter.into())]),
        );
        Ok(())
    }
}

impl List {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let keys = read_card_keys(&folder)?.map_or_else(Vec::new, |keys| keys.list().keys.clone());
        let mut rows = Vec::new();
        for key in keys {
            let officers = read_card_halves(&folder, &key)?.len();
            rows.push((key, officers, card_issuer(&folder, &key)?.is_some()));
        }
        if self.common.json {
            let json = rows.iter().map(|(key, officers, makes)| {
                serde_json::json!({"id": key.id, "quarter": quarter_of(key.first_day),
                    "cards_until": day_text(key.last_day), "officers": officers, "makes_cards": makes})
            });
            return print_json(&json.collect::<Vec<_>>());
        }
        if rows.is_empty() {
            line(context.say("card-keys-none", &[]));
        }
        for (key, officers, makes) in rows {
            let id = match (officers, makes) {
                (0, _) => "card-key-row-destroyed",
                (_, true) => "card-key-row-makes",
                (_, false) => "card-key-row",
            };
            line(context.say(
                id,
                &[
                    ("quarter", quarter_of(key.first_day).into()),
                    ("day", day_text(key.last_day).into()),
                    ("officers", officers.into()),
                ],
            ));
        }
        Ok(())
    }
}

fn quarter_of(first_day: u16) -> String {
    Quarter::of_day(first_day).to_string()
}

impl Destroy {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let quarter: Result<Quarter, ()> = self.quarter.parse();
        let quarter =
            quarter.map_err(|()| bad_option("--quarter", Text::ours("error-card-quarter-form")))?;
        let asked = [("quarter", quarter.to_string().into())];
        self.sure.ask(context, &self.common, "card-key-destroy-sure", &asked)?;
        let folder = Folder::new(&self.common.dir);
        if !destroy_card_quarter(&folder, quarter, context.clock.now())? {
            let none = Text::ours("error-card-quarter-none").with("quarter", quarter);
            return Err(Failure::Negative(none));
        }
        if self.common.json {
            return print_json(
                &serde_json::json!({"quarter": quarter.to_string(), "destroyed": true}),
            );
        }
        line(context.say("card-key-destroyed", &asked));
        Ok(())
    }
}
