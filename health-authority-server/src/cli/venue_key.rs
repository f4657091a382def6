//! `venue-key new` and `venue-key list`.

use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;
use vungxanh_protocol::interval::UnixTime;

use super::failure::Failure;
use super::{Common, Context, line, print_json, time_text};
use crate::authority::document;
use crate::authority::folder::Folder;
use crate::authority::founding::new_venue_key;
use crate::authority::venue_keys::{AuthorityVenueKey, VenueKeys};

#[derive(Debug, Subcommand)]
pub(super) enum VenueKeyCommand {
    /// help-venue-key-new
    New(New),
    /// help-venue-key-list
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

impl VenueKeyCommand {
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
        let key = new_venue_key(&folder, context.clock.now())?;
        if self.common.json {
            return print_json(&key);
        }
        let dir = self.common.dir.display().to_string();
        let id = ("id", FluentValue::from(key.id));
        let time = ("time", time_text(key.not_before, &self.common.zone()?).into());
        line(context.say("venue-key-made", &[id, time]));
        let command = format!("health-authority-server resign --dir {dir}");
        line(context.say("venue-key-next", &[("command", command.into())]));
        Ok(())
    }
}

impl List {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let document = document::read(&folder)?.document;
        let keys = VenueKeys::read(&folder)?.named_by(&document);
        let now = context.clock.now();
        let newest = keys.newest(now).map(AuthorityVenueKey::id);
        let states = keys.all().iter().map(|key| (key, state(key, newest, now)));
        if self.common.json {
            let list: Vec<_> = states
                .map(|(key, state)| serde_json::json!({"key": key.public, "state": state}))
                .collect();
            return print_json(&list);
        }
        if keys.all().is_empty() {
            line(context.say("venue-key-none", &[]));
        }
        let zone = self.common.zone()?;
        for (key, state) in states {
            let state = context.say(&format!("venue-key-{state}"), &[]);
            let arguments = [
                ("id", FluentValue::from(key.id())),
                ("from", time_text(key.public.not_before, &zone).into()),
                ("until", time_text(key.public.not_after, &zone).into()),
                ("state", state.into()),
            ];
            line(context.say("venue-key-row", &arguments));
        }
        Ok(())
    }
}

fn state(key: &AuthorityVenueKey, newest: Option<u8>, now: UnixTime) -> &'static str {
    match key {
        key if now >= key.public.not_after => "over",
        key if !key.is_named() => "unsigned",
        key if now < key.public.not_before => "to-come",
        key if newest == Some(key.id()) => "in-use",
        _ => "followed",
    }
}
