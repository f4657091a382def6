//! Backups of an authority's folder, and what becomes of a folder that is restored from one.
//!
//! A backup is a folder: a copy of the database, in SQLite's form also if it is PostgreSQL, that was
//! consistent at one moment, also while the server runs, configuration, document and keys without the root key, the published files, and a list
//! of all of them with their hashes, written last.
//!
//! Restoring loses what happened since. It must take nothing back that devices have seen: published
//! files stay, of two documents the newer one, and new batches begin at the moment of restoring, so that
//! no name is given twice. Codes, tokens and sessions end: some may have been used since.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vungxanh_protocol::interval::UnixTime;

use super::published_files;
use crate::authority::config::Config;
use crate::authority::database::{Database, PASSWORD, with_database};
use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::intake;
use crate::domain::audit_chain::Head;
use crate::i18n::Text;
use crate::platform::atomic_file::{
    OWN_FILE_FLAGS, make_private_folder, open_regular, read, read_text, replace, sync_folder,
};
use crate::storage::{Store, StoreError};

const MANIFEST: &str = "backup.json";
const FORMAT: u32 = 1;
/// The longest list of a backup's files, in bytes: room for 200,000 of them.
pub(crate) const MAX_MANIFEST_BYTES: u64 = 32 << 20;
/// Keys that are not in backups: the root key is stored offline, and who restores a backup elsewhere is
/// not to write into the database that is in use.
const LEFT_OUT: [&str; 2] = ["root.key", PASSWORD];
const DATABASE: &str = "server.db";
/// A backup's database while it is copied into a server's.
const RESTORING: &str = ".restoring.db";

/// Why a backup could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    pub authority: String,
    pub made_at: UnixTime,
    /// The newest entry of the audit log, which the log is to continue for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<Head>,
    /// SHA-256 of each file, lower-case hex.
    pub files: BTreeMap<String, String>,
}

/// Copies everything to the folder `to`, which must be empty or missing. The server may run.
pub async fn back_up(
    folder: &Folder,
    config: &Config,
    store: &Store,
    to: &Path,
    now: UnixTime,
) -> Result<Manifest, BackupError> {
    refuse_occupied(to)?;
    make_private_folder(to).map_err(FileError::io(to))?;
    let database = to.join(DATABASE);
    // What is logged meanwhile comes after it, in the copy too.
    let audit_head = store.audit_head().await?;
    store.copy_to(&database).await?;
    let mut files = BTreeMap::new();
    files.insert(DATABASE.to_owned(), hash_of(&database)?);
    let mut add = |from: &Path, name: String| -> Result<(), FileError> {
        let hash = copy(from, &to.join(&name))?;
        files.insert(name, hash);
        Ok(())
    };
    for path in [folder.config(), folder.profile(), folder.document()] {
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            add(&path, name.to_owned())?;
        }
    }
    for name in
        names_in(&folder.keys())?.into_iter().filter(|name| !LEFT_OUT.contains(&name.as_str()))
    {
        add(&folder.keys().join(&name), format!("keys/{name}"))?;
    }
    // Without the keys of days: what is sealed to them is to end with the day, in backups too.
    for path in intake::kept_in_backups(folder) {
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            add(&path, format!("declarations/{name}"))?;
        }
    }
    let stores = published_files::open(folder, config)?;
    files.extend(published_files::back_up(&stores, to).await?);
    let authority = config.authority.id.clone();
    let manifest = Manifest { format: FORMAT, authority, made_at: now, audit_head, files };
    let path = to.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| content(&path, error))?;
    replace(&path, &text, 0o600).map_err(FileError::io(&path))?;
    Ok(manifest)
}

/// How a folder is restored.
#[derive(Debug, Clone, Default)]
pub struct Restoring {
    /// The folder may be one of the same authority: its database is replaced, whatever else is there stays.
    pub replace_database: bool,
    /// Into this database, as the configuration names it, instead of the one that the configuration names.
    pub database: Option<String>,
}

