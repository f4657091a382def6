//! Check-ins of this device: one visit at most is open; closed ones are sealed and wait in the
//! runtime folder until their hour is over and the cell file is rewritten anyway.
//!
//! The cells of an hour enter the file once, when the hour is over, with all its visits: what is
//! stored never changes because of a visit, and the file is written at the same times with and
//! without one. The end of the daemon writes the running hour early.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::cells::CellTable;
use vungxanh_protocol::venue::keys::VenueKey;
use vungxanh_protocol::venue::slot::Hour;
use zeroize::Zeroizing;

use super::cell_file::{self, CellFile, Damaged};
use super::diary::{Diary, DiaryEntry, SealedEntry};
use super::diary_file::DiaryFile;
use super::error::CheckInError;
use super::open_visit::{ClosedVisit, OpenVisit};
use super::pending::Pending;
use super::runtime::Runtime;
use crate::platform::profile::Profile;
use crate::platform::threads::lock;
use crate::store::StoreError;

/// The file in the runtime folder with the open visit.
const RUNTIME_FILE: &str = "check-ins";

/// Days that a new file has cells for, until the authority's retention is known.
const FIRST_RETENTION_DAYS: u32 = 14;

/// The check-ins of one profile.
pub struct CheckIns {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    cells: CellFile,
    diary: DiaryFile,
    runtime: Runtime,
    pending: Pending,
    /// The hour in which the file was last written.
    written_in: Option<Hour>,
}

/// What came of a scan.
#[derive(Debug, Clone)]
pub struct CheckedIn {
    /// The visit that is open now.
    pub visit: OpenVisit,
    /// It was open before: the second scan prolonged it.
    pub extended: bool,
    /// The visit that this one ended, if another was open.
    pub closed: Option<ClosedVisit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimedEvent {
    /// The open visit ends soon.
    EndsSoon { until: UnixTime },
    /// The open visit has ended.
    CheckedOut(ClosedVisit),
}

/// What was found when check-ins were opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// The cell file was damaged.
    pub damaged: Option<Damaged>,
    /// The diary was damaged.
    pub damaged_diary: Option<Damaged>,
    /// Nothing of an earlier run, which there was, is in the runtime folder: a visit that was open
    /// is lost.
    pub began_anew: bool,
}

impl CheckIns {
    /// Opens the profile's check-ins, making what is missing.
    pub fn open(
        profile: &Profile,
        runtime: Runtime,
        now: UnixTime,
    ) -> Result<(Self, OpenReport), StoreError> {
        // Then there was no earlier run that could have had a visit open.
        let is_first = !profile.check_ins_file().exists();
        let (mut cells, damaged) =
            CellFile::open(profile, now, FIRST_RETENTION_DAYS, &mut rand::rng())?;
        let (diary, damaged_diary) = DiaryFile::open(profile, now)?;
        let kept =
            runtime.read(RUNTIME_FILE)?.map(Zeroizing::new).and_then(|bytes| Pending::read(&bytes));
        let began_anew = kept.is_none() && !is_first;
        if is_first {
            let (empty, days) = (cells.table().clone(), cells.retention_days());
            cells.replace(empty, days, &mut rand::rng())?;
        }
        let pending = kept.unwrap_or_default();
        runtime.write(RUNTIME_FILE, &pending.to_bytes())?;
        let state = Mutex::new(State { cells, diary, runtime, pending, written_in: None });
        Ok((
            Self { state, changed: Notify::new() },
            OpenReport { damaged, damaged_diary, began_anew },
        ))
    }

    /// Checks in with a scanned code. A second scan of the open visit's poster prolongs it;
    /// another poster ends it. `companions` of a second scan: `None` leaves them.
    pub fn check_in(
        &self,
        code: &[u8],
        companions: Option<u8>,
        keys: &[VenueKey],
        now: UnixTime,
    ) -> Result<CheckedIn, CheckInError> {
        let scanned = OpenVisit::begin(code, keys, companions.unwrap_or(0), now)?;
        let result = self.change(|pending, diary| {
            let mut closed = pending.end_if_over(now, diary)?;
            let extended = pending.open.as_ref().is_some_and(|open| open.is_of(&scanned));
            if extended {
                pending.prolong(&scanned, companions, now)?;
            } else {
                pending.require_free(now)?;
                closed = pending.end(now, false, diary)?.or(closed);
                pending.open = Some(scanned.clone());
            }
            let visit = pending.open.clone().unwrap_or_else(|| scanned.clone());
            Ok(CheckedIn { visit, extended, closed })
        });
        self.changed.notify_one();
        result
    }

    /// Ends the open visit now.
    pub fn check_out(&self, now: UnixTime) -> Result<ClosedVisit, CheckInError> {
        let closed = self.change(|pending, diary| match pending.end_if_over(now, diary)? {
            Some(closed) => Ok(closed),
            None => pending.end(now, false, diary)?.ok_or(CheckInError::NoVisit),
        });
        self.changed.notify_one();
        closed
    }

