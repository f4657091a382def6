//! Where an open visit lives, and which pass is shown: a folder in memory that a restart of the daemon outlasts and a reboot
//! does not, or the daemon's own memory.

use std::path::{Path, PathBuf};

use rustix::fs::statfs;
use sha2::{Digest, Sha256};

use crate::platform::atomic_file;
use crate::platform::profile::Profile;
use crate::store::StoreError;

/// `TMPFS_MAGIC` and `RAMFS_MAGIC` (linux/magic.h): file systems in memory.
const IN_MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];
/// Far above an open visit and the sealed ones of some hours, and what says which passes were shown.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Where the open visit is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// In a folder of its own. That it is in memory is the caller's to see to.
    Folder(PathBuf),
    /// Only in the daemon's memory: a restart of the daemon loses it.
    Memory,
}

impl Runtime {
    /// A folder for this profile in `XDG_RUNTIME_DIR`, if that is in memory.
    pub fn of_environment(profile: &Profile) -> Self {
        let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let Some(base) = base.filter(|base| base.is_absolute() && is_in_memory(base)) else {
            return Self::Memory;
        };
        let name = Sha256::digest(profile.root().as_os_str().as_encoded_bytes());
        Self::Folder(base.join(format!("vungxanh-{}", hex::encode(&name[..8]))))
    }

    /// What an earlier run left in a file; `None` if there is nothing.
    pub(crate) fn read(&self, file: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Folder(folder) => Ok(atomic_file::read(&folder.join(file), MAX_FILE_BYTES)?),
            Self::Memory => Ok(None),
        }
    }

    pub(crate) fn write(&self, file: &str, content: &[u8]) -> Result<(), StoreError> {
        let Self::Folder(folder) = self else { return Ok(()) };
        atomic_file::private_folder(folder)
            .map_err(|error| StoreError::io("make the folder", folder, error))?;
        Ok(atomic_file::replace(&folder.join(file), content)?)
    }
}

fn is_in_memory(folder: &Path) -> bool {
    statfs(folder).is_ok_and(|found| {
        // The field's type differs between machines.
        #[allow(clippy::unnecessary_cast, clippy::cast_lossless)]
        let kind = found.f_type as i64;
        IN_MEMORY.contains(&kind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_on_disk_is_not_in_memory() {
        assert!(is_in_memory(Path::new("/dev/shm")));
        assert!(!is_in_memory(Path::new("/proc")));
        assert!(!is_in_memory(Path::new("/nowhere")));
    }
}
