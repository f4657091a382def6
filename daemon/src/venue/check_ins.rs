//! Check-ins of this device: one visit at most is open; closed ones are sealed and wait in the
//! runtime folder until their hour is over and the cell file is rewritten anyway.
//!
//! The cells of an hour enter the file once, when the hour is over, with all its visits: what is
//! stored never changes because of a visit, and the file is written at the same times with and
//! without one. The end of the daemon writes the running hour early.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::cells::{CELLS_PER_HOUR, CellBook, TakenCells};
use vungxanh_protocol::venue::keys::VenueKey;
use vungxanh_protocol::venue::sealed::{SEALED_BYTES, SealedVisit};
use vungxanh_protocol::venue::slot::Hour;
use zeroize::Zeroizing;

use super::cell_file::{self, CellFile, Damaged};
use super::error::CheckInError;
use super::open_visit::{KeptVisit, OpenVisit};
use super::runtime::Runtime;
use crate::profile::Profile;
use crate::store::StoreError;

/// Days that a new file has cells for, until the authority's retention is known.
const FIRST_RETENTION_DAYS: u32 = 14;
/// Sealed records that wait at most, for a clock that nobody confirms: ten days of full hours.
const MAX_WAITING: usize = 960;

/// The check-ins of one profile.
pub struct CheckIns {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    cells: CellFile,
    runtime: Runtime,
    live: Live,
    /// The hour in which the file was last written.
    written_in: Option<Hour>,
}

/// What is not in the file, or not known from it.
#[derive(Clone, Default)]
struct Live {
    open: Option<OpenVisit>,
    waiting: Vec<(Hour, SealedVisit)>,
    taken: TakenCells,
}

/// [`Live`] as it stands in the runtime folder.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    open: Option<KeptVisit>,
    waiting: Vec<(Hour, String)>,
    taken: TakenCells,
}

/// What came of a scan.
#[derive(Debug, Clone)]
pub struct CheckedIn {
    /// The visit that is open now.
    pub visit: OpenVisit,
    /// It was open before: the second scan prolonged it.
    pub extended: bool,
    /// The visit that this one ended, if another was open.
    pub closed: Option<Closed>,
}

/// A visit that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Its beginning.
    pub since: UnixTime,
    /// Its end.
    pub until: UnixTime,
    /// Nobody checked out; the stay was over.
    pub automatic: bool,
}

/// What time brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// The open visit ends soon.
    EndsSoon {
        /// When.
        until: UnixTime,
    },
    /// The open visit has ended.
    CheckedOut(Closed),
}

/// What was found when check-ins were opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The cell file was damaged.
    pub damaged: Option<Damaged>,
    /// Nothing of an earlier run was in the runtime folder: a visit that was open is lost.
    pub began_anew: bool,
}

impl CheckIns {
    /// Opens the profile's check-ins, making what is missing.
    pub fn open(
        profile: &Profile,
        runtime: Runtime,
        now: UnixTime,
    ) -> Result<(Self, Found), StoreError> {
        let (cells, damaged) =
            CellFile::open(profile, now, FIRST_RETENTION_DAYS, &mut rand::rng())?;
        let kept = runtime.read()?.map(Zeroizing::new).and_then(|bytes| Live::read(&bytes));
        let began_anew = kept.is_none();
        let live = kept.unwrap_or_default();
        runtime.write(&live.to_bytes())?;
        let state = Mutex::new(State { cells, runtime, live, written_in: None });
        Ok((Self { state, changed: Notify::new() }, Found { damaged, began_anew }))
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
        let result = self.change(|live| {
            let mut closed = live.end_if_over(now)?;
            let extended = live.open.as_ref().is_some_and(|open| open.is_of(&scanned));
            if extended {
                live.prolong(&scanned, companions, now)?;
            } else {
                live.require_free(now)?;
                closed = live.end(now, false)?.or(closed);
                live.open = Some(scanned.clone());
            }
            let visit = live.open.clone().unwrap_or_else(|| scanned.clone());
            Ok(CheckedIn { visit, extended, closed })
        });
        self.changed.notify_waiters();
        result
    }