    /// Prolongs the open visit by `minutes`, or once more by the poster's stay.
    pub fn extend(&self, minutes: Option<u16>, now: UnixTime) -> Result<OpenVisit, CheckInError> {
        let extended = self.change(|pending, diary| {
            pending.end_if_over(now, diary)?;
            let open = pending.open.as_mut().ok_or(CheckInError::NoVisit)?;
            if !open.extend(minutes) {
                let display = open.display_end() == Some(open.until());
                let reason =
                    if display { CheckInError::DisplayEnds } else { CheckInError::LongestStay };
                return Err(reason);
            }
            Ok(open.clone())
        });
        self.changed.notify_one();
        extended
    }

    /// The visit that is open at `now`.
    pub fn open_visit(&self, now: UnixTime) -> Option<OpenVisit> {
        self.state().pending.open.clone().filter(|open| now < open.until())
    }

    /// For how many days sealed check-ins are retained.
    pub fn retention_days(&self) -> u32 {
        self.state().cells.retention_days()
    }

    /// Does what time brings: seals the hours that are over, reminds, checks out. Changes no file
    /// of the profile.
    pub fn pass_time(&self, now: UnixTime) -> Result<Vec<TimedEvent>, CheckInError> {
        if self.state().pending.open.is_none() {
            return Ok(Vec::new());
        }
        self.change(|pending, diary| {
            let mut happened = Vec::new();
            match pending.end_if_over(now, diary)? {
                Some(closed) => happened.push(TimedEvent::CheckedOut(closed)),
                None => {
                    pending.seal_until(Hour::at(now).start())?;
                    if let Some(open) = pending.open.as_mut()
                        && open.take_reminder(now)
                    {
                        happened.push(TimedEvent::EndsSoon { until: open.until() });
                    }
                }
            }
            Ok(happened)
        })
    }

    /// Whether the file has not been written in this hour.
    pub fn is_due(&self, now: UnixTime) -> bool {
        self.state().written_in != Some(Hour::at(now))
    }

    /// When to look again: at the end of the hour, or when the open visit needs something.
    pub fn next_moment(&self, now: UnixTime) -> UnixTime {
        let end = Hour::at(now).end();
        self.state().pending.open.as_ref().map_or(end, |open| open.next_moment().min(end))
    }

    /// Resolves when a check-in, check-out or extension has changed [`CheckIns::next_moment`].
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Rewrites the file under a fresh key, with the hours that are over and their visits. Under a
    /// clock that is not trusted (`retention_days` is `None`) no hour is added or dropped. At the
    /// `end` of the daemon the running hour goes in, too.
    pub fn rewrite(
        &self,
        now: UnixTime,
        retention_days: Option<u32>,
        end: bool,
    ) -> Result<(), CheckInError> {
        self.change(|pending, _| pending.seal_until(Hour::at(now).start()))?;
        let mut state = self.state();
        let rng = &mut rand::rng();
        let mut pending = state.pending.clone();
        let mut table = state.cells.table().clone();
        let mut diary = state.diary.diary().cloned();
        let days = retention_days.unwrap_or_else(|| state.cells.retention_days());
        if retention_days.is_some() {
            let running = Hour::at(now).number();
            let newest = Hour::new(if end { running } else { running.saturating_sub(1) });
            table.set_retention(days, rng);
            table.advance(newest, rng);
            if let Some(diary) = &mut diary {
                diary.set_retention(days, rng);
                diary.advance(newest, rng);
            }
        }
        pending.move_into(&mut table);
        if retention_days.is_some() {
            pending.taken.forget_before(Hour::at(now));
        }
        state.cells.replace(table, days, rng)?;
        if let Some(mut diary) = diary {
            pending.move_into_diary(&mut diary);
            if retention_days.is_some() {
                pending.numbers = pending.numbers.split_off(&Hour::at(now));
            }
            state.diary.replace(diary, rng)?;
        }
        state.runtime.write(RUNTIME_FILE, &pending.to_bytes())?;
        state.pending = pending;
        state.written_in = Some(Hour::at(now));
        Ok(())
    }

    /// The cells, and the newest hour whose visits are all in them: later ones are for later.
    pub fn cells(&self, now: UnixTime) -> (CellTable, Hour) {
        let table = self.state().cells.table().clone();
        let over = Hour::new(Hour::at(now).number().saturating_sub(1));
        let complete = table.newest().min(over);
        (table, complete)
    }

