//! The server's key of each local day for what doors send, as files `doors/<day>.key`, hex. Made when
//! a day's first records come, never part of a backup, destroyed with the day.

use std::io::ErrorKind;
use std::path::PathBuf;

use vungxanh_protocol::seal::SealKey;
use vungxanh_protocol::secret::SecretBytes;

use super::error::FileError;
use super::folder::Folder;
use super::intake::{read_secret, secret_line};
use crate::platform::atomic_file::{make_private_folder, sync_folder, write_first_secret};

fn path_of(folder: &Folder) -> PathBuf {
    folder.path().join("doors")
}

fn file_of(folder: &Folder, day: u16) -> PathBuf {
    path_of(folder).join(format!("{day}.key"))
}

/// The day's key; none when it was destroyed or never made.
pub fn read_door_key(folder: &Folder, day: u16) -> Result<Option<SealKey>, FileError> {
    read_secret(&file_of(folder, day))
}

/// The day's key, which is made when there is none.
pub fn door_key(
    folder: &Folder,
    day: u16,
    rng: &mut impl rand::CryptoRng,
) -> Result<SealKey, FileError> {
    if let Some(key) = read_door_key(folder, day)? {
        return Ok(key);
    }
    let (parent, path) = (path_of(folder), file_of(folder, day));
    make_private_folder(&parent).map_err(FileError::io(&parent))?;
    let key: SealKey = SecretBytes::generate(rng);
    let first = write_first_secret(&path, secret_line(key.expose()).as_bytes());
    if first.map_err(FileError::io(&path))? {
        return Ok(key);
    }
    // Another server's, made at the same moment.
    let gone = || FileError::io(&path)(ErrorKind::NotFound.into());
    read_door_key(folder, day)?.ok_or_else(gone)
}

/// Destroys the keys of days before `oldest_day`. Says how many went.
pub fn destroy_door_keys(folder: &Folder, oldest_day: u16) -> Result<usize, FileError> {
    let parent = path_of(folder);
    let entries = match std::fs::read_dir(&parent) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(FileError::io(&parent))?,
    };
    let mut destroyed = 0;
    for entry in entries {
        let path = entry.map_err(FileError::io(&parent))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let day = name.and_then(|name| name.strip_suffix(".key")?.parse::<u16>().ok());
        if day.is_some_and(|day| day < oldest_day) {
            match std::fs::remove_file(&path) {
                // Another server was quicker.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => {
                    removed.map_err(FileError::io(&path))?;
                    destroyed += 1;
                }
            }
        }
    }
    if destroyed > 0 {
        sync_folder(&parent).map_err(FileError::io(&parent))?;
    }
    Ok(destroyed)
}
