//! `config show` and `resign`.

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::{Common, Context, line, print_json, time_text};
use crate::authority::config::Config;
use crate::authority::document::{self, enrolment_line};
use crate::authority::folder::Folder;
use crate::authority::founding::resign;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// help-config-show
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Resign {
    #[command(flatten)]
    common: Common,
}

impl ConfigCommand {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Show(show) => show.handle(context),
        }
    }
}

impl Show {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let config = Config::read(&folder)?;
        let document = document::read(&folder)?.document;
        let fingerprint = document::fingerprint(&document)?;
        let enrolment = enrolment_line(&document, &config.authority.url)?;
        if self.common.json {
            return print_json(&serde_json::json!({
                "config": config,
                "fingerprint": fingerprint,
                "enrolment": enrolment,
                "document": document,
            }));
        }
        line(context.say("config-title", &[("id", config.authority.id.as_str().into())]));
        let row = |id: &str, value: String| {
            line(format!("  {}: {value}", context.say(id, &[])));
        };
        for (language, name) in &config.authority.name {
            let label = context.say("config-name", &[("language", language.as_str().into())]);
            line(format!("  {label}: {name}"));
        }
        row("config-url", config.authority.url);
        row("config-region", config.authority.region);
        row("config-fingerprint", fingerprint);
        row("config-enrolment", enrolment);
        row("config-serial", document.serial.to_string());
        row("config-expires", time_text(document.expires_at, &config.venues.zone()));
        row("config-listen", config.server.listen.to_string());
        row("config-ops-listen", config.server.ops_listen.to_string());
        row("config-period", config.publication.period_seconds.to_string());
        row("config-synthetic", config.publication.synthetic_persons.to_string());
        row("config-rolling", document.tracing.rolling_period.intervals().to_string());
        row("config-retention", document.tracing.retention_days.to_string());
        Ok(())
    }
}

impl Resign {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let document = resign(&folder, context.clock.now())?.document;
        if self.common.json {
            return print_json(&serde_json::json!({
                "serial": document.serial,
                "expires_at": document.expires_at,
            }));
        }
        let expires = time_text(document.expires_at, &self.common.zone()?);
        let serial = ("serial", document.serial.to_string().into());
        line(context.say("resigned", &[serial, ("time", expires.into())]));
        line(context.say("resigned-taken-over", &[]));
        Ok(())
    }
}