    /// Destroys what is stored of the hours that touch a time, or everything, the open visit and the
    /// diary included.
    pub fn forget(&self, times: Option<Range<UnixTime>>) -> Result<(), StoreError> {
        let mut state = self.state();
        let rng = &mut rand::rng();
        let days = state.cells.retention_days();
        let forgotten = |hour: Hour| {
            times.as_ref().is_none_or(|t| hour.start() < t.end && t.start < hour.end())
        };
        let (mut table, mut pending) = (state.cells.table().clone(), Pending::default());
        match times {
            None => table = cell_file::empty(days, rng),
            Some(_) => {
                table.forget(forgotten, rng);
                pending = state.pending.clone();
                pending.waiting.retain(|(hour, _)| !forgotten(*hour));
                pending.entries.retain(|(hour, ..)| !forgotten(*hour));
            }
        }
        state.runtime.write(RUNTIME_FILE, &pending.to_bytes())?;
        state.pending = pending;
        state.cells.replace(table, days, rng)?;
        match state.diary.diary().cloned() {
            Some(mut diary) if times.is_some() => {
                diary.forget(forgotten, rng);
                state.diary.replace(diary, rng)?;
            }
            _ => state.diary.destroy()?,
        }
        // The next rewrite brings the hours up to now.
        state.written_in = None;
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Whether there is a diary, and whether new visits go into it.
    pub fn diary(&self) -> (bool, bool) {
        self.state().diary.diary().map_or((false, false), |diary| (true, diary.is_on()))
    }

    /// Begins a diary, or goes on with the one that is there, whose passphrase it must be.
    pub fn begin_diary(&self, passphrase: &str) -> Result<(), CheckInError> {
        let (there, days) = {
            let state = self.state();
            (state.diary.diary().cloned(), state.cells.retention_days())
        };
        let rng = &mut rand::rng();
        let diary = match there {
            Some(mut diary) => {
                diary.read(passphrase, &[])?;
                diary.set_on(true);
                diary
            }
            None => Diary::begin(passphrase, days, rng)?,
        };
        let mut state = self.state();
        state.diary.replace(diary, rng)?;
        // The next rewrite brings its hours up to now.
        state.written_in = None;
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Puts no more visits into the diary. What is in it stays until it expires.
    pub fn end_diary(&self) -> Result<(), CheckInError> {
        let mut state = self.state();
        let mut diary = state.diary.diary().cloned().ok_or(CheckInError::NoDiary)?;
        diary.set_on(false);
        Ok(state.diary.replace(diary, &mut rand::rng())?)
    }

    /// The visits in the diary, oldest first.
    pub fn read_diary(&self, passphrase: &str) -> Result<Vec<DiaryEntry>, CheckInError> {
        let (diary, waiting) = self.diary_entries()?;
        diary.read(passphrase, &waiting)
    }

    /// Removes the visits that `wanted` picks from the diary. Returns how many there were. They stay among the
    /// sealed visits.
    pub fn remove_from_diary(
        &self,
        passphrase: &str,
        wanted: impl Fn(&DiaryEntry) -> bool,
    ) -> Result<usize, CheckInError> {
        // Opening takes time; the visits that end meanwhile are others.
        let (diary, waiting) = self.diary_entries()?;
        let mut found = diary.find(passphrase, &waiting, wanted)?;
        // One that was moved into the file when the daemon was killed stands in both.
        found.sort_unstable();
        found.dedup();
        if found.is_empty() {
            return Ok(0);
        }
        self.change(|pending, _| {
            pending.entries.retain(|(.., entry)| !found.contains(entry));
            Ok(())
        })?;
        let mut state = self.state();
        let mut diary = state.diary.diary().cloned().ok_or(CheckInError::NoDiary)?;
        let rng = &mut rand::rng();
        diary.remove(&found, rng);
        state.diary.replace(diary, rng)?;
        Ok(found.len())
    }

    /// The diary, and its entries that are not in its file yet.
    fn diary_entries(&self) -> Result<(Diary, Vec<SealedEntry>), CheckInError> {
        let state = self.state();
        let waiting = state.pending.entries.iter().map(|(.., entry)| *entry).collect();
        Ok((state.diary.diary().cloned().ok_or(CheckInError::NoDiary)?, waiting))
    }

    pub fn destroy_diary(&self) -> Result<(), CheckInError> {
        self.change(|pending, _| {
            pending.entries.clear();
            Ok(())
        })?;
        Ok(self.state().diary.destroy()?)
    }

    /// Changes what is pending, in the runtime folder first: a change that fails has not happened.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Pending, Option<&Diary>) -> Result<T, CheckInError>,
    ) -> Result<T, CheckInError> {
        let mut state = self.state();
        let mut pending = state.pending.clone();
        let diary = state.diary.diary().filter(|diary| diary.is_on());
        let done = change(&mut pending, diary)?;
        state.runtime.write(RUNTIME_FILE, &pending.to_bytes())?;
        state.pending = pending;
        Ok(done)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two changes.
        lock(&self.state)
    }
}