/// Restores the folder from the backup `from`. A SQLite database that is there is put aside; one of
/// PostgreSQL must be empty.
pub async fn restore(
    folder: &Folder,
    from: &Path,
    how: &Restoring,
    now: UnixTime,
) -> Result<Manifest, BackupError> {
    let manifest = read_manifest(from)?;
    let is_there = !is_empty(folder.path())?;
    if is_there && !how.replace_database {
        return Err(FileError::Exists(folder.path().to_owned()).into());
    }
    // Before anything is done.
    let (config, text) = config_to_be(folder, from, how.database.as_deref())?;
    if config.authority.id != manifest.authority {
        let reason = Text::ours("error-backup-other").with("id", &manifest.authority);
        return Err(FileError::Content { path: folder.config(), reason }.into());
    }
    let database = Database::of(folder, &config)?;
    let server = match &database {
        Database::File(_) => None,
        Database::Server(_) => Some(open_empty(&database).await?),
    };
    make_private_folder(folder.path()).map_err(FileError::io(folder.path()))?;
    folder.refuse_other_owner()?;
    let _alone = lock_alone(folder)?;
    restore_files(folder, from, &manifest)?;
    let stores = published_files::open(folder, &config)?;
    published_files::restore(&stores, from, manifest.files.keys()).await?;
    if how.database.is_some() {
        replace(&folder.config(), text.as_bytes(), 0o600)
            .map_err(FileError::io(folder.config()))?;
    }
    let store = match (database, server) {
        (Database::File(path), _) => {
            put_aside(&path, now)?;
            copy_missing(&from.join(DATABASE), &path, 0o600)?;
            Store::open(&path).await?
        }
        (Database::Server(_), Some(server)) => {
            fill(folder, &from.join(DATABASE), &server).await?;
            server
        }
        (Database::Server(_), None) => return Ok(manifest),
    };
    store.begin_anew(&config.authority.region, now).await?;
    store.close().await;
    Ok(manifest)
}

/// The configuration of the folder once it is restored, and its text.
fn config_to_be(
    folder: &Folder,
    from: &Path,
    database: Option<&str>,
) -> Result<(Config, String), FileError> {
    let (here, backup) = (folder.config(), Folder::new(from).config());
    let path = if here.try_exists().map_err(FileError::io(&here))? { here } else { backup };
    let mut text = read_text(&path).map_err(FileError::io(&path))?;
    if let Some(database) = database {
        text = with_database(&text, database)
            .ok_or_else(|| FileError::Content { path, reason: Text::ours("error-move-config") })?;
    }
    Ok((Config::parse(folder, &text)?, text))
}

async fn open_empty(database: &Database) -> Result<Store, BackupError> {
    let store = Store::connect(database).await?;
    if store.is_empty().await? {
        return Ok(store);
    }
    store.close().await;
    Err(FileError::Refused(Text::ours("error-restore-not-empty")).into())
}

