//! Small files replaced as a whole: after a crash there is either the old or the new content.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// An operation on a file that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}")]
pub struct FileError {
    /// What was tried, as a verb.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    pub(crate) fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }
}

/// Replaces `path` by `content`, readable by the owner only, durable on return: temporary file,
/// fsync, rename, fsync of the folder.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let temporary = path.with_extension("tmp");
    // Left by a crash, or laid there by somebody: it is never written through.
    let _ = fs::remove_file(&temporary);
    let written = write_new(&temporary, content);
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary);
        return Err(FileError::new("write", path, error));
    }
    rename(&temporary, path)
}

/// Renames within a folder, durable on return.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    let renamed = step().and_then(|()| fs::rename(from, to));
    renamed.map_err(|error| FileError::new("replace", to, error))?;
    sync_parent(to)
}

/// Makes a folder for its owner only, with those above it; narrows it where it was wider. What the
/// owner took from themselves stays taken.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let owners = fs::metadata(path)?.permissions().mode() & 0o700;
    fs::set_permissions(path, fs::Permissions::from_mode(owners))
}

/// Reads a file of at most `limit` bytes; `None` where there is none.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    let failed = |error| FileError::new("read", path, error);
    let file = match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let mut content = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, limit), &mut content).map_err(failed)?;
    Ok(Some(content))
}

/// Opens a regular file for reading. Anything else is refused: a named pipe would let the program wait
/// for ever.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    only_regular(OpenOptions::new().read(true).custom_flags(flags).open(path)?)
}

/// Flags for a file of our own that is opened for writing: never through a link, and not waiting for
/// somebody at the other end of a pipe.
pub(crate) const OWN_FILE_FLAGS: i32 =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();

/// The same file if it is a regular one.
pub(crate) fn only_regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
}

/// Makes renames and new files in the folder of `path` durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), FileError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    (step().and_then(|()| File::open(folder)?.sync_all()))
        .map_err(|error| FileError::new("save", folder, error))
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    step()?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    if let Err(error) = step() {
        // A crash in the middle of writing leaves a part.
        file.write_all(&content[..content.len() / 2])?;
        return Err(error);
    }
    file.write_all(content)?;
    step()?;
    file.sync_all()
}

#[cfg(not(test))]
#[inline]
const fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use injected::step;

/// Failures for tests: the n-th step on this thread and all later ones fail, as after a crash.
#[cfg(test)]
pub(crate) mod injected {
    use std::cell::Cell;
    use std::io;

    thread_local!(static STEPS_LEFT: Cell<Option<u32>> = const { Cell::new(None) });

    /// Runs `action`; of its steps only the first `steps` succeed. Returns whether it was cut.
    pub(crate) fn crash_after<T>(steps: u32, action: impl FnOnce() -> T) -> (T, bool) {
        STEPS_LEFT.set(Some(steps));
        let result = action();
        let cut = CRASHED.replace(false);
        STEPS_LEFT.set(None);
        (result, cut)
    }

    thread_local!(static CRASHED: Cell<bool> = const { Cell::new(false) });

    pub(super) fn step() -> io::Result<()> {
        match STEPS_LEFT.get() {
            None => Ok(()),
            Some(0) => {
                CRASHED.set(true);
                Err(io::Error::other("injected crash"))
            }
            Some(left) => {
                STEPS_LEFT.set(Some(left - 1));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn nothing_is_written_through_what_somebody_laid_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("file"), folder.path().join("victim"));
        fs::write(&victim, "theirs").unwrap();
        symlink(&victim, path.with_extension("tmp")).unwrap();
        replace(&path, b"ours").unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"theirs");
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        // Where the file itself is a link, the link goes, not what it points to.
        fs::remove_file(&path).unwrap();
        symlink(&victim, &path).unwrap();
        replace(&path, b"ours").unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"theirs");
    }

    #[test]
    fn a_named_pipe_is_refused_instead_of_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let (sender, read_it) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(read(&pipe, 10).is_err()));
        assert!(read_it.recv_timeout(Duration::from_secs(60)).unwrap());
        assert!(read(folder.path(), 10).is_err());
        assert!(read(&folder.path().join("none"), 10).unwrap().is_none());
    }
}
