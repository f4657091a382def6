//! How often and how long this device listens, from `radio.toml` in the profile:
//!
//! ```toml
//! [scan]
//! window_seconds = 4
//! near_seconds = [60, 120]
//! alone_seconds = [180, 300]
//! near_memory_seconds = 600
//! ```
//!
//! What is left out is as usual; so is everything where there is no such file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vungxanh_protocol::scan_schedule::{ScanPolicy, ScanPolicyError};

/// Bytes that the file may have.
const MOST_BYTES: u64 = 64 * 1024;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScanSettingsError {
    /// It cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is no such file.
    #[error("{0} is wrong: {1}")]
    Malformed(PathBuf, String),
    /// What it asks for would not work.
    #[error("{0} is wrong: {1}")]
    OutOfBounds(PathBuf, ScanPolicyError),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    scan: Scan,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scan {
    window_seconds: Option<u64>,
    near_seconds: Option<(u64, u64)>,
    alone_seconds: Option<(u64, u64)>,
    near_memory_seconds: Option<u64>,
}

/// The scan policy of the file `path`, which may be absent.
pub fn read(path: &Path) -> Result<ScanPolicy, ScanSettingsError> {
    let malformed = |what: String| ScanSettingsError::Malformed(path.to_owned(), what);
    let text = match std::fs::metadata(path).map(|metadata| metadata.len()) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Ok(bytes) if bytes > MOST_BYTES => {
            return Err(malformed(format!("it is larger than {MOST_BYTES} bytes")));
        }
        _ => std::fs::read_to_string(path)
            .map_err(|error| ScanSettingsError::Unreadable(path.to_owned(), error))?,
    };
    let file: File = toml::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    let policy = file.scan.policy();
    policy.check().map_err(|error| ScanSettingsError::OutOfBounds(path.to_owned(), error))?;
    Ok(policy)
}

impl Scan {
    fn policy(&self) -> ScanPolicy {
        let usual = ScanPolicy::default();
        ScanPolicy {
            window_seconds: self.window_seconds.unwrap_or(usual.window_seconds),
            near_seconds: self.near_seconds.unwrap_or(usual.near_seconds),
            alone_seconds: self.alone_seconds.unwrap_or(usual.alone_seconds),
            near_memory_seconds: self.near_memory_seconds.unwrap_or(usual.near_memory_seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_text(text: &str) -> Result<ScanPolicy, ScanSettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("radio.toml");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        let absent = tempfile::tempdir().unwrap().path().join("radio.toml");
        assert_eq!(read(&absent).unwrap(), ScanPolicy::default());
        assert_eq!(read_text("").unwrap(), ScanPolicy::default());
        let sparse = read_text("[scan]\nalone_seconds = [200, 300]\n").unwrap();
        assert_eq!(sparse, ScanPolicy { alone_seconds: (200, 300), ..ScanPolicy::default() });
    }

    #[test]
    fn nonsense_is_refused_and_named() {
        for (text, named) in [
            ("[scan]\nwindow_seconds = 60\n", "2 to 30 seconds long, not 60"),
            ("[scan]\nnear_seconds = [5, 120]\n", "gaps 5 to 120 must lie between 30 and 300"),
            ("[scan]\nalone_seconds = [250, 250]\n", "must differ by at least 10 seconds"),
            ("[scan]\nnear_seconds = 60\n", "near_seconds"),
            ("[scan]\nwindow = 4\n", "unknown field"),
            ("[scan]\nwindow_seconds = -4\n", "window_seconds"),
        ] {
            let refused = read_text(text).unwrap_err().to_string();
            assert!(refused.contains(named), "{refused}");
            assert!(refused.contains("radio.toml"), "{refused}");
        }
        let long = format!("# {}", "x".repeat(70_000));
        assert!(read_text(&long).unwrap_err().to_string().contains("larger than"));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_keeps_the_bounds(
            window in 0..100_u64,
            near in (0..400_u64, 0..400_u64),
            alone in (0..400_u64, 0..400_u64),
            memory in 0..5_000_u64,
        ) {
            let text = format!(
                "[scan]\nwindow_seconds = {window}\nnear_seconds = [{}, {}]\n\
                 alone_seconds = [{}, {}]\nnear_memory_seconds = {memory}\n",
                near.0, near.1, alone.0, alone.1,
            );
            if let Ok(policy) = read_text(&text) {
                prop_assert!((2..=30).contains(&policy.window_seconds));
                for (least, most) in [policy.near_seconds, policy.alone_seconds] {
                    prop_assert!(least >= 30 && most <= 300 && most - least >= 10);
                }
                prop_assert!((60..=3_600).contains(&policy.near_memory_seconds));
            }
        }
    }
}
