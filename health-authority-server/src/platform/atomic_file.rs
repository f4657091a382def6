//! How files are read and written: regular ones only, private ones, and ones that are replaced whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::RngExt;
use rustix::fs::OFlags;

/// The largest file of the authority's folder that is read whole, in bytes. Published files are larger.
const MAX_SMALL_FILE_BYTES: u64 = 32 << 20;

/// A temporary file that was not changed for so long has no writer any more.
const LEFT_OVER_AFTER: Duration = Duration::from_hours(1);

/// Opens a regular file for reading. Anything else is refused: a named pipe would let the program wait
/// for ever.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
}

/// Flags for a file of our own that is opened for writing: never through a link, and not waiting for
/// somebody at the other end of a pipe.
pub const OWN_FILE_FLAGS: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();

/// The content of a regular file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open_regular(path)?.read_to_end(&mut content)?;
    Ok(content)
}

/// The content of a small regular file of text.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open_regular(path)?.take(MAX_SMALL_FILE_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// Who owns the folder, if somebody else than who runs this program. Also root does not work in the
/// folder of another user, who could lay links in the way.
pub fn other_owner(folder: &Path) -> io::Result<Option<u32>> {
    let owner = fs::metadata(folder)?.uid();
    Ok((owner != rustix::process::geteuid().as_raw()).then_some(owner))
}

/// Makes a folder that only its owner can enter, with its parents.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a new file that only its owner can read; fails when it exists.
pub fn write_new_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Replaces `path` so that every reader sees the old or the new content, and so that the new one
/// is there after a power cut: temporary file, sync, rename, sync of the folder.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let (folder, temporary) = beside(path)?;
    remove_leftovers(folder);
    let write = || {
        let mut options = OpenOptions::new();
        // With `create_new`, the system follows no link (O_EXCL).
        let mut file = options.write(true).create_new(true).mode(mode).open(&temporary)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_folder(folder)
    };
    write().inspect_err(|_| {
        // The first error is the one to report; a temporary file may stay behind on a full disk.
        let _ = fs::remove_file(&temporary);
    })
}

/// Writes a new file that only its owner can read, whole from the first moment: of several processes that
/// do so at once one succeeds, the others find what it wrote. Says whether it was this one.
pub fn write_first_secret(path: &Path, content: &[u8]) -> io::Result<bool> {
    let (folder, temporary) = beside(path)?;
    let write = || {
        write_new_secret(&temporary, content)?;
        match fs::hard_link(&temporary, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            linked => linked?,
        }
        sync_folder(folder)?;
        Ok(true)
    };
    let written = write();
    let _ = fs::remove_file(&temporary);
    written
}

/// The folder of a file, and a name in it that no other process of this or another machine uses.
fn beside(path: &Path) -> io::Result<(&Path, PathBuf)> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let number: u64 = rand::rng().random();
    Ok((folder, folder.join(format!(".{}.tmp{number:016x}", name.display()))))
}

/// Deletes temporary files of writers that were killed long ago. One that cannot be deleted does no harm.
fn remove_leftovers(folder: &Path) {
    let is_temporary = |name: &str| {
        let ending = name.strip_prefix('.').and_then(|name| name.rsplit_once(".tmp"));
        ending.is_some_and(|(_, number)| {
            number.len() == 16 && number.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
    };
    let is_old = |entry: &fs::DirEntry| {
        let changed = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > LEFT_OVER_AFTER)
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_temporary) && is_old(&entry) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes renames and removals in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::SystemTime;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn nothing_is_written_through_what_somebody_laid_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("file"), folder.path().join("victim"));
        fs::write(&victim, "theirs").unwrap();
        symlink(&victim, &path).unwrap();
        replace(&path, b"ours", 0o644).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"theirs");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
    }

    #[test]
    fn of_many_who_write_a_secret_first_one_does_and_all_find_it_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.key");
        let write = |number: u8| {
            let path = path.clone();
            std::thread::spawn(move || {
                let content = vec![number; 4_096];
                let first = write_first_secret(&path, &content).unwrap();
                (first.then_some(content), fs::read(&path).unwrap())
            })
        };
        let writers: Vec<_> = (0..16).map(write).collect();
        let done: Vec<_> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        let first: Vec<_> = done.iter().filter_map(|(first, _)| first.as_ref()).collect();
        assert_eq!(first.len(), 1);
        assert!(done.iter().all(|(_, found)| found == first[0]));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn what_a_killed_writer_left_goes_after_an_hour() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - Duration::from_hours(2);
        let names = [".a.tmp0123456789abcdef", ".b.tmp0123456789abcdef", ".a.tmp1", "a.tmp"];
        for name in names {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        for name in [names[0], names[2], names[3]] {
            let path = folder.path().join(name);
            File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
        }
        replace(&folder.path().join("c"), b"x", 0o600).unwrap();
        let there = |name: &&str| folder.path().join(name).exists();
        assert_eq!(names.iter().map(there).collect::<Vec<_>>(), [false, true, true, true]);
    }

    #[test]
    fn a_named_pipe_is_refused_instead_of_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let (sender, refused) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(read_text(&pipe).is_err() && read(&pipe).is_err()));
        assert!(refused.recv_timeout(Duration::from_secs(60)).unwrap());
        assert!(read(folder.path()).is_err());
    }
}
