//! A profile: the folder in which one person's device keeps everything.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use etcetera::BaseStrategy;

use super::atomic_file::{self, FileError};

/// The folder's name under the system's data folder.
const FOLDER: &str = "vungxanh";
/// Bytes that the path of a Unix socket may have (`sun_path` in unix(7), less its ending zero).
const MAX_SOCKET_PATH_BYTES: usize = 107;

/// Names the files of one profile. Touches nothing until [`Profile::create`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    root: PathBuf,
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// There is no home folder to put the profile in.
    #[error("cannot tell where the home folder is: set HOME, or name a folder with --profile")]
    NoHome,
    /// The path of the control socket would be longer than the system accepts.
    #[error(
        "the path {0} is longer than the 107 bytes that a socket may have: \
         choose a shorter --profile"
    )]
    PathTooLong(PathBuf),
    /// The folder belongs to somebody else. That holds for root, too, who would leave files behind
    /// that their owner cannot open, or follow what the owner laid there.
    #[error(
        "{path} belongs to user {owner}, and this program runs as user {own}: run it as that user, \
         or choose another --profile"
    )]
    OfAnother { path: PathBuf, owner: u32, own: u32 },
    /// The folder holds something, and no profile.
    #[error(
        "{path} is not empty and no profile of this program (there is {found}): choose an empty or \
         a new folder"
    )]
    NotAProfile {
        path: PathBuf,
        /// Something in it that no profile has.
        found: PathBuf,
    },
    /// The system refused it.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What can stand in a profile before its format is written down: by a person, or by a start that
/// was interrupted.
const BEFORE_FIRST_START: [&str; 8] = [
    "lock",
    "control.sock",
    "calibration.toml",
    "radio.toml",
    "keys",
    "store",
    "schema-version",
    "schema-version.tmp",
];

impl Profile {
    /// The profile in `folder` if given, else `vungxanh` in the XDG data folder
    /// (`~/.local/share`, or `$XDG_DATA_HOME`).
    pub fn locate(folder: Option<&Path>) -> Result<Self, ProfileError> {
        let root = match folder {
            Some(folder) => std::path::absolute(folder).map_err(|_| ProfileError::NoHome)?,
            None => {
                let base = etcetera::choose_base_strategy().map_err(|_| ProfileError::NoHome)?;
                base.data_dir().join(FOLDER)
            }
        };
        let profile = Self { root };
        let socket = profile.control_socket();
        if socket.as_os_str().len() > MAX_SOCKET_PATH_BYTES {
            return Err(ProfileError::PathTooLong(socket));
        }
        Ok(profile)
    }

    /// The profile in exactly this folder.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Makes the folders of the profile, for their owner only (0700). Refuses a folder of another
    /// user, and one that is neither empty nor a profile, before anything in it is touched.
    pub fn create(&self) -> Result<(), ProfileError> {
        self.refuse_what_is_not_ours()?;
        for folder in [self.root().to_owned(), self.keys_folder()] {
            atomic_file::private_folder(&folder)
                .map_err(|error| FileError::new("make the folder", &folder, error))?;
        }
        Ok(())
    }

