//! Opening an hour of a door for a case: in memory only, and only who was there with the case comes out.

use std::collections::{BTreeMap, BTreeSet};

use super::card::CardKey;
use super::key::DoorKey;
use super::record::{DoorEvent, DoorRecord, SealedRecord, Shown};
use crate::interval::UnixTime;
use crate::pass::{CLOCK_GRACE_SECONDS, PassKeys, Presented};
use crate::venue::poster::MAX_STAY_SECONDS;
use crate::venue::slot::Hour;

/// The most records of one unit and hour that are opened.
pub const MAX_RECORDS_PER_HOUR: usize = 4_096;

/// Somebody who was scanned and was there with the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorVisit {
    /// What was scanned.
    pub shown: Shown,
    /// From when on both were there, in the hour.
    pub from: UnixTime,
    /// Until when.
    pub until: UnixTime,
    /// How many other persons came with them.
    pub companions: u8,
}

/// What an hour's records say. Visits without the case are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenedHour {
    /// Stays that overlap the case.
    pub visits: Vec<DoorVisit>,
    /// Records that opened, but hold a pass or card that is not valid in that hour.
    pub refused: usize,
    /// Records beyond [`MAX_RECORDS_PER_HOUR`], which were not looked at.
    pub left_over: usize,
}

/// Opens the records of `hour` with the door's key, verifies what they hold, joins coming and going, and
/// keeps who was there in `case`. Decoys, records of other hours and copies count nothing.
pub fn open_hour(
    records: &[SealedRecord],
    hour: Hour,
    key: &DoorKey,
    case: (UnixTime, UnixTime),
    pass_keys: &PassKeys,
    card_keys: &[CardKey],
) -> OpenedHour {
    let distinct: BTreeSet<&SealedRecord> = records.iter().collect();
    let mut opened = OpenedHour {
        left_over: distinct.len().saturating_sub(MAX_RECORDS_PER_HOUR),
        ..OpenedHour::default()
    };
    let mut joined: BTreeMap<Vec<u8>, JoinedRecords> = BTreeMap::new();
    for sealed in distinct.into_iter().take(MAX_RECORDS_PER_HOUR) {
        let Some(record) = sealed.open(hour, key) else { continue };
        if is_valid(&record, hour, pass_keys, card_keys) {
            joined.entry(record.shown.identity()).or_default().add(record);
        } else {
            opened.refused += 1;
        }
    }
    opened.visits = joined.into_values().filter_map(|records| records.with(case)).collect();
    opened
}

/// Coming and going of one code in one hour.
#[derive(Default)]
struct JoinedRecords {
    came: Option<DoorRecord>,
    left: Option<UnixTime>,
}

impl JoinedRecords {
    fn add(&mut self, record: DoorRecord) {
        match (record.event, &mut self.came) {
            (DoorEvent::Left, _) => {
                self.left = Some(self.left.map_or(record.from, |left| left.min(record.from)));
            }
            (DoorEvent::In, Some(came)) => {
                came.from = came.from.min(record.from);
                came.until = came.until.max(record.until);
                came.companions = came.companions.max(record.companions);
            }
            (DoorEvent::In, came) => *came = Some(record),
        }
    }

    fn with(self, (case_from, case_until): (UnixTime, UnixTime)) -> Option<DoorVisit> {
        let came = self.came?;
        let until = self.left.map_or(came.until, |left| came.until.min(left));
        let (from, until) = (came.from.max(case_from), until.min(case_until));
        let DoorRecord { shown, companions, .. } = came;
        (from < until).then_some(DoorVisit { shown, from, until, companions })
    }
}

/// A door can seal anything it likes: what it sealed must have been valid in that hour.
fn is_valid(record: &DoorRecord, hour: Hour, passes: &PassKeys, cards: &[CardKey]) -> bool {
    let day = passes.list().local_time.day(hour.start());
    match &record.shown {
        Shown::Pass(presented) => {
            let content = presented.pass().content();
            let shown_in_time = match presented {
                Presented::Live(live) => {
                    let earliest = hour.start().minus(MAX_STAY_SECONDS + CLOCK_GRACE_SECONDS);
                    let latest = record.until.plus(CLOCK_GRACE_SECONDS);
                    live.verify_holder().is_ok() && (earliest..=latest).contains(&live.shown_at())
                }
                Presented::Printed(_) => true,
            };
            // A stay from before midnight joined after it.
            let days = passes.valid_days(content.first_day);
            let of_days = days.contains(&day) || days.contains(&day.saturating_sub(1));
            !content.kind.is_specimen()
                && of_days
                && shown_in_time
                && passes.verify(presented.pass()).is_ok()
        }
        Shown::Card(card) => {
            cards.iter().any(|key| card.verify(key, day.saturating_sub(1)).is_ok())
        }
        Shown::Contact(_) => true,
    }
}
