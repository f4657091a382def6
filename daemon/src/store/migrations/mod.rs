//! The store's format and the way from older ones, one module a step.
//!
//! To change the format: raise [`SCHEMA_VERSION`], add a module `vN.rs` with
//! `pub(super) fn migrate(&Profile) -> Result<(), StoreError>` that turns format N - 1 into N and
//! can be run again after a crash in its middle, and list it in [`STEPS`].

use super::StoreError;
use crate::platform::atomic_file;
use crate::platform::profile::Profile;

/// The format that this program writes.
pub const SCHEMA_VERSION: u32 = 1;

type Step = fn(&Profile) -> Result<(), StoreError>;

/// Each step with the format that it leads to, in order. Format 1 is the first.
const STEPS: &[(u32, Step)] = &[];

/// Brings the profile to [`SCHEMA_VERSION`]; refuses one of a newer program before anything in it
/// is touched.
pub(super) fn run(profile: &Profile) -> Result<(), StoreError> {
    let path = profile.schema_file();
    let Some(content) = atomic_file::read(&path, 64)? else {
        return write(profile, SCHEMA_VERSION);
    };
    let found = str::from_utf8(&content).ok().and_then(|text| text.trim().parse().ok());
    let found: u32 = found.ok_or_else(|| StoreError::UnknownSchema { path: path.clone() })?;
    if found > SCHEMA_VERSION {
        let profile = profile.root().to_owned();
        return Err(StoreError::NewerSchema { profile, found, known: SCHEMA_VERSION });
    }
    for (version, step) in STEPS.iter().filter(|(version, _)| *version > found) {
        step(profile)?;
        write(profile, *version)?;
    }
    Ok(())
}

fn write(profile: &Profile, version: u32) -> Result<(), StoreError> {
    Ok(atomic_file::replace(&profile.schema_file(), format!("{version}\n").as_bytes())?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn newer_and_unknown_formats_are_refused_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path());
        run(&profile).unwrap();
        assert_eq!(fs::read_to_string(profile.schema_file()).unwrap(), "1\n");
        run(&profile).unwrap();
        fs::write(profile.schema_file(), "2\n").unwrap();
        let error = run(&profile).unwrap_err();
        assert!(matches!(error, StoreError::NewerSchema { found: 2, known: 1, .. }));
        assert_eq!(fs::read_to_string(profile.schema_file()).unwrap(), "2\n");
        fs::write(profile.schema_file(), "?").unwrap();
        assert!(matches!(run(&profile), Err(StoreError::UnknownSchema { .. })));
    }

    #[test]
    fn the_steps_lead_to_the_present_format() {
        let versions: Vec<_> = STEPS.iter().map(|(version, _)| *version).collect();
        assert!(versions.iter().copied().eq((1..SCHEMA_VERSION).map(|version| version + 1)));
    }
}
