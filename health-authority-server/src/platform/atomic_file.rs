//! How files are read and written: regular ones only, private ones, and ones that are replaced whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// The largest file of the authority's folder that is read whole, in bytes. Published files are larger.
const MAX_SMALL_FILE_BYTES: u64 = 32 << 20;

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
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let temporary = folder.join(format!(".{}.tmp{}", name.display(), std::process::id()));
    // Left by a crash, or laid there by somebody: it is never written through.
    let _ = fs::remove_file(&temporary);
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

/// Makes renames and removals in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
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
        let temporary = folder.path().join(format!(".file.tmp{}", std::process::id()));
        symlink(&victim, &temporary).unwrap();
        replace(&path, b"ours", 0o600).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"theirs");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        fs::remove_file(&path).unwrap();
        symlink(&victim, &path).unwrap();
        replace(&path, b"ours", 0o644).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"theirs");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
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
