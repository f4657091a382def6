//! The stores of exports and of warnings, as the configuration names them, and their part of a backup.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::authority::config::Config;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::place::Place;
use crate::platform::atomic_file::{make_private_folder, read, replace};
use crate::publication::object_store::{ObjectStore, Put, is_index};

/// Where published files stand in a backup, wherever the configuration has them.
const IN_BACKUPS: [&str; 2] = ["exports", "warnings"];

/// Opens the stores of exports and of warnings. A bucket is not asked yet.
pub fn open(folder: &Folder, config: &Config) -> Result<[ObjectStore; 2], FileError> {
    let storage = &config.storage;
    Ok([
        open_one(folder, config, "storage.exports", &storage.exports)?,
        open_one(folder, config, "storage.warnings", &storage.warnings)?,
    ])
}

fn open_one(
    folder: &Folder,
    config: &Config,
    what: &str,
    place: &str,
) -> Result<ObjectStore, FileError> {
    let refused = |reason| FileError::Content { path: folder.config(), reason };
    match Place::parse(what, place).map_err(refused)? {
        Place::Folder(path) => {
            let path = folder.resolve(&path);
            ObjectStore::in_folder(&path).map_err(FileError::io(path))
        }
        Place::Bucket { name, prefix } => open_bucket(folder, config, &name, &prefix),
    }
}

#[cfg(feature = "s3")]
fn open_bucket(
    folder: &Folder,
    config: &Config,
    name: &str,
    prefix: &str,
) -> Result<ObjectStore, FileError> {
    use crate::authority::s3_credentials::Credentials;
    use crate::publication::object_store::Bucket;

    let cache = folder.resolve(&config.s3.cache);
    let bucket = Bucket {
        name,
        prefix,
        settings: &config.s3,
        credentials: &Credentials::read(folder)?,
        region: &config.authority.region,
        cache: cache.clone(),
    };
    ObjectStore::in_bucket(&bucket).map_err(FileError::io(cache))
}

#[cfg(not(feature = "s3"))]
fn open_bucket(folder: &Folder, _: &Config, _: &str, _: &str) -> Result<ObjectStore, FileError> {
    let reason = crate::i18n::Text::ours("error-s3-not-built");
    Err(FileError::Content { path: folder.config(), reason })
}

/// Copies all published files below `to` and says their names there and their hashes.
pub async fn back_up(
    stores: &[ObjectStore; 2],
    to: &Path,
) -> Result<BTreeMap<String, String>, FileError> {
    let mut copied = BTreeMap::new();
    for (kind, store) in IN_BACKUPS.into_iter().zip(stores) {
        let failed = |name: &str| FileError::io(format!("{kind}/{name}"));
        for name in store.all_names().await.map_err(failed(""))? {
            // One that expired since has gone.
            let content = store.get(&name).await.map_err(failed(&name))?;
            let Some(content) = content else { continue };
            let name = format!("{kind}/{name}");
            copied.insert(name.clone(), hex::encode(Sha256::digest(&content)));
            let path = to.join(&name);
            write(path.clone(), content).await.map_err(FileError::io(path))?;
        }
    }
    Ok(copied)
}

async fn write(path: std::path::PathBuf, content: Vec<u8>) -> io::Result<()> {
    let writing = move || {
        path.parent().map_or(Ok(()), make_private_folder)?;
        replace(&path, &content, 0o600)
    };
    tokio::task::spawn_blocking(writing).await.map_err(io::Error::other)?
}

/// Puts those of a backup's files that are published ones back where they are missing. Lists are not:
/// they are written again from what is there.
pub async fn restore(
    stores: &[ObjectStore; 2],
    from: &Path,
    names: impl Iterator<Item = &String>,
) -> Result<(), FileError> {
    for name in names {
        for (kind, store) in IN_BACKUPS.iter().zip(stores) {
            let published = name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
            let Some(published) = published.filter(|name| !is_index(name)) else { continue };
            let path = from.join(name);
            let content = read(&path).map_err(FileError::io(&path))?;
            let put = store.put_new(published, content).await;
            if put.map_err(FileError::io(name))? == Put::OtherThere {
                tracing::warn!(name, "other bytes are published under this name; they stay");
            }
        }
    }
    Ok(())
}
