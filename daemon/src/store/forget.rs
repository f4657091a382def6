//! What a person has destroyed: everything, or what is stored of a stretch of time.

use std::ops::Range;

use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::Record;

/// What [`super::EncounterStore::forget`] destroys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forget {
    /// Scans, own keys, exposure windows and matches that touch this time. Days are sealed by UTC:
    /// the keys of all that are touched are destroyed, and what of them lies outside is sealed under
    /// fresh ones. A kill in between destroys more, never less.
    Times(Range<UnixTime>),
    /// Scans, own keys, exposure windows and matches of all days; named records (enrolment) stay.
    AllDays,
    /// All of it, named records too.
    Everything,
}

impl Forget {
    /// Whether something of this day is destroyed.
    pub(super) fn touches(&self, day: UtcDay) -> bool {
        match self {
            Self::Times(times) => overlap(times, &(day.start()..day.plus(1).start())),
            Self::AllDays | Self::Everything => true,
        }
    }

    /// What stays of the records of days that are touched.
    pub(super) fn rest_of(&self, records: Vec<Record>) -> Vec<Record> {
        let Self::Times(times) = self else { return Vec::new() };
        let touched = records.into_iter().filter(|r| r.day().is_some_and(|day| self.touches(day)));
        touched.filter_map(|record| outside(record, times)).collect()
    }
}

/// What of a record does not touch a time.
fn outside(record: Record, times: &Range<UnixTime>) -> Option<Record> {
    let stays = |from: UnixTime, until: UnixTime| !overlap(times, &(from..until));
    match record {
        Record::Scans(interval, block) => stays(interval.start(), interval.plus(1).start())
            .then_some(Record::Scans(interval, block)),
        Record::OwnKeys(day, mut keys) => {
            keys.retain(|own| {
                stays(own.key.rolling_start().start(), own.key.rolling_end().start())
            });
            (!keys.is_empty()).then_some(Record::OwnKeys(day, keys))
        }
        Record::Exposures(day, mut of_cases) => {
            of_cases.retain(|of_case| {
                let window = &of_case.window;
                stays(window.start, window.start.plus(u64::from(window.seconds().max(1))))
            });
            (!of_cases.is_empty()).then_some(Record::Exposures(day, of_cases))
        }
        Record::VenueMatches(day, mut found) => {
            found.retain(|found| stays(found.visit_from, found.visit_until));
            (!found.is_empty()).then_some(Record::VenueMatches(day, found))
        }
        Record::State(..) => None,
    }
}

fn overlap(one: &Range<UnixTime>, other: &Range<UnixTime>) -> bool {
    one.start < other.end && other.start < one.end
}
