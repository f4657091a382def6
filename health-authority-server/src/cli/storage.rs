//! `storage`.

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::{Common, Context, line, print_json};
use crate::authority::database_url;
use crate::authority::folder::Folder;
use crate::services::storage_move::{Moved, move_to};

#[derive(Debug, Subcommand)]
pub(super) enum StorageCommand {
    /// help-storage-move
    Move(Move),
}

#[derive(Debug, Args)]
pub(super) struct Move {
    #[command(flatten)]
    common: Common,
    /// help-storage-move-to
    #[arg(long, value_name = "URL")]
    to: String,
}

impl StorageCommand {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Move(this) => this.handle(context).await,
        }
    }
}

impl Move {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        database_url::check(&self.to).map_err(|reason| super::bad_option("--to", reason))?;
        let folder = Folder::new(&self.common.dir);
        let moved = move_to(&folder, &self.to, context.clock.now()).await?;
        if self.common.json {
            return print_json(&moved);
        }
        show(context, &moved, &self.to);
        Ok(())
    }
}

fn show(context: &Context, moved: &Moved, to: &str) {
    for copied in &moved.tables {
        let table = ("table", copied.table.as_str().into());
        let digest = ("digest", copied.digest.get(..16).unwrap_or_default().into());
        line(context.say("storage-moved-table", &[table, ("rows", copied.rows.into()), digest]));
    }
    let rows: u64 = moved.tables.iter().map(|copied| copied.rows).sum();
    let tables = ("tables", moved.tables.len().into());
    line(context.say("storage-moved", &[tables, ("rows", rows.into()), ("to", to.into())]));
    let file = moved.put_aside.as_str().into();
    line(context.say("storage-moved-file", &[("file", file)]));
}
