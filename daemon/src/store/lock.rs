//! One program at a time on a profile.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;

use super::StoreError;
use crate::platform::atomic_file::{OWN_FILE_FLAGS, only_regular};
use crate::platform::profile::Profile;

/// The profile's lock, held until dropped. The system releases it when the process ends, however
/// it ends.
#[derive(Debug)]
pub struct ProfileLock {
    file: File,
}

/// Closing the file would leave the lock to a process that is just being started and still has a
/// copy of it.
impl Drop for ProfileLock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl ProfileLock {
    /// Takes the lock, making the profile's folder if it is missing. When another process holds
    /// it: [`StoreError::Locked`] with that one's process number.
    pub fn acquire(profile: &Profile) -> Result<Self, StoreError> {
        profile.create()?;
        let path = profile.lock_file();
        let failed = |error| StoreError::io("lock", &path, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options.custom_flags(OWN_FILE_FLAGS);
        let mut file = options.open(&path).and_then(only_regular).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = Read::take(&mut file, 20).read_to_string(&mut holder);
                let pid = holder.trim().parse().ok();
                return Err(StoreError::Locked { profile: profile.root().to_owned(), pid });
            }
        }
        // Only for the message above: a full disk must not keep the program from starting.
        let _ = file.set_len(0);
        let _ = file.rewind();
        let _ = writeln!(file, "{}", std::process::id());
        Ok(Self { file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path().join("p"));
        let first = ProfileLock::acquire(&profile).unwrap();
        let error = ProfileLock::acquire(&profile).unwrap_err();
        assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. }
            if pid == std::process::id()));
        assert!(error.to_string().contains(&format!("process {}", std::process::id())));
        drop(first);
        ProfileLock::acquire(&profile).unwrap();
    }
}
