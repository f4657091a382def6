//! `export-key new` and `export-key list`.

use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;

use super::failure::Failure;
use super::{Common, Context, line, print_json, time_text};
use crate::authority::document;
use crate::authority::export_keys::{self, ExportKeyPair, ExportKeys};
use crate::authority::folder::Folder;

#[derive(Debug, Subcommand)]
pub(super) enum ExportKeyCommand {
    /// help-export-key-new
    New(New),
    /// help-export-key-list
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct New {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
}

impl ExportKeyCommand {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::New(new) => new.handle(context),
            Self::List(list) => list.handle(context),
        }
    }
}

impl New {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let key = export_keys::create(&folder, context.clock.now(), &mut rand::rng())?;
        if self.common.json {
            return print_json(&serde_json::json!({
                "version": key.version(),
                "sign_from": key.sign_from(),
            }));
        }
        let version = ("version", FluentValue::from(key.version()));
        let time = ("time", time_text(key.sign_from(), &self.common.zone()?).into());
        line(context.say("export-key-made", &[version, time]));
        let command = format!("health-authority-server resign --dir {}", self.common.dir.display());
        line(context.say("venue-key-next", &[("command", command.into())]));
        Ok(())
    }
}

impl List {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let document = document::read(&folder)?.document;
        let keys = ExportKeys::read(&folder)?.named_by(&document);
        let signing = keys.signing(context.clock.now()).number();
        let state = |key: &ExportKeyPair| match key {
            key if key.number() == signing => "in-use",
            key if !key.is_named() && key.number() < signing => "over",
            key if !key.is_named() => "unsigned",
            key if key.number() < signing => "followed",
            _ => "to-come",
        };
        if self.common.json {
            let list = keys.all().map(|key| {
                serde_json::json!({
                    "version": key.version(),
                    "sign_from": key.sign_from(),
                    "state": state(key),
                })
            });
            return print_json(&list.collect::<Vec<_>>());
        }
        for key in keys.all() {
            let state = context.say(&format!("export-key-{}", state(key)), &[]);
            let arguments = [("version", key.version().into()), ("state", state.into())];
            line(context.say("export-key-row", &arguments));
        }
        Ok(())
    }
}
