//! What of check-ins is not in the profile's files, or not known from them: it stands in the runtime
//! folder.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::cells::{CELLS_PER_HOUR, CellTable, TakenCells};
use vungxanh_protocol::venue::sealed::{SEALED_BYTES, SealedVisit};
use vungxanh_protocol::venue::slot::Hour;
use zeroize::Zeroizing;

use super::diary::{Diary, ENTRY_BYTES, SealedEntry};
use super::error::CheckInError;
use super::open_visit::{ClosedVisit, OpenVisit, OpenVisitRecord};

/// The most sealed records that wait until the clock is confirmed: ten days of full hours.
const MAX_WAITING: usize = 960;

/// What is not in the file, or not known from it.
#[derive(Clone, Default)]
pub(super) struct Pending {
    pub(super) open: Option<OpenVisit>,
    pub(super) waiting: Vec<(Hour, SealedVisit)>,
    pub(super) taken: TakenCells,
    /// Diary entries with the hour in which their visits ended, and their number in it.
    pub(super) entries: Vec<(Hour, u8, SealedEntry)>,
    /// How many entries recent hours have.
    pub(super) numbers: BTreeMap<Hour, u8>,
}

/// [`Pending`] as it stands in the runtime folder.
#[derive(Default, Serialize, Deserialize)]
struct PendingRecord {
    open: Option<OpenVisitRecord>,
    waiting: Vec<(Hour, String)>,
    taken: TakenCells,
    #[serde(default)]
    entries: Vec<(Hour, u8, String)>,
    #[serde(default)]
    numbers: BTreeMap<Hour, u8>,
}

impl Pending {
    /// Refuses a check-in that the hour has no cell for, counting the visit that it would end.
    pub(super) fn require_free(&self, now: UnixTime) -> Result<(), VenueError> {
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
    pub(super) fn prolong(
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

    pub(super) fn end_if_over(
        &mut self,
        now: UnixTime,
        diary: Option<&Diary>,
    ) -> Result<Option<ClosedVisit>, CheckInError> {
        match &self.open {
            Some(open) if open.until() <= now => self.end(open.until(), true, diary),
            _ => Ok(None),
        }
    }

    pub(super) fn end(
        &mut self,
        at: UnixTime,
        automatic: bool,
        diary: Option<&Diary>,
    ) -> Result<Option<ClosedVisit>, CheckInError> {
        self.seal_until(at)?;
        let open = self.open.take();
        if let (Some(open), Some(diary)) = (&open, diary)
            && open.since() < at
        {
            let hour = Hour::at(at.minus(1));
            let number = self.numbers.entry(hour).or_default();
            let entry = diary.seal(&open.diary_entry(at), &mut rand::rng());
            self.entries.push((hour, *number, entry));
            *number = number.saturating_add(1);
        }
        Ok(open.map(|open| ClosedVisit {
            since: open.since(),
            until: at.max(open.since()),
            automatic,
        }))
    }

    pub(super) fn seal_until(&mut self, end: UnixTime) -> Result<(), CheckInError> {
        if let Some(open) = &mut self.open {
            self.waiting.extend(open.seal_until(end, &mut rand::rng())?);
            let excess = self.waiting.len().saturating_sub(MAX_WAITING);
            self.waiting.drain(..excess);
        }
        Ok(())
    }

    /// Moves the records of hours that the table has into it.
    pub(super) fn move_into(&mut self, table: &mut CellTable) {
        let waiting = std::mem::take(&mut self.waiting);
        for (hour, visit) in waiting {
            if hour > table.newest() {
                self.waiting.push((hour, visit));
                continue;
            }
            // There already if the daemon was killed between the file and the runtime folder.
            if !table.holds(hour, &visit) {
                let stay = [(hour, visit)];
                if let Err(error) = table.record(&stay, &mut self.taken, &mut rand::rng()) {
                    tracing::warn!(%error, "a sealed check-in was dropped");
                }
            }
        }
    }

    /// Moves the entries of hours that the diary has into it.
    pub(super) fn move_into_diary(&mut self, diary: &mut Diary) {
        let newest = diary.newest();
        self.entries.retain(|(hour, number, entry)| {
            let to_come = *hour > newest;
            let has_room =
                to_come || diary.holds(entry) || diary.put(*hour, usize::from(*number), *entry);
            if !has_room {
                tracing::warn!("an entry of the diary was dropped");
            }
            to_come
        });
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let (waiting, entries) = (self.waiting.iter(), self.entries.iter());
        let stored = PendingRecord {
            open: self.open.as_ref().map(OpenVisit::record),
            waiting: waiting.map(|(hour, visit)| (*hour, hex::encode(visit.as_bytes()))).collect(),
            taken: self.taken.clone(),
            entries: entries.map(|(hour, n, entry)| (*hour, *n, hex::encode(entry))).collect(),
            numbers: self.numbers.clone(),
        };
        // Such maps and texts always serialise.
        Zeroizing::new(serde_json::to_vec(&stored).unwrap_or_default())
    }

    /// `None` where it is damaged or of another version.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let stored: PendingRecord = serde_json::from_slice(bytes).ok()?;
        let open = match stored.open {
            Some(open) => Some(OpenVisit::resume(open)?),
            None => None,
        };
        let record = |(hour, hex): (Hour, String)| {
            let mut bytes = [0; SEALED_BYTES];
            hex::decode_to_slice(hex, &mut bytes).ok()?;
            Some((hour, SealedVisit::from_bytes(bytes)))
        };
        let waiting = stored.waiting.into_iter().map(record).collect::<Option<_>>()?;
        let entry = |(hour, number, hex): (Hour, u8, String)| {
            let mut bytes = [0; ENTRY_BYTES];
            hex::decode_to_slice(hex, &mut bytes).ok()?;
            Some((hour, number, bytes))
        };
        let entries = stored.entries.into_iter().map(entry).collect::<Option<_>>()?;
        Some(Self { open, waiting, taken: stored.taken, entries, numbers: stored.numbers })
    }
}
