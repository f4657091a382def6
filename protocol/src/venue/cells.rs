//! The cells in which a device keeps sealed visits: a fixed number for every hour of the retention
//! period, decoys where there was no visit, so that their number reveals nothing.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::VenueError;
use super::sealed::{SEALED_BYTES, SealedVisit};
use super::slot::Hour;
use super::warning::{VenueMatch, Warning};
use crate::read::Reader;

/// Cells of one hour.
pub const CELLS_PER_HOUR: usize = 4;
/// The longest retention, in days.
pub const MAX_RETENTION_DAYS: u32 = 21;
const VERSION: u8 = 1;
const HEADER_BYTES: usize = 5;
const HOURS_PER_DAY: u32 = 24;
const WHAT: &str = "the file of check-ins";

type HourCells = [SealedVisit; CELLS_PER_HOUR];

/// All cells of the retention period. [`CellTable::to_bytes`] has one length for each retention
/// period; the device seals it as a whole under a fresh key every hour, visit or not.
#[derive(Clone, PartialEq, Eq)]
pub struct CellTable {
    newest: Hour,
    hours: VecDeque<HourCells>,
}

impl CellTable {
    /// Decoys for `retention_days` (1..=21) up to and including the hour `newest`.
    pub fn new(retention_days: u32, newest: Hour, rng: &mut impl rand::CryptoRng) -> Self {
        let hours = hours_of(retention_days);
        Self { newest, hours: (0..hours).map(|_| decoys(rng)).collect() }
    }

    /// The length of [`CellTable::to_bytes`] for a retention period.
    pub fn bytes_for(retention_days: u32) -> usize {
        HEADER_BYTES + hours_of(retention_days) as usize * CELLS_PER_HOUR * SEALED_BYTES
    }

    /// Version, the newest hour, then all cells from the oldest hour to the newest.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.newest.number().to_be_bytes());
        for cell in self.hours.iter().flatten() {
            bytes.extend_from_slice(cell.as_bytes());
        }
        bytes
    }

    /// Reads what [`CellTable::to_bytes`] made for that retention period.
    pub fn from_bytes(bytes: &[u8], retention_days: u32) -> Result<Self, VenueError> {
        if bytes.len() != Self::bytes_for(retention_days) {
            return Err(VenueError::Length { what: WHAT, bytes: bytes.len() });
        }
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let newest = Hour::new(reader.u32()?);
        let mut hours = VecDeque::new();
        for _ in 0..hours_of(retention_days) {
            let mut read = || reader.array().map(SealedVisit::from_bytes);
            hours.push_back([read()?, read()?, read()?, read()?]);
        }
        reader.end()?;
        Ok(Self { newest, hours })
    }

    /// The newest hour that it has cells for.
    pub const fn newest(&self) -> Hour {
        self.newest
    }

    /// Drops the hours that have expired at `now` and adds decoys up to it. A clock that was set
    /// back changes nothing. Not to be called under a clock that is not trusted: one set far
    /// ahead would drop everything.
    pub fn advance(&mut self, now: Hour, rng: &mut impl rand::CryptoRng) {
        let passed = now.number().saturating_sub(self.newest.number()) as usize;
        for _ in 0..passed.min(self.hours.len()) {
            self.hours.pop_front();
            self.hours.push_back(decoys(rng));
        }
        self.newest = self.newest.max(now);
    }

    /// Changes the retention period: drops the oldest hours, or adds decoys before them.
    pub fn set_retention(&mut self, retention_days: u32, rng: &mut impl rand::CryptoRng) {
        let hours = hours_of(retention_days) as usize;
        while self.hours.len() > hours {
            self.hours.pop_front();
        }
        while self.hours.len() < hours {
            self.hours.push_front(decoys(rng));
        }
    }

    /// Replaces a decoy of each hour by a record of the stay ([`super::poster::Poster::seal_stay`]).
    /// Nothing is changed when one of the hours has no free cell or is not stored.
    pub fn record(
        &mut self,
        stay: &[(Hour, SealedVisit)],
        taken: &mut TakenCells,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<(), VenueError> {
        for (hour, _) in stay {
            self.index(*hour).ok_or(VenueError::HourNotKept)?;
            taken.require_free(*hour)?;
        }
        for (hour, visit) in stay {
            let index = self.index(*hour).ok_or(VenueError::HourNotKept)?;
            let cell = taken.take(*hour, rng)?;
            self.hours[index][cell] = visit.clone();
        }
        Ok(())
    }

    /// Whether one of the hour's cells is exactly this record.
    pub fn holds(&self, hour: Hour, visit: &SealedVisit) -> bool {
        self.index(hour).is_some_and(|index| self.hours[index].contains(visit))
    }

    /// Puts fresh decoys into all cells of the hours that `forgotten` picks.
    pub fn forget(&mut self, forgotten: impl Fn(Hour) -> bool, rng: &mut impl rand::CryptoRng) {
        for (age, cells) in self.hours.iter_mut().rev().enumerate() {
            let age = u32::try_from(age).unwrap_or(u32::MAX);
            if self.newest.number().checked_sub(age).is_some_and(|hour| forgotten(Hour::new(hour)))
            {
                *cells = decoys(rng);
            }
        }
    }

    /// Tries a warning on the cells of its hour: one match for each visit that it opens and
    /// speaks about. Costs up to four failed openings; an hour that is not stored costs nothing.
    pub fn try_warning(&self, warning: &Warning) -> Result<Vec<VenueMatch>, VenueError> {
        let Some(index) = self.index(warning.hour()) else { return Ok(Vec::new()) };
        let key = warning.slot_key()?;
        let readable = self.hours[index].iter().filter_map(|cell| cell.read().ok());
        let opened = readable.filter_map(|cell| cell.open(warning.hour(), &key));
        Ok(opened.filter_map(|visit| warning.venue_match(&visit).ok()).collect())
    }

    fn index(&self, hour: Hour) -> Option<usize> {
        let age = self.newest.number().checked_sub(hour.number())? as usize;
        (self.hours.len() - 1).checked_sub(age)
    }
}

