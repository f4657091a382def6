//! Files of a bucket on this machine's disk: each is fetched once, and slow readers wait for the disk
//! and not for the bucket.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::entry::{INDEX, PublishedFile};
use super::folder::FolderStore;
use crate::platform::atomic_file::{make_private_folder, sync_folder};

/// The ending of what is not whole yet; its name starts with a dot, too.
const PART: &str = ".part";
/// What stayed in the cache for so long is not being written, nor about to be listed.
const SETTLED: Duration = Duration::from_secs(600);

#[derive(Debug, Clone)]
pub(super) struct Cache {
    pub(super) files: FolderStore,
    path: PathBuf,
    max_bytes: u64,
}

/// A file that comes in, under another name until it is whole.
pub(super) struct Incoming {
    file: tokio::fs::File,
    part: PathBuf,
    path: PathBuf,
    pub(super) bytes: u64,
}

impl Cache {
    pub(super) fn open(path: PathBuf, max_bytes: u64) -> io::Result<Self> {
        make_private_folder(&path)?;
        let files = FolderStore::open(&path)?;
        let cache = Self { files, path, max_bytes };
        for (path, _, age) in cache.entries(true)? {
            if age > SETTLED {
                fs::remove_file(path)?;
            }
        }
        Ok(cache)
    }

    /// A file of the cache.
    pub(super) async fn find(&self, name: &str) -> io::Result<Option<PublishedFile>> {
        let name = name.to_owned();
        self.files.run(move |files| files.open_published(&name)).await
    }

    /// Room for a file that comes in.
    pub(super) async fn begin(&self, name: &str) -> io::Result<Incoming> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let path = self.path.join(name);
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let file = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let part = format!(".{}.{}.{number}{PART}", file.display(), std::process::id());
        let part = folder.join(part);
        tokio::fs::create_dir_all(folder).await?;
        let file = tokio::fs::File::create(&part).await?;
        Ok(Incoming { file, part, path, bytes: 0 })
    }

    /// Puts what is here anyway into the cache. A full disk does not matter: it is fetched then.
    pub(super) async fn keep(&self, name: &str, content: Vec<u8>) {
        let of = name.to_owned();
        let kept = self.files.run(move |files| files.put(&of, &content)).await;
        if let Err(error) = kept {
            tracing::warn!(%error, "a published file is not kept in the cache");
        }
        self.make_room(name).await;
    }

    /// Removes the oldest files until the rest fit; `newest` stays.
    pub(super) async fn make_room(&self, newest: &str) {
        let (this, stays) = (self.clone(), self.path.join(newest));
        let done = self.files.run(move |_| this.shrink(&stays)).await;
        if let Err(error) = done {
            tracing::warn!(%error, "the cache of published files cannot be kept small");
        }
    }

    fn shrink(&self, stays: &Path) -> io::Result<()> {
        let mut files = self.entries(false)?;
        files.sort_by_key(|(_, _, age)| std::cmp::Reverse(*age));
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (path, bytes, _) in files {
            if total <= self.max_bytes {
                break;
            }
            if path != stays && !path.ends_with(INDEX) {
                remove(&path)?;
                total -= bytes;
            }
        }
        Ok(())
    }

    /// Removes what the list does not name, unless it came only now.
    pub(super) async fn retain(&self, names: &BTreeSet<String>) {
        let (this, names) = (self.clone(), names.clone());
        let done = self.files.run(move |_| {
            for (path, _, age) in this.entries(false)? {
                let name = path.strip_prefix(&this.path).ok().and_then(Path::to_str);
                let named = name.is_some_and(|name| names.contains(name)) || path.ends_with(INDEX);
                if !named && age > SETTLED {
                    remove(&path)?;
                }
            }
            Ok(())
        });
        if let Err(error) = done.await {
            tracing::warn!(%error, "the cache of published files cannot be tidied");
        }
    }

    /// Each file with its size and age: whole ones, or parts.
    fn entries(&self, parts: bool) -> io::Result<Vec<(PathBuf, u64, Duration)>> {
        let mut found = Vec::new();
        for region in fs::read_dir(&self.path)? {
            let region = region?.path();
            if !region.is_dir() {
                continue;
            }
            for entry in fs::read_dir(region)? {
                let entry = entry?;
                let is_part = entry.file_name().to_string_lossy().starts_with('.');
                // Another process may have removed it.
                let Ok(metadata) = entry.metadata() else { continue };
                if metadata.is_file() && is_part == parts {
                    // An age by the system's clock: the file's time is by that one.
                    let age = metadata.modified().ok().and_then(|at| at.elapsed().ok());
                    found.push((entry.path(), metadata.len(), age.unwrap_or_default()));
                }
            }
        }
        Ok(found)
    }
}

impl Incoming {
    pub(super) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.bytes += piece.len() as u64;
        self.file.write_all(piece).await
    }

    /// It is whole: from now on it has its name, also after a power cut.
    pub(super) async fn finish(mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        tokio::fs::rename(&self.part, &self.path).await?;
        let folder = self.path.parent().map(Path::to_owned);
        folder.map_or(Ok(()), |folder| sync_folder(&folder))
    }

    /// It will not be whole.
    pub(super) async fn give_up(self) {
        // What stays is removed when a server starts.
        let _ = tokio::fs::remove_file(&self.part).await;
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
