//! `backup` and `restore`.

use std::path::PathBuf;

use clap::Args;
use fluent_bundle::FluentValue;

use super::failure::Failure;
use super::{Common, Context, bad_option, line, print_json, time_text};
use crate::authority::config::Config;
use crate::authority::database::Database;
use crate::authority::database_url;
use crate::authority::folder::Folder;
use crate::services::backup::{Manifest, Restoring, back_up, restore};
use crate::storage::Store;

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    common: Common,
    /// help-backup-to
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    common: Common,
    /// help-restore-from
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// help-restore-replace
    #[arg(long)]
    replace_database: bool,
    /// help-restore-database
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl Backup {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let config = Config::read(&folder)?;
        let store = Store::connect(&Database::of(&folder, &config)?).await?;
        let made = back_up(&folder, &config, &store, &self.to, context.clock.now()).await;
        store.close().await;
        let made = made?;
        if self.common.json {
            return print_json(&made);
        }
        let folder = self.to.display().to_string();
        line(context.say("backup-done", &[("folder", folder.into()), ("files", count(&made))]));
        line(context.say("backup-keep", &[]));
        Ok(())
    }
}

impl Restore {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let folder = Folder::new(&self.common.dir);
        let now = context.clock.now();
        if let Some(database) = &self.database {
            database_url::check(database).map_err(|reason| bad_option("--database", reason))?;
        }
        let how = Restoring { replace_database: self.replace_database, database: self.database };
        let restored = restore(&folder, &self.from, &how, now).await?;
        if self.common.json {
            return print_json(&restored);
        }
        let time = ("time", FluentValue::from(time_text(restored.made_at, &self.common.zone()?)));
        line(context.say("restore-done", std::slice::from_ref(&time)));
        line(context.say("restore-lost", &[time]));
        Ok(())
    }
}

fn count(manifest: &Manifest) -> FluentValue<'static> {
    manifest.files.len().into()
}
