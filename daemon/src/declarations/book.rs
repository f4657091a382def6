//! All declarations of this device and the draft, in one record: what belongs together changes in one write. Each
//! method that changes it is one thing that happens.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::units::folded;

use super::DeclareError;
use super::entry::{Entry, GRACE_SECONDS, KeptPass, Retry, Stage, StoredSecret};
use super::phone::Phone;
use crate::control_api::Draft;
use crate::store::{EncounterStore, StoreError, put_state, state};

/// The name of the record.
pub(super) const RECORD: &str = "declarations";
/// Declarations that a device keeps: a family's of some weeks.
pub(super) const MAX_ENTRIES: usize = 128;

/// What stands in the record.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Book {
    pub(super) draft: Option<Draft>,
    /// The number that is being confirmed, or is.
    pub(super) phone: Option<Phone>,
    /// Oldest first.
    pub(super) entries: Vec<Entry>,
}

impl Book {
    pub(super) fn read(store: &dyn EncounterStore) -> Result<Self, StoreError> {
        Ok(state(store, RECORD)?.unwrap_or_default())
    }

    pub(super) fn write(&self, store: &dyn EncounterStore) -> Result<(), StoreError> {
        if *self == Self::default() {
            store.put_state_bytes(RECORD, None)
        } else {
            put_state(store, RECORD, self)
        }
    }

    pub(super) fn entry(&self, submission: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.submission == submission)
    }

    /// The one whose number begins so: typed by a person.
    pub(super) fn find(&self, beginning: &str) -> Result<&Entry, DeclareError> {
        let beginning = beginning.trim().to_ascii_lowercase();
        let mut found = self.entries.iter().filter(|e| e.submission.starts_with(&beginning));
        match (found.next(), found.next()) {
            (Some(entry), None) if beginning.len() >= 4 => Ok(entry),
            _ => Err(DeclareError::Unknown),
        }
    }

    fn entry_mut(&mut self, submission: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.submission == submission)
    }

    pub(super) fn save_draft(&mut self, draft: Option<Draft>) {
        self.draft = draft;
    }

    /// A sealed declaration waits to be sent; its draft is done, and its token is spent.
    pub(super) fn declare(
        &mut self,
        entry: Entry,
        token: Option<&StoredSecret>,
    ) -> Result<(), DeclareError> {
        if self.entries.len() >= MAX_ENTRIES {
            return Err(DeclareError::TooMany(MAX_ENTRIES));
        }
        if let Some(token) = token
            && !self.phone.as_mut().is_some_and(|phone| phone.spend(token))
        {
            return Err(DeclareError::CodeNeeded);
        }
        // One that was begun for something else stays.
        let is_its = |draft: &Draft| {
            let form = &draft.form;
            form.kind == entry.form.kind && folded(&form.name) == folded(&entry.form.name)
        };
        self.draft = self.draft.take().filter(|draft| !is_its(draft));
        self.entries.push(entry);
        Ok(())
    }

    /// The authority has it: its passes are there, none where it replaces another one or the answer held none of the
    /// published keys.
    pub(super) fn answered(&mut self, submission: &str, passes: Option<Vec<KeptPass>>) {
        let Some(entry) = self.entry_mut(submission) else { return };
        let Stage::Waiting { request, .. } = &entry.stage else { return };
        let replaced = request.replaces.clone();
        entry.stage = if passes.is_some() { Stage::Sent } else { Stage::SentWithoutPasses };
        entry.passes = passes.unwrap_or_default();
        if let Some(earlier) = replaced.and_then(|earlier| self.entry_mut(&earlier)) {
            earlier.stage = Stage::Replaced;
        }
    }

    /// It is not taken, and never will be.
    pub(super) fn ended(&mut self, submission: &str, stage: Stage) {
        if let Some(entry) = self.entry_mut(submission) {
            entry.stage = stage;
        }
    }

    /// The person wants it back.
    pub(super) fn begin_withdrawal(&mut self, submission: &str, now: UnixTime) {
        if let Some(entry) = self.entry_mut(submission) {
            entry.stage = Stage::Withdrawing { retry: Retry::at(now) };
        }
    }

    /// A request about it failed, and is made again.
    pub(super) fn postponed(&mut self, submission: &str, why: &str, now: UnixTime, jitter: f64) {
        let Some(entry) = self.entry_mut(submission) else { return };
        if let Stage::Waiting { retry, .. } | Stage::Withdrawing { retry } = &mut entry.stage {
            retry.failed(why, now, jitter);
        }
    }

    /// Drops what has expired. Returns whether there was any.
    pub(super) fn expire(&mut self, now: UnixTime) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.has_expired(now));
        let local_time = self.entries.last().map_or(LocalTime::VIET_NAM, Entry::local_time);
        let day = local_time.day(now.minus(GRACE_SECONDS));
        let over = self.phone.take_if(|phone| phone.has_expired(day)).is_some();
        over || self.entries.len() < before
    }

    /// Drops what was declared in that time, or everything.
    pub(super) fn forget(&mut self, times: Option<&Range<UnixTime>>) {
        match times {
            None => *self = Self::default(),
            Some(times) => self.entries.retain(|entry| !times.contains(&entry.made_at)),
        }
    }

    /// Whether a device can have written this by `now`.
    pub(super) fn is_possible(&self, now: UnixTime) -> bool {
        self.entries.len() <= MAX_ENTRIES
            && self.draft.as_ref().is_none_or(Draft::is_bounded)
            && self.phone.as_ref().is_none_or(Phone::is_possible)
            && self.entries.iter().all(|entry| entry.is_possible(now))
    }
}