/// Puts the rows of a backup into an empty database. The backup may be of an older program; it stays
/// as it is.
async fn fill(folder: &Folder, backup: &Path, store: &Store) -> Result<(), BackupError> {
    let copy = folder.path().join(RESTORING);
    let remove = || -> Result<(), FileError> {
        for ending in ["", "-wal", "-shm"] {
            let path = folder.path().join(format!("{RESTORING}{ending}"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(FileError::io(path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    };
    remove()?;
    copy_missing(backup, &copy, 0o600)?;
    let source = Store::open(&copy).await?;
    let copied = source.copy_all_to(store).await;
    source.close().await;
    remove()?;
    copied?;
    Ok(())
}

/// Everything of a backup but the database and what was published.
fn restore_files(folder: &Folder, from: &Path, manifest: &Manifest) -> Result<(), FileError> {
    for name in manifest.files.keys().filter(|name| !name.contains('/') && *name != DATABASE) {
        take_over(from, folder, name)?;
    }
    make_private_folder(&folder.keys()).map_err(FileError::io(folder.keys()))?;
    for name in manifest.files.keys() {
        if name.starts_with("declarations/") {
            let to = folder.path().join(name);
            to.parent().map_or(Ok(()), make_private_folder).map_err(FileError::io(&to))?;
            copy_missing(&from.join(name), &to, 0o644)?;
        }
        if name.starts_with("keys/") {
            copy_missing(&from.join(name), &folder.path().join(name), 0o600)?;
        }
    }
    Ok(())
}

/// A lock that a server holds together with others, and restoring alone.
const LOCK: &str = ".in-use";

/// Held while a server works on the folder.
pub fn lock_shared(folder: &Folder) -> Result<File, FileError> {
    let (file, path) = open_lock(folder)?;
    file.try_lock_shared().map_err(|error| FileError::Io { path, source: error.into() })?;
    Ok(file)
}

pub(super) fn lock_alone(folder: &Folder) -> Result<File, FileError> {
    let (file, path) = open_lock(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            let path = folder.path().to_owned();
            Err(FileError::Content { path, reason: Text::ours("error-restore-in-use") })
        }
        Err(fs::TryLockError::Error(source)) => Err(FileError::Io { path, source }),
    }
}

fn open_lock(folder: &Folder) -> Result<(File, PathBuf), FileError> {
    let path = folder.path().join(LOCK);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600).custom_flags(OWN_FILE_FLAGS);
    let file = options.open(&path).map_err(FileError::io(&path))?;
    Ok((file, path))
}

/// The list of a backup's files, every file of which is there and whole.
fn read_manifest(from: &Path) -> Result<Manifest, FileError> {
    let path = from.join(MANIFEST);
    let file = open_regular(&path).map_err(FileError::io(&path))?;
    let mut text = Vec::new();
    file.take(MAX_MANIFEST_BYTES + 1).read_to_end(&mut text).map_err(FileError::io(&path))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| content(&path, error))?;
    if manifest.format != FORMAT {
        return Err(content(&path, format!("format {}", manifest.format)));
    }
    for (name, hash) in &manifest.files {
        let file = from.join(name);
        let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || hash_of(&file)? != *hash {
            return Err(FileError::Content {
                path: file,
                reason: Text::ours("error-backup-damaged"),
            });
        }
    }
    Ok(manifest)
}

/// A file at the folder's top: what is there stays, but a document that is older than the backup's.
fn take_over(from: &Path, folder: &Folder, name: &str) -> Result<(), FileError> {
    let (backup, here) = (from.join(name), folder.path().join(name));
    let is_document = here == folder.document();
    if is_document && here.exists() {
        let serial = |folder: &Folder| document::read(folder).map(|read| read.document.serial);
        // What is damaged here is replaced.
        let newer = match (serial(folder), serial(&Folder::new(from))) {
            (Ok(here), Ok(there)) => there > here,
            _ => true,
        };
        if newer {
            let bytes = read(&backup).map_err(FileError::io(&backup))?;
            return replace(&here, &bytes, 0o644).map_err(FileError::io(&here));
        }
    }
    copy_missing(&backup, &here, if is_document { 0o644 } else { 0o600 })
}

fn copy_missing(from: &Path, to: &Path, mode: u32) -> Result<(), FileError> {
    if to.try_exists().map_err(FileError::io(to))? {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(FileError::io(folder))?;
    }
    let bytes = read(from).map_err(FileError::io(from))?;
    replace(to, &bytes, mode).map_err(FileError::io(to))
}

/// The database with what SQLite keeps beside it, under other names; the first of them.
pub(super) fn put_aside(database: &Path, now: UnixTime) -> Result<PathBuf, FileError> {
    let beside = |middle: &str, ending: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(middle);
        name.push(ending);
        PathBuf::from(name)
    };
    let aside = format!(".before-{now}");
    for ending in ["", "-wal", "-shm"] {
        let (old, new) = (beside("", ending), beside(&aside, ending));
        match fs::rename(&old, &new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(FileError::io(old)(error));
            }
            _ => {}
        }
    }
    Ok(beside(&aside, ""))
}

fn names_in(folder: &Path) -> Result<Vec<String>, FileError> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
        Err(error) => return Err(FileError::io(folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(FileError::io(folder))?;
        names.extend(entry.file_name().into_string().ok().filter(|name| !name.starts_with('.')));
    }
    Ok(names)
}

fn is_empty(folder: &Path) -> Result<bool, FileError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(FileError::io(folder)(error)),
    }
}

fn refuse_occupied(folder: &Path) -> Result<(), FileError> {
    if is_empty(folder)? { Ok(()) } else { Err(FileError::Exists(folder.to_owned())) }
}

/// Copies a file and says its hash.
fn copy(from: &Path, to: &Path) -> Result<String, FileError> {
    if let Some(folder) = to.parent() {
        make_private_folder(folder).map_err(FileError::io(folder))?;
    }
    let mut source = open_regular(from).map_err(FileError::io(from))?;
    let mut write = || {
        let mut options = OpenOptions::new();
        let mut target = options.write(true).create_new(true).mode(0o600).open(to)?;
        let hash = each_piece(&mut source, |piece| target.write_all(piece))?;
        target.sync_all()?;
        to.parent().map_or(Ok(()), sync_folder)?;
        Ok(hash)
    };
    write().map_err(FileError::io(to))
}

fn hash_of(path: &Path) -> Result<String, FileError> {
    let mut file = open_regular(path).map_err(FileError::io(path))?;
    each_piece(&mut file, |_| Ok(())).map_err(FileError::io(path))
}

/// Hands over the file in pieces and says the hash of all of it.
fn each_piece(
    file: &mut File,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<String> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 64 * 1_024]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&piece[..read]);
        take(&piece[..read])?;
    }
}

fn content(path: &Path, reason: impl std::fmt::Display) -> FileError {
    FileError::Content { path: path.to_owned(), reason: Text::foreign(reason) }
}
