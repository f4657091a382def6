//! Who may open declarations, and the keys of declarations and passes, as files of `declarations/`:
//!
//! | file | content |
//! |---|---|
//! | `officers.signed`, `intake-keys.signed`, `pass-keys.signed`, `phone-keys.signed` | what is published, signed by the root key |
//! | `lock` | nothing: who changes a file holds it |
//! | `last-officer` | the highest id that was given to an officer |
//! | `<day>.halves` | private halves of the day's intake keys, each sealed to an officer, all of them once more under the day's server key |
//! | `<day>.key` | the day's server key, hex. Never part of a backup, destroyed with the day |
//! | `pass-<day>-<kind>-<id>.key` | what issues passes of that day, hex. Never part of a backup, destroyed when the day is over |
//! | `phone-<day>-<id>.key` | what issues tokens, proves and hashes numbers of that day, hex. Never part of a backup, destroyed when the day is over |
//! | `card-keys.signed`, `last-card-key` | the published keys of cards; the highest id that was given to one |
//! | `card-<first day>-<id>.halves`, `.key` | the private half of a quarter's cards, sealed to officers, once more under a server key. The key is never part of a backup; both are destroyed when nobody is warned of these cards any more |
//! | `card-<first day>-<id>.secret` | what makes cards in that quarter, hex. Never part of a backup, destroyed when the quarter is over |
//!
//! All are made where the root key is, for days ahead. Nothing here opens a declaration: that takes
//! an officer's own key, which is not here.

mod cards;
mod granting;
mod halves;
mod making;
mod officers;
mod phones;
mod published;
mod removal;

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use vungxanh_protocol::pass::KeyName;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

pub use cards::{
    MAX_CARD_QUARTERS, MadeCardKeys, card_issuer, destroy_card_quarter, destroy_cards_before,
    make_card_keys, read_card_halves, read_card_keys, remove_card_officer,
};
pub use granting::{GivenHalf, give_halves};
pub use halves::{StoredHalf, read_halves};
pub use making::{KeyOrder, MadeKeys, make_keys};
pub use officers::{add_officer, read_roster};
pub use phones::{DaySecrets, phone_secrets};
pub use published::{Published, SignedFile, changed_at, pass_issuer, signed_file};
pub use removal::remove_officer;

use super::error::FileError;
use super::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file::{make_private_folder, sync_folder};

/// The folder of these files.
#[derive(Debug, Clone)]
struct IntakeFolder(PathBuf);

impl IntakeFolder {
    fn of(folder: &Folder) -> Self {
        Self(folder.path().join("declarations"))
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn officers(&self) -> PathBuf {
        self.0.join("officers.signed")
    }

    fn intake_keys(&self) -> PathBuf {
        self.0.join("intake-keys.signed")
    }

    fn last_officer(&self) -> PathBuf {
        self.0.join("last-officer")
    }

    fn pass_keys(&self) -> PathBuf {
        self.0.join("pass-keys.signed")
    }

    fn card_keys(&self) -> PathBuf {
        self.0.join("card-keys.signed")
    }

    fn last_card_key(&self) -> PathBuf {
        self.0.join("last-card-key")
    }

    /// Waits until no other process changes these files; they are free again when the value is dropped.
    fn lock(&self) -> Result<std::fs::File, FileError> {
        make_private_folder(&self.0).map_err(FileError::io(&self.0))?;
        let path = self.0.join("lock");
        let mut options = std::fs::OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.map_err(FileError::io(&path))?;
        file.lock().map_err(FileError::io(&path))?;
        Ok(file)
    }

    fn phone_keys(&self) -> PathBuf {
        self.0.join("phone-keys.signed")
    }

    fn phone_key(&self, day: u16, id: u8) -> PathBuf {
        self.0.join(format!("phone-{day}-{id}.key"))
    }

    fn halves(&self, day: u16) -> PathBuf {
        self.0.join(format!("{day}.halves"))
    }

    fn day_key(&self, day: u16) -> PathBuf {
        self.0.join(format!("{day}.key"))
    }

    fn pass_key(&self, name: KeyName) -> PathBuf {
        self.0.join(format!("pass-{}-{}-{}.key", name.day, name.kind.number(), name.id))
    }

    /// Files of days, with the day.
    fn of_days(&self) -> Result<Vec<DayFile>, FileError> {
        let entries = match std::fs::read_dir(&self.0) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(FileError::io(&self.0))?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(FileError::io(&self.0))?.path();
            files.extend(DayFile::read(path));
        }
        Ok(files)
    }
}

