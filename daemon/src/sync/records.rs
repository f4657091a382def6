//! What the exchange remembers between runs: named records in the store, sealed there.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::http::ServerUrl;
use super::index::ListedName;
use super::{Enrolled, SyncError};
use crate::store::{EncounterStore, put_state, state};

pub(super) const ENROLMENT: &str = "sync-enrolment";
pub(super) const SCHEDULE: &str = "sync-schedule";
pub(super) const PROGRESS: &str = "sync-progress";
pub(super) const REVOKED: &str = "sync-revoked";
pub(super) const NOTIFIED: &str = "sync-told";
pub(super) const DISCLOSED: &str = "sync-disclosed";
pub(super) const REPORT: &str = "sync-report";

/// A name stays among the processed ones for this many days after it was last listed, so that a
/// list that is empty for once does not make everything new.
const DAYS_KEPT_UNLISTED: u32 = 3;
/// First wait before a refused file is downloaded again, in seconds; doubled each time.
const REFUSED_SECONDS: u64 = 3_600;
const LONGEST_REFUSED_SECONDS: u64 = 86_400;
/// Characters that are stored of the reason why a file was refused.
const MAX_REASON_CHARS: usize = 200;
/// Bytes of names of files that are done, above which those that are not listed any more go at once.
const MAX_PROCESSED_BYTES: usize = 2_500_000;

/// The authority that is enrolled.
#[derive(Serialize, Deserialize)]
pub(super) struct Enrolment {
    url: String,
    /// SHA-256 of the pinned root key, hex.
    fingerprint: String,
    serial: u64,
    /// The document exactly as it was signed, base64.
    signed: String,
}

impl Enrolment {
    pub(super) fn new(url: &ServerUrl, authority: &VerifiedAuthority, signed: &[u8]) -> Self {
        Self {
            url: url.to_string(),
            fingerprint: authority.fingerprint(),
            serial: authority.document().serial,
            signed: BASE64_STANDARD.encode(signed),
        }
    }

    /// Verifies the stored document again. Expiry is for the caller to judge: an expired document
    /// still says which authority is enrolled.
    pub(super) fn open(&self) -> Result<Enrolled, SyncError> {
        let signed = BASE64_STANDARD.decode(&self.signed).unwrap_or_default();
        let authority = VerifiedAuthority::first_contact(&signed, UnixTime::default())?;
        let found = authority.fingerprint();
        if found != self.fingerprint {
            return Err(SyncError::WrongFingerprint { expected: self.fingerprint.clone(), found });
        }
        Ok(Enrolled { url: ServerUrl::parse(&self.url)?, authority })
    }
}

/// What has been fetched and matched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    #[serde(flatten)]
    pub(super) exports: FileHistory,
    pub(super) warnings: FileHistory,
    pub(super) last_success: Option<UnixTime>,
    pub(super) last_error: Option<String>,
    pub(super) batches: u64,
    pub(super) keys: u64,
    pub(super) altered: u64,
    #[serde(rename = "look_alikes")]
    pub(super) dummy_uploads: u64,
    pub(super) warning_batches: u64,
}

/// What became of the listed files of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct FileHistory {
    /// Files that have been matched, with the day on which they were last listed.
    processed: BTreeMap<ListedName, UtcDay>,
    /// Files that were not accepted.
    refused: BTreeMap<ListedName, RefusedFile>,
}

/// A file that was not accepted: tried again, but not at every fetch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefusedFile {
    times: u32,
    not_before: UnixTime,
    /// Why, the last time. Earlier programs did not note it.
    #[serde(default)]
    reason: String,
}

impl Progress {
    /// What is listed still and was not accepted.
    pub(super) fn still_refused(&self) -> Option<SyncError> {
        let (exports, warnings) = (self.exports.refused(), self.warnings.refused());
        let count = [exports, warnings].iter().flatten().map(|(count, ..)| count).sum();
        let (_, name, reason) = exports.or(warnings)?;
        Some(SyncError::StillRefused { count, name: name.to_string(), reason: reason.into() })
    }
}

impl FileHistory {
    /// Takes note of a region's list. Names that have not been listed for days are dropped.
    pub(super) fn listed(&mut self, region: &str, names: &[ListedName], today: UtcDay) {
        for name in names {
            if let Some(day) = self.processed.get_mut(name) {
                *day = (*day).max(today);
            }
        }
        let current: BTreeSet<&ListedName> = names.iter().collect();
        let oldest = today.minus(DAYS_KEPT_UNLISTED);
        self.processed.retain(|name, day| name.region() != region || *day >= oldest);
        self.refused.retain(|name, _| name.region() != region || current.contains(name));
        // What is listed is bounded; an authority that lists other names each time fills nothing.
        let bytes = self.processed.keys().map(|name| name.as_str().len()).sum::<usize>();
        if bytes > MAX_PROCESSED_BYTES {
            self.processed.retain(|_, day| *day >= today);
        }
    }

