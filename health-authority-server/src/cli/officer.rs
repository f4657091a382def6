//! `officer add`, `officer list` and `officer remove`: who may open declarations. They need the root key.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Deserialize;
use vungxanh_protocol::intake::{Officer, WHOLE_AUTHORITY, spoken_fingerprint};
use vungxanh_protocol::sealed_box::SealingKey;

use super::confirmation::Sure;
use super::failure::Failure;
use super::{Common, Context, bad_option, line, print_json, read_limited};
use crate::authority::config::Config;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::intake::{
    KeyOrder, add_officer, read_roster, remove_card_officer, remove_officer,
};
use crate::i18n::Text;

/// What a request says it is.
const REQUEST_FORMAT: &str = "VX-OFFICER-REQUEST-1";
const MAX_REQUEST_BYTES: u64 = 4_096;

#[derive(Debug, Subcommand)]
pub(super) enum OfficerCommand {
    /// help-officer-add
    Add(Add),
    /// help-officer-list
    List(List),
    /// help-officer-remove
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    sure: Sure,
    /// help-officer-name
    #[arg(long, required_unless_present = "request")]
    name: Option<String>,
    /// help-officer-key
    #[arg(long, value_name = "HEX", required_unless_present = "request")]
    key: Option<String>,
    /// help-officer-request
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    request: Option<PathBuf>,
    /// help-officer-group
    #[arg(long = "group", value_name = "PROVINCE")]
    groups: Vec<u8>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    sure: Sure,
    /// help-officer-id
    id: u16,
}

impl OfficerCommand {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.handle(context),
            Self::List(list) => list.handle(context),
            Self::Remove(remove) => remove.handle(context),
        }
    }
}

impl Add {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let (name, key) = match &self.request {
            Some(path) => {
                let request = Request::read(path)?;
                (self.name.clone().unwrap_or(request.name), request.public_key)
            }
            None => (self.name.clone().unwrap_or_default(), self.key.clone().unwrap_or_default()),
        };
        let option = if self.request.is_some() { "--request" } else { "--key" };
        let mut bytes = [0; 32];
        hex::decode_to_slice(key.trim(), &mut bytes)
            .map_err(|_| bad_option(option, Text::ours("error-officer-key")))?;
        let key = SealingKey::from_bytes(&bytes)
            .map_err(|error| bad_option(option, Text::foreign(error)))?;
        if self.request.is_some() {
            // The file came over a network: nothing says that the key is the person's but the person.
            let fingerprint = spoken_fingerprint(&key);
            let asked = [("name", name.as_str().into()), ("fingerprint", fingerprint.into())];
            self.sure.ask(context, &self.common, "officer-add-sure", &asked)?;
        }
        let groups: BTreeSet<u8> = match self.groups.is_empty() {
            true => [WHOLE_AUTHORITY].into(),
            false => self.groups.into_iter().collect(),
        };
        let folder = Folder::new(&self.common.dir);
        let officer = add_officer(&folder, &name, key, groups, context.clock.now())?;
        if self.common.json {
            return print_json(&json(&officer));
        }
        say(context, "officer-added", &officer);
        line(context.say("officer-compare", &[]));
        let command =
            format!("health-authority-server intake-key new --dir {}", self.common.dir.display());
        line(context.say("officer-next", &[("command", command.into())]));
        Ok(())
    }
}

/// What an officer's page saves for who keeps the root key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    format: String,
    name: String,
    public_key: String,
}

impl Request {
    fn read(path: &Path) -> Result<Self, Failure> {
        let file = read_limited(path, MAX_REQUEST_BYTES)?;
        let read = serde_json::from_slice::<Self>(&file).ok();
        read.filter(|request| request.format == REQUEST_FORMAT).ok_or_else(|| {
            let reason = Text::ours("error-officer-request");
            FileError::Content { path: path.to_owned(), reason }.into()
        })
    }
}

impl List {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let officers = read_roster(&Folder::new(&self.common.dir))?.officers;
        if self.common.json {
            return print_json(&officers.iter().map(json).collect::<Vec<_>>());
        }
        if officers.is_empty() {
            line(context.say("officer-none", &[]));
        }
        officers.iter().for_each(|officer| say(context, "officer-row", officer));
        Ok(())
    }
}

impl Remove {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let officers = read_roster(&folder)?.officers;
        let officer = officers.iter().find(|officer| officer.id == self.id);
        let name = officer.map(|officer| officer.name.clone());
        let name = name.ok_or_else(|| Failure::input("error-officer-unknown"))?;
        let asked = [("id", self.id.into()), ("name", name.into())];
        self.sure.ask(context, &self.common, "officer-remove-sure", &asked)?;
        let now = context.clock.now();
        let order = KeyOrder::new(&Config::read(&folder)?, 0, now);
        let officer = remove_officer(&folder, self.id, order, now)?;
        remove_card_officer(&folder, self.id, order.local_time, now)?;
        if self.common.json {
            return print_json(&json(&officer));
        }
        say(context, "officer-removed", &officer);
        Ok(())
    }
}

fn say(context: &Context, id: &str, officer: &Officer) {
    let groups: Vec<String> = officer.groups.iter().map(ToString::to_string).collect();
    line(context.say(
        id,
        &[
            ("id", officer.id.into()),
            ("name", officer.name.as_str().into()),
            ("groups", groups.join(", ").into()),
            ("fingerprint", spoken_fingerprint(&officer.key).into()),
        ],
    ));
}

fn json(officer: &Officer) -> serde_json::Value {
    serde_json::json!({
        "id": officer.id,
        "name": officer.name,
        "groups": officer.groups,
        "key": hex::encode(officer.key.as_bytes()),
        "fingerprint": spoken_fingerprint(&officer.key),
    })
}