    /// Ends the open visit now.
    pub fn check_out(&self, now: UnixTime) -> Result<Closed, CheckInError> {
        let closed = self.change(|live| match live.end_if_over(now)? {
            Some(closed) => Ok(closed),
            None => live.end(now, false)?.ok_or(CheckInError::NoVisit),
        });
        self.changed.notify_waiters();
        closed
    }

    /// Prolongs the open visit by `minutes`, or once more by the poster's stay.
    pub fn extend(&self, minutes: Option<u16>, now: UnixTime) -> Result<OpenVisit, CheckInError> {
        let extended = self.change(|live| {
            live.end_if_over(now)?;
            let open = live.open.as_mut().ok_or(CheckInError::NoVisit)?;
            if !open.extend(minutes) {
                let display = open.display_end() == Some(open.until());
                let reason =
                    if display { CheckInError::DisplayEnds } else { CheckInError::LongestStay };
                return Err(reason);
            }
            Ok(open.clone())
        });
        self.changed.notify_waiters();
        extended
    }

    /// The visit that is open at `now`.
    pub fn open_visit(&self, now: UnixTime) -> Option<OpenVisit> {
        self.state().live.open.clone().filter(|open| now < open.until())
    }

    /// For how many days sealed check-ins are kept.
    pub fn retention_days(&self) -> u32 {
        self.state().cells.retention_days()
    }