    /// How many listed files were not accepted, one of them, and why.
    fn refused(&self) -> Option<(usize, &ListedName, &str)> {
        let (name, refused) = self.refused.iter().max_by_key(|(_, refused)| refused.not_before)?;
        Some((self.refused.len(), name, &refused.reason))
    }

    /// Whether to download a file now.
    pub(super) fn wants(&self, name: &ListedName, now: UnixTime) -> bool {
        !self.processed.contains_key(name)
            && self.refused.get(name).is_none_or(|refused| refused.not_before <= now)
    }

    /// Takes note that a file is done.
    pub(super) fn processed(&mut self, name: &ListedName, today: UtcDay) {
        self.processed.insert(name.clone(), today);
        self.refused.remove(name);
    }

    /// A signing key that was missing may be there now.
    pub(super) fn reset(&mut self) {
        self.refused.clear();
    }

    /// Takes note that a file was not accepted.
    pub(super) fn refuse(&mut self, name: &ListedName, reason: &str, now: UnixTime) {
        let refused = self.refused.entry(name.clone()).or_default();
        let wait = (REFUSED_SECONDS << refused.times.min(8)).min(LONGEST_REFUSED_SECONDS);
        refused.times = refused.times.saturating_add(1);
        refused.not_before = now.plus(wait);
        refused.reason = reason.chars().take(MAX_REASON_CHARS).collect();
    }
}

/// Revoked keys (hex) with the day in which they ended: whatever says otherwise, before or after.
pub(super) type Revoked = BTreeMap<String, UtcDay>;

/// Reads a record, or its default where there is none.
pub(super) fn read<T: Default + serde::de::DeserializeOwned>(
    store: &dyn EncounterStore,
    name: &str,
) -> Result<T, SyncError> {
    Ok(state(store, name)?.unwrap_or_default())
}

pub(super) fn write<T: Serialize>(
    store: &dyn EncounterStore,
    name: &str,
    value: &T,
) -> Result<(), SyncError> {
    Ok(put_state(store, name, value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ListedName {
        let (region, file) = text.split_once('/').unwrap();
        ListedName::of_line(region, file).unwrap()
    }

    #[test]
    fn processed_names_survive_an_empty_list_but_not_forever() {
        let day = UtcDay::new(20_000);
        let mut history = FileHistory::default();
        history.processed(&name("VN/1.zip"), day);
        history.processed(&name("HN/1.zip"), day);
        history.listed("VN", &[], day.plus(1));
        assert!(!history.wants(&name("VN/1.zip"), day.start()));
        history.listed("VN", &[name("VN/1.zip")], day.plus(2));
        history.listed("VN", &[], day.plus(5));
        assert!(!history.wants(&name("VN/1.zip"), day.start()));
        history.listed("VN", &[], day.plus(6));
        assert!(history.wants(&name("VN/1.zip"), day.start()));
        assert!(
            !history.wants(&name("HN/1.zip"), day.start()),
            "another region's list says nothing"
        );
    }

    #[test]
    fn a_refused_file_is_tried_again_less_and_less_often() {
        let mut history = FileHistory::default();
        let mut now = UnixTime::from_secs(1_800_000_000);
        for hours in [1, 2, 4, 8, 16, 24, 24] {
            history.refuse(&name("VN/1.zip"), "damaged", now);
            assert!(!history.wants(&name("VN/1.zip"), now.plus(hours * 3_600 - 1)));
            now = now.plus(hours * 3_600);
            assert!(history.wants(&name("VN/1.zip"), now));
        }
    }

    #[test]
    fn what_an_earlier_program_noted_is_still_known() {
        let noted = r#"{"processed":{"VN/1.zip":20000},"refused":{},"batches":3,"keys":4}"#;
        let progress: Progress = serde_json::from_str(noted).unwrap();
        assert!(!progress.exports.wants(&name("VN/1.zip"), UtcDay::new(20_000).start()));
        assert_eq!((progress.batches, progress.keys, progress.warning_batches), (3, 4, 0));
        let again: Progress =
            serde_json::from_slice(&serde_json::to_vec(&progress).unwrap()).unwrap();
        assert_eq!(again, progress);
    }
}