/// The files that a backup holds: what is published and which numbers were given, no secret.
pub fn kept_in_backups(folder: &Folder) -> Vec<PathBuf> {
    let folder = IntakeFolder::of(folder);
    let files = [
        folder.officers(),
        folder.intake_keys(),
        folder.pass_keys(),
        folder.phone_keys(),
        folder.last_officer(),
        folder.card_keys(),
        folder.last_card_key(),
    ];
    files.into_iter().filter(|path| path.exists()).collect()
}

/// A file that is destroyed with its day.
struct DayFile {
    path: PathBuf,
    day: u16,
    /// It is of no use, and destroyed, when the day is over.
    ends_with_day: bool,
}

impl DayFile {
    fn read(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let issuing = name.strip_prefix("pass-").or_else(|| name.strip_prefix("phone-"));
        let (day, ends_with_day) = match issuing {
            Some(rest) => (rest.split('-').next()?.parse().ok()?, true),
            None => {
                let (day, kind) = name.split_once('.')?;
                (day.parse().ok().filter(|_| matches!(kind, "key" | "halves"))?, false)
            }
        };
        Some(Self { path, day, ends_with_day })
    }
}

/// Destroys the keys of declarations of days before `oldest_day`, and what issues passes and tokens of
/// days before `first_open_day`. Says how many files went.
pub fn destroy_before(
    folder: &Folder,
    oldest_day: u16,
    first_open_day: u16,
) -> Result<usize, FileError> {
    let folder = IntakeFolder::of(folder);
    if !folder.path().exists() {
        return Ok(0);
    }
    let _locked = folder.lock()?;
    let over = |file: &DayFile| match file.ends_with_day {
        true => file.day < first_open_day,
        false => file.day < oldest_day,
    };
    remove(&folder, folder.of_days()?.into_iter().filter(over))
}

/// Destroys the keys of one day: its declarations can never be opened again.
pub fn destroy_day(folder: &Folder, day: u16) -> Result<usize, FileError> {
    let folder = IntakeFolder::of(folder);
    let _locked = folder.lock()?;
    let of_day = |file: &DayFile| file.day == day && !file.ends_with_day;
    remove(&folder, folder.of_days()?.into_iter().filter(of_day))
}

fn remove(folder: &IntakeFolder, files: impl Iterator<Item = DayFile>) -> Result<usize, FileError> {
    let mut removed = 0;
    for file in files {
        std::fs::remove_file(&file.path).map_err(FileError::io(&file.path))?;
        removed += 1;
    }
    if removed > 0 {
        sync_folder(folder.path()).map_err(FileError::io(folder.path()))?;
    }
    Ok(removed)
}

fn read_optional(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::io(path)(error)),
    }
}

pub(super) fn secret_line(bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut line = Zeroizing::new(hex::encode(bytes));
    line.push('\n');
    line
}

/// A secret of 32 bytes in hexadecimal digits; none where there is no file.
pub(super) fn read_secret(path: &Path) -> Result<Option<SecretBytes<32>>, FileError> {
    let Some(text) = read_optional(path)?.map(Zeroizing::new) else { return Ok(None) };
    let mut bytes = Zeroizing::new([0u8; 32]);
    let digits = text.trim_ascii_end();
    hex::decode_to_slice(digits, &mut bytes[..])
        .map_err(|_| damaged(path, Text::ours("error-key-hex")))?;
    Ok(Some(SecretBytes::new(*bytes)))
}

fn damaged(path: &Path, reason: Text) -> FileError {
    let reason = Text::ours("error-restore").with_text("reason", reason);
    FileError::Content { path: path.to_owned(), reason }
}