    /// Refuses a folder of another user, and one that is neither empty nor a profile.
    pub fn refuse_what_is_not_ours(&self) -> Result<(), ProfileError> {
        let failed = |error| FileError::new("look into", &self.root, error);
        let own = rustix::process::geteuid().as_raw();
        // The link, if it is one, and what it leads to.
        for found in [fs::symlink_metadata(&self.root), fs::metadata(&self.root)] {
            let owner = match found {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                found => found.map_err(failed)?.uid(),
            };
            if owner != own {
                return Err(ProfileError::OfAnother { path: self.root.clone(), owner, own });
            }
        }
        if self.schema_file().is_file() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.root).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if !BEFORE_FIRST_START.iter().any(|known| name == *known) {
                let (path, found) = (self.root.clone(), name.into());
                return Err(ProfileError::NotAProfile { path, found });
            }
        }
        Ok(())
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The lock of the one program that uses the profile.
    pub fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub fn control_socket(&self) -> PathBuf {
        self.root.join("control.sock")
    }

    /// The file that says the store's format.
    pub fn schema_file(&self) -> PathBuf {
        self.root.join("schema-version")
    }

    pub fn store_folder(&self) -> PathBuf {
        self.root.join("store")
    }

    /// The folder of the day keys and, where it is a file, their wrapping key.
    pub fn keys_folder(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The folder of public files on their way from the authority.
    pub fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }

    /// The person's own calibration of this machine, if there is one.
    pub fn calibration_file(&self) -> PathBuf {
        self.root.join("calibration.toml")
    }

    /// The person's own settings of the radio, if there are any.
    pub fn radio_file(&self) -> PathBuf {
        self.root.join("radio.toml")
    }

    /// The sealed cells of check-ins.
    pub fn check_ins_file(&self) -> PathBuf {
        self.root.join("check-ins")
    }

    /// The key of the cells, replaced with them.
    pub fn check_ins_key_file(&self) -> PathBuf {
        self.keys_folder().join("check-ins-key")
    }

    /// The private diary, if there is one.
    pub fn diary_file(&self) -> PathBuf {
        self.root.join("diary")
    }

    /// The outer key of the diary, replaced with it.
    pub fn diary_key_file(&self) -> PathBuf {
        self.keys_folder().join("diary-key")
    }

    /// The sealed day keys.
    pub fn day_keys_file(&self) -> PathBuf {
        self.keys_folder().join("day-keys")
    }

    /// The wrapping key, where it is stored in a file.
    pub fn wrapping_key_file(&self) -> PathBuf {
        self.keys_folder().join("wrapping-key")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn folders_are_for_their_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("deep/profile");
        fs::create_dir_all(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        let profile = Profile::locate(Some(&root)).unwrap();
        profile.create().unwrap();
        for path in [profile.root().to_owned(), profile.keys_folder()] {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", path.display());
        }
    }

    #[test]
    fn a_folder_that_is_neither_empty_nor_a_profile_is_refused_untouched() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["letter.txt", "downloads", "diary", ".hidden"] {
            let root = folder.path().join(format!("of-{name}"));
            fs::create_dir_all(&root).unwrap();
            fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
            fs::create_dir(root.join(name)).unwrap();
            let refused = Profile::at(&root).create().unwrap_err();
            assert!(matches!(refused, ProfileError::NotAProfile { .. }), "{name}: {refused}");
            assert_eq!(fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o755);
            assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_profile_and_an_interrupted_first_start_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path().join("p"));
        profile.create().unwrap();
        fs::write(profile.lock_file(), "1").unwrap();
        fs::write(profile.radio_file(), "").unwrap();
        profile.create().unwrap();
        fs::write(profile.schema_file(), "1\n").unwrap();
        fs::create_dir(profile.downloads()).unwrap();
        fs::write(profile.root().join("store.damaged-1"), "").unwrap();
        profile.create().unwrap();
    }

    #[test]
    fn a_folder_of_another_user_is_refused_by_root_too() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("theirs");
        fs::create_dir(&root).unwrap();
        if std::os::unix::fs::chown(&root, Some(12_345), None).is_err() {
            // Only root can give a folder away; for others the root folder is somebody else's.
            let refused = Profile::at("/").create().unwrap_err();
            assert!(matches!(refused, ProfileError::OfAnother { owner: 0, .. }), "{refused}");
            return;
        }
        let refused = |path: &Path| Profile::at(path).create().unwrap_err();
        assert!(matches!(refused(&root), ProfileError::OfAnother { owner: 12_345, .. }));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&root, &link).unwrap();
        assert!(matches!(refused(&link), ProfileError::OfAnother { .. }));
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_refused() {
        let long = format!("/tmp/{}", "x".repeat(100));
        let error = Profile::locate(Some(Path::new(&long))).unwrap_err();
        assert!(matches!(error, ProfileError::PathTooLong(_)));
        Profile::locate(Some(Path::new("/tmp/short"))).unwrap();
    }

    #[test]
    fn relative_folders_become_absolute() {
        let profile = Profile::locate(Some(Path::new("here"))).unwrap();
        assert_eq!(profile.root(), std::env::current_dir().unwrap().join("here"));
    }
}