    /// Does what time brings: seals the hours that are over, reminds, checks out. Changes no file
    /// of the profile.
    pub fn pass_time(&self, now: UnixTime) -> Result<Vec<Happened>, CheckInError> {
        if self.state().live.open.is_none() {
            return Ok(Vec::new());
        }
        self.change(|live| {
            let mut happened = Vec::new();
            match live.end_if_over(now)? {
                Some(closed) => happened.push(Happened::CheckedOut(closed)),
                None => {
                    live.seal_until(Hour::at(now).start())?;
                    if let Some(open) = live.open.as_mut()
                        && open.take_reminder(now)
                    {
                        happened.push(Happened::EndsSoon { until: open.until() });
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
        self.state().live.open.as_ref().map_or(end, |open| open.next_moment().min(end))
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
        self.change(|live| live.seal_until(Hour::at(now).start()))?;
        let mut state = self.state();
        let rng = &mut rand::rng();
        let mut live = state.live.clone();
        let mut book = state.cells.book().clone();
        let days = retention_days.unwrap_or_else(|| state.cells.retention_days());
        if retention_days.is_some() {
            let running = Hour::at(now).number();
            let newest = if end { running } else { running.saturating_sub(1) };
            book.set_retention(days, rng);
            book.advance(Hour::new(newest), rng);
        }
        live.move_into(&mut book);
        live.taken.forget_before(Hour::at(now));
        state.cells.replace(book, days, rng)?;
        state.runtime.write(&live.to_bytes())?;
        state.live = live;
        state.written_in = Some(Hour::at(now));
        Ok(())
    }

    /// The cells, and the newest hour whose visits are all in them: later ones are for later.
    pub fn cells(&self, now: UnixTime) -> (CellBook, Hour) {
        let book = self.state().cells.book().clone();
        let over = Hour::new(Hour::at(now).number().saturating_sub(1));
        let complete = book.newest().min(over);
        (book, complete)
    }

    /// Destroys what is kept of a day, or everything, the open visit included.
    pub fn forget(&self, day: Option<UtcDay>) -> Result<(), StoreError> {
        let mut state = self.state();
        let rng = &mut rand::rng();
        let days = state.cells.retention_days();
        let (book, live) = match day {
            None => (cell_file::empty(days, rng), Live::default()),
            Some(day) => {
                let of_day = |hour: Hour| hour.start().day() == day;
                let (mut book, mut live) = (state.cells.book().clone(), state.live.clone());
                book.forget(of_day, rng);
                live.waiting.retain(|(hour, _)| !of_day(*hour));
                (book, live)
            }
        };
        state.runtime.write(&live.to_bytes())?;
        state.live = live;
        state.cells.replace(book, days, rng)?;
        // The next rewrite brings the hours up to now.
        state.written_in = None;
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Changes what is live, in the runtime folder first: a change that fails has not happened.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Live) -> Result<T, CheckInError>,
    ) -> Result<T, CheckInError> {
        let mut state = self.state();
        let mut live = state.live.clone();
        let done = change(&mut live)?;
        state.runtime.write(&live.to_bytes())?;
        state.live = live;
        Ok(done)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// Refuses a check-in that the hour has no cell for, counting the visit that it would end.
    fn require_free(&self, now: UnixTime) -> Result<(), VenueError> {
        let hour = Hour::at(now);
        let waiting = self.waiting.iter().filter(|(of, _)| *of == hour).count();
        let ending = self.open.as_ref().is_some_and(|open| open.has_part_in(hour, now));
        if waiting + usize::from(ending) < self.taken.free(hour) {
            Ok(())
        } else {
            Err(VenueError::HourFull { cells: CELLS_PER_HOUR })
        }
    }

    /// A second scan of the open visit's poster.
    fn prolong(
        &mut self,
        scanned: &OpenVisit,
        companions: Option<u8>,
        now: UnixTime,
    ) -> Result<(), CheckInError> {
        let renewed = self.open.as_ref().and_then(|open| scanned.takes_over_from(open));
        if let Some(from) = renewed {
            self.seal_until(from)?;
        }
        if let Some(open) = &mut self.open {
            let companions = companions.unwrap_or(open.companions());
            if renewed.is_some() {
                open.renew(scanned.clone());
            }
            open.stay_from(now);
            open.set_companions(companions);
        }
        Ok(())
    }

    fn end_if_over(&mut self, now: UnixTime) -> Result<Option<Closed>, CheckInError> {
        match &self.open {
            Some(open) if open.until() <= now => self.end(open.until(), true),
            _ => Ok(None),
        }
    }

    fn end(&mut self, at: UnixTime, automatic: bool) -> Result<Option<Closed>, CheckInError> {
        self.seal_until(at)?;
        let open = self.open.take();
        Ok(open.map(|open| Closed { since: open.since(), until: at.max(open.since()), automatic }))
    }

    fn seal_until(&mut self, end: UnixTime) -> Result<(), CheckInError> {
        if let Some(open) = &mut self.open {
            self.waiting.extend(open.seal_until(end, &mut rand::rng())?);
            let excess = self.waiting.len().saturating_sub(MAX_WAITING);
            self.waiting.drain(..excess);
        }
        Ok(())
    }

    /// Moves the records of hours that the book has into it.
    fn move_into(&mut self, book: &mut CellBook) {
        let waiting = std::mem::take(&mut self.waiting);
        for (hour, visit) in waiting {
            if hour > book.newest() {
                self.waiting.push((hour, visit));
                continue;
            }
            // There already if the daemon was killed between the file and the runtime folder.
            if !book.holds(hour, &visit) {
                let stay = [(hour, visit)];
                if let Err(error) = book.record(&stay, &mut self.taken, &mut rand::rng()) {
                    tracing::warn!(%error, "a sealed check-in was dropped");
                }
            }
        }
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let waiting = self.waiting.iter();
        let kept = Kept {
            open: self.open.as_ref().map(OpenVisit::kept),
            waiting: waiting.map(|(hour, visit)| (*hour, hex::encode(visit.as_bytes()))).collect(),
            taken: self.taken.clone(),
        };
        // Such maps and texts always serialise.
        Zeroizing::new(serde_json::to_vec(&kept).unwrap_or_default())
    }

    /// `None` where it is damaged or of another version.
    fn read(bytes: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(bytes).ok()?;
        let open = match kept.open {
            Some(kept) => Some(OpenVisit::resume(kept)?),
            None => None,
        };
        let record = |(hour, hex): (Hour, String)| {
            let mut bytes = [0; SEALED_BYTES];
            hex::decode_to_slice(hex, &mut bytes).ok()?;
            Some((hour, SealedVisit::from_bytes(bytes)))
        };
        let waiting = kept.waiting.into_iter().map(record).collect::<Option<_>>()?;
        Some(Self { open, waiting, taken: kept.taken })
    }
}
