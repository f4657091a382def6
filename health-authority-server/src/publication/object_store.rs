//! Where export files are: a folder, which this server or any other serves as it is.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::platform::atomic_file::{replace, sync_folder};

/// Everyone may read published files.
const PUBLIC_MODE: u32 = 0o644;
const LOCK: &str = ".lock";

/// A folder of published files. Names are relative, with `/`.
#[derive(Debug, Clone)]
pub struct ObjectStore(PathBuf);

/// Held while files are completed, so that two processes do not write an older index over a newer.
#[derive(Debug)]
pub struct StoreLock(#[allow(dead_code, reason = "unlocked when dropped")] File);

impl ObjectStore {
    /// The store in `folder`, which is made when missing.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// Waits for other processes that write here.
    pub fn lock(&self) -> io::Result<StoreLock> {
        let file = File::create(self.0.join(LOCK))?;
        file.lock()?;
        Ok(StoreLock(file))
    }

    /// Writes a file that never changes again. One that is there already stays as it is: someone
    /// may have fetched it.
    pub fn put_immutable(&self, name: &str, content: &[u8]) -> io::Result<()> {
        if self.0.join(name).try_exists()? {
            return Ok(());
        }
        self.put(name, content)
    }

    /// Writes or replaces a file; readers see the old or the new one.
    pub fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.0.join(name);
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        if !folder.try_exists()? {
            fs::create_dir_all(folder)?;
            sync_folder(&self.0)?;
        }
        replace(&path, content, PUBLIC_MODE)
    }

    /// Deletes a file; one that is gone is fine.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A file's content, or `None` when there is none or its name is not one that we give.
    pub fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_public_name(name) {
            return Ok(None);
        }
        match fs::read(self.0.join(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// `REGION/FILE` of plain characters, neither starting with a dot.
fn is_public_name(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part.len() <= 128
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    name.split_once('/').is_some_and(|(region, file)| plain(region) && plain(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn immutable_files_stay_and_names_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "x").unwrap();
        let store = ObjectStore::open(&folder.path().join("exports")).unwrap();
        store.put_immutable("VN/1.zip", b"first").unwrap();
        store.put_immutable("VN/1.zip", b"second").unwrap();
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
