//! Published files in a folder, which this server or any other serves as it is.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::entry::{PublishedFile, Put, SeenIndex, StoreLock, index_name, is_public_name};
use crate::platform::atomic_file::{open_regular, read, replace, sync_folder};

/// Everyone may read published files.
const PUBLIC_MODE: u32 = 0o644;
const LOCK: &str = ".lock";

/// So many entity tags are remembered; a year's hourly files are fewer.
const MAX_TAGS: usize = 10_000;

/// A folder of published files. Names are relative, with `/`.
#[derive(Debug, Clone)]
pub(super) struct FolderStore {
    folder: PathBuf,
    tags: Arc<Mutex<HashMap<String, (Version, String)>>>,
}

/// What changes when a file is replaced.
type Version = (u64, u64, i64, i64);

impl FolderStore {
    /// The store in `folder`, which is made when missing.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), tags: Arc::default() })
    }

    /// Does blocking work on another thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&this)).await.map_err(io::Error::other)?
    }

    /// Waits for other processes that write here.
    pub(super) fn lock(&self) -> io::Result<StoreLock> {
        // A cache may have been emptied.
        fs::create_dir_all(&self.folder)?;
        let file = File::create(self.folder.join(LOCK))?;
        file.lock()?;
        Ok(StoreLock(file))
    }

    /// Writes a file that never changes again, unless something has its name: someone may have
    /// fetched that.
    pub(super) fn put_new(&self, name: &str, content: &[u8]) -> io::Result<Put> {
        match read(&self.folder.join(name)) {
            Ok(there) if there == content => Ok(Put::SameThere),
            Ok(_) => Ok(Put::OtherThere),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.put(name, content)?;
                Ok(Put::Written)
            }
            Err(error) => Err(error),
        }
    }

    /// The names of a region's files, in no order.
    pub(super) fn names(&self, region: &str) -> io::Result<Vec<String>> {
        let files = names_in(&self.folder.join(region))?;
        let mut names: Vec<_> = files.iter().map(|file| format!("{region}/{file}")).collect();
        names.retain(|name| is_public_name(name));
        Ok(names)
    }

    /// The names of all files of all regions, in no order.
    pub(super) fn all_names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for region in names_in(&self.folder)? {
            if self.folder.join(&region).is_dir() {
                names.extend(self.names(&region)?);
            }
        }
        Ok(names)
    }

    /// A region's list.
    pub(super) fn index(&self, region: &str) -> io::Result<SeenIndex> {
        Ok(SeenIndex { content: self.get(&index_name(region))?, version: None })
    }

    /// Replaces a region's list, unless another one was written since it was seen.
    pub(super) fn replace_index(
        &self,
        region: &str,
        seen: &SeenIndex,
        content: &[u8],
    ) -> io::Result<bool> {
        if self.index(region)?.content != seen.content {
            return Ok(false);
        }
        self.put(&index_name(region), content)?;
        Ok(true)
    }

    /// Writes or replaces a file; readers see the old or the new one.
    pub(super) fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.folder.join(name);
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        if !folder.try_exists()? {
            fs::create_dir_all(folder)?;
            sync_folder(&self.folder)?;
        }
        replace(&path, content, PUBLIC_MODE)
    }

    /// Deletes a file; one that is gone is fine.
    pub(super) fn delete(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A file's content, or `None` when there is none or its name is not one that we give.
    pub(super) fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_public_name(name) {
            return Ok(None);
        }
        match read(&self.folder.join(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A file to give out, or `None` when there is none or its name is not one that we give. Its
    /// content is read once for its tag, and not again while it stays the same file.
    pub(super) fn open_published(&self, name: &str) -> io::Result<Option<PublishedFile>> {
        if !is_public_name(name) {
            return Ok(None);
        }
        let mut file = match open_regular(&self.folder.join(name)) {
            Ok(file) => file,
            // The second one is no regular file.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::InvalidInput
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        let version = version(&metadata);
        let known = self.known_tag(name, version);
        let tag = match known {
            Some(tag) => tag,
            None => self.remember_tag(name, version, entity_tag(&mut file)?),
        };
        Ok(Some(PublishedFile { file, length: metadata.len(), tag }))
    }

    fn known_tag(&self, name: &str, version: Version) -> Option<String> {
        let tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        tags.get(name).filter(|(of, _)| *of == version).map(|(_, tag)| tag.clone())
    }

    fn remember_tag(&self, name: &str, version: Version, tag: String) -> String {
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        if tags.len() >= MAX_TAGS {
            tags.clear();
        }
        tags.insert(name.to_owned(), (version, tag.clone()));
        tag
    }
}

/// What is in a folder; nothing where there is none.
fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string());
    }
    Ok(names)
}

fn version(metadata: &Metadata) -> Version {
    (metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

/// The tag of what the file holds; it is at its beginning afterwards.
fn entity_tag(file: &mut File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 * 1_024];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
    }
    file.rewind()?;
    Ok(format!("\"{}\"", hex::encode(&hash.finalize()[..16])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_the_content_and_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path()).unwrap();
        let tag = || store.open_published("VN/index.txt").unwrap().unwrap().tag;
        store.put("VN/index.txt", b"a").unwrap();
        let first = tag();
        assert_eq!(first, tag());
        store.put("VN/index.txt", b"b").unwrap();
        assert_ne!(first, tag(), "replaced");
        store.put("VN/index.txt", b"a").unwrap();
        assert_eq!(first, tag(), "the same content again");
        // Not read again: what a disk changes behind its back is not noticed.
        let path = folder.path().join("VN/index.txt");
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, b"c").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
        assert_eq!(first, tag());
        fs::create_dir(folder.path().join("VN/folder")).unwrap();
        for name in ["VN/none", "VN/folder", "../VN", ".lock"] {
            assert!(store.open_published(name).unwrap().is_none(), "{name}");
        }
    }

    #[test]
    fn immutable_files_stay_and_names_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "x").unwrap();
        let store = FolderStore::open(&folder.path().join("exports")).unwrap();
        assert_eq!(store.put_new("VN/1.zip", b"first").unwrap(), Put::Written);
        assert_eq!(store.put_new("VN/1.zip", b"second").unwrap(), Put::OtherThere);
        assert_eq!(store.put_new("VN/1.zip", b"first").unwrap(), Put::SameThere);
        assert_eq!(store.get("VN/1.zip").unwrap().unwrap(), b"first");
        store.put("VN/index.txt", b"a").unwrap();
        store.put("VN/index.txt", b"b").unwrap();
        assert_eq!(store.get("VN/index.txt").unwrap().unwrap(), b"b");
        for name in ["../secret", "VN/../../secret", "VN", "VN/", "/VN/1.zip", "VN/.lock", ".lock"]
        {
            assert_eq!(store.get(name).unwrap(), None, "{name}");
        }
        let left = fs::read_dir(folder.path().join("exports/VN")).unwrap().count();
        assert_eq!(left, 2, "no temporary file stays");
        store.delete("VN/1.zip").unwrap();
        store.delete("VN/1.zip").unwrap();
        assert_eq!(store.get("VN/1.zip").unwrap(), None);
    }
}
