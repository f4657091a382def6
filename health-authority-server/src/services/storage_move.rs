//! Moving an authority from SQLite to PostgreSQL.
//!
//! All rows are copied in one transaction of the target, while the source lets nobody else write. Then
//! the configuration names the target. Whatever ends it before that leaves the source as it was and the
//! target without rows: it can be started again.

use serde::Serialize;
use vungxanh_protocol::interval::UnixTime;

use super::backup::{BackupError, lock_alone, put_aside};
use crate::authority::config::Config;
use crate::authority::database::{Database, with_database};
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file::{read_text, replace};
use crate::storage::Store;
use crate::storage::transfer::CopiedTable;

/// What was moved.
#[derive(Debug, Serialize)]
pub struct Moved {
    pub tables: Vec<CopiedTable>,
    /// The file that the authority had before, under its new name.
    pub put_aside: String,
}

/// Moves the authority of this folder, whose server must not run, to the database at `url`.
pub async fn move_to(folder: &Folder, url: &str, now: UnixTime) -> Result<Moved, BackupError> {
    folder.refuse_other_owner()?;
    let _alone = lock_alone(folder)?;
    let config = Config::read(folder)?;
    let Database::File(file) = Database::of(folder, &config)? else {
        return Err(FileError::Refused(Text::ours("error-move-from-server")).into());
    };
    // Read and checked before anything is copied.
    let path = folder.config();
    let text = read_text(&path).map_err(FileError::io(&path))?;
    let text = with_database(&text, url).ok_or_else(|| FileError::Content {
        path: path.clone(),
        reason: Text::ours("error-move-config"),
    })?;
    let target = Config::parse(folder, &text)?;
    let target @ Database::Server(_) = Database::of(folder, &target)? else {
        return Err(FileError::Refused(Text::ours("error-database-url")).into());
    };
    let (from, to) = (Store::open(&file).await?, Store::connect(&target).await?);
    let copied = from.copy_all_to(&to).await;
    to.close().await;
    from.close().await;
    let tables = copied?;
    replace(&path, text.as_bytes(), 0o600).map_err(FileError::io(&path))?;
    let put_aside = put_aside(&file, now)?.display().to_string();
    Ok(Moved { tables, put_aside })
}