impl fmt::Debug for CellTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CellTable")
            .field("newest", &self.newest)
            .field("hours", &self.hours.len())
            .finish()
    }
}

/// Which cells of recent hours hold visits. It lives in memory only, so that what is stored does
/// not show it; after a restart within the hour a visit can therefore replace an earlier one of the
/// same hour.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenCells(BTreeMap<Hour, [bool; CELLS_PER_HOUR]>);

impl TakenCells {
    /// Refuses where an hour has no free cell: asked before a check-in.
    pub fn require_free(&self, hour: Hour) -> Result<(), VenueError> {
        if self.0.get(&hour).is_some_and(|cells| !cells.contains(&false)) {
            return Err(VenueError::HourFull { cells: CELLS_PER_HOUR });
        }
        Ok(())
    }

    /// How many cells of an hour hold no visit.
    pub fn free(&self, hour: Hour) -> usize {
        let taken = self.0.get(&hour).map_or(0, |cells| cells.iter().filter(|cell| **cell).count());
        CELLS_PER_HOUR - taken
    }

    /// Forgets the hours before `hour`: called when no open visit reaches back so far.
    pub fn forget_before(&mut self, hour: Hour) {
        self.0 = self.0.split_off(&hour);
    }

    fn take(&mut self, hour: Hour, rng: &mut impl rand::CryptoRng) -> Result<usize, VenueError> {
        self.require_free(hour)?;
        let cells = self.0.entry(hour).or_default();
        let mut cell = rng.random_range(0..CELLS_PER_HOUR);
        while cells[cell] {
            cell = (cell + 1) % CELLS_PER_HOUR;
        }
        cells[cell] = true;
        Ok(cell)
    }
}

impl fmt::Debug for TakenCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TakenCells(..)")
    }
}

fn hours_of(retention_days: u32) -> u32 {
    retention_days.clamp(1, MAX_RETENTION_DAYS) * HOURS_PER_DAY
}

fn decoys(rng: &mut impl rand::CryptoRng) -> HourCells {
    std::array::from_fn(|_| SealedVisit::decoy(rng))
}
