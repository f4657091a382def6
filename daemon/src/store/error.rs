//! What can go wrong with the store, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use vungxanh_protocol::interval::{Interval, UnixTime, UtcDay};

use crate::platform::atomic_file::FileError;
use crate::platform::profile::ProfileError;
use crate::platform::threads::Interrupted;

/// An error of the store. Each message says what happened and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system has no space left.
    #[error(
        "the disk that holds {path} is full: the last record was not saved, older ones are kept; \
         free some space, recording continues by itself"
    )]
    DiskFull {
        /// Where space is missing.
        path: PathBuf,
    },
    /// The profile's folder is not one to use.
    #[error(transparent)]
    Profile(ProfileError),
    /// Another operation on a file failed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        source: io::Error,
    },
    /// Another process uses the profile.
    #[error(
        "the profile {profile} is in use by {}; stop that one, or use another --profile",
        holder(*pid)
    )]
    Locked {
        profile: PathBuf,
        /// The process that holds the lock, where it could be read.
        pid: Option<u32>,
    },
    /// The store was written by a newer version of this program.
    #[error(
        "the store in {profile} has format {found}, this program knows up to {known}: \
         install a newer vungxanh"
    )]
    NewerSchema {
        profile: PathBuf,
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// The file that says the store's format cannot be read.
    #[error("{path} does not hold a format number: restore the file, or move the profile away")]
    UnknownSchema { path: PathBuf },
    /// The wrapping key is gone while day keys exist.
    #[error(
        "the key that protects the stored encounters is missing ({place}): unlock or restore it, \
         or move {keys} away to begin again without the old encounters"
    )]
    WrappingKeyMissing {
        /// Where the wrapping key should be.
        place: String,
        /// The day key file.
        keys: PathBuf,
    },
    /// The day key file and the wrapping key do not belong together, or one is damaged.
    #[error(
        "{keys} cannot be opened: it is damaged or its wrapping key is another; restore both from \
         the same moment, or move the file away to begin again without the old encounters"
    )]
    DayKeysUnreadable {
        /// The day key file.
        keys: PathBuf,
    },
    /// The database reported damage while it was in use.
    #[error(
        "the store in {path} is damaged ({reason}): start the program again, it moves the damaged \
         folder aside and carries the readable part over"
    )]
    Damaged {
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
    /// Nothing readable is stored under a name that holds a record.
    #[error("the stored record {name:?} cannot be read: {reason}")]
    Unreadable { name: String, reason: String },
    /// A scan instance was given for another interval than the one in which it lies.
    #[error("a scan at {time} does not lie in interval {}", interval.number())]
    WrongInterval {
        /// The interval to record.
        interval: Interval,
        time: UnixTime,
    },
    /// More days with records than can be stored.
    #[error(
        "records of {0} different days are stored, more than can be kept: \
         check the clock, then run `vungxanh forget` for the days that are wrong"
    )]
    TooManyDays(usize),
    /// A record is larger than the store accepts.
    #[error("the record {name:?} has {bytes} bytes, more than {limit}")]
    TooLarge { name: String, bytes: usize, limit: usize },
    /// A record that a caller wants to import does not have its form.
    #[error("an imported record is malformed: {0}")]
    Malformed(&'static str),
    /// The operation was cut off by the end of the program or by a defect in it.
    #[error("the operation on the store did not finish: {0}")]
    Interrupted(String),
    /// A record of a day that was forgotten or has expired.
    #[error("records of day {} are no longer kept", .0.number())]
    Expired(UtcDay),
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

impl StoreError {
    /// Makes the right error of a failed file operation: a full disk has its own kind.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        if is_disk_full(&source) {
            Self::DiskFull { path: path.to_owned() }
        } else {
            Self::Io { action, path: path.to_owned(), source }
        }
    }

    /// Whether freeing disk space is what helps.
    pub const fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull { .. })
    }
}

impl From<Interrupted> for StoreError {
    fn from(interrupted: Interrupted) -> Self {
        Self::Interrupted(interrupted.to_string())
    }
}

impl From<ProfileError> for StoreError {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::File(error) => error.into(),
            error => Self::Profile(error),
        }
    }
}

impl From<FileError> for StoreError {
    fn from(FileError { action, path, source }: FileError) -> Self {
        Self::io(action, &path, source)
    }
}

/// Whether an I/O error means that no more can be written: no space, quota or size limit.
pub(crate) fn is_disk_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
