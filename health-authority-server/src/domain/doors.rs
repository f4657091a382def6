//! Supervised doors: what a door sends of an hour, and what is made of it for a case.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::VerifyingKey;
use vungxanh_protocol::door::{
    DoorKey, DoorShare, DoorVisit, PassNotice, RECORD_BYTES, SealedRecord, Shown, UPLOAD_CLASSES,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::party::{MasterKey, PartySecret, ProvenKey};
use vungxanh_protocol::venue::poster::MAX_STAY_SECONDS;
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use vungxanh_protocol::venue::warning::Notice;

use super::door_secrets::{Call, Callee};
use super::share_requests::{RequestedPoster, ShareError, SlotName};

/// Doors send an hour's records within so long after it. A request is answered only then.
pub const UPLOAD_SECONDS: u64 = 3_600;
/// The largest upload, in bytes.
pub const MAX_UPLOAD_BYTES: usize = MAX_UPLOAD_RECORDS * RECORD_BYTES;
const MAX_UPLOAD_RECORDS: usize = UPLOAD_CLASSES[UPLOAD_CLASSES.len() - 1];

/// How many records are stored at most, decoys included.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Of one unit and hour: as many as are opened.
    pub of_hour: u64,
    pub of_venue: u64,
    pub of_all: u64,
}

impl Bounds {
    /// 352 bytes a record: 1.4 MB an hour, 350 MB a venue, 14 GB in all.
    pub const DEFAULT: Self = Self {
        of_hour: vungxanh_protocol::door::MAX_RECORDS_PER_HOUR as u64,
        of_venue: 1_000_000,
        of_all: 40_000_000,
    };
}

/// How many records an upload of so many bytes has; none of a length that no upload has.
pub fn records_in(bytes: usize) -> Option<usize> {
    UPLOAD_CLASSES.into_iter().find(|class| class * RECORD_BYTES == bytes)
}

/// The records of an upload.
pub fn split_upload(upload: &[u8]) -> impl Iterator<Item = SealedRecord> {
    upload.as_chunks::<RECORD_BYTES>().0.iter().map(|record| SealedRecord::from_bytes(*record))
}

/// A venue's shares of a door's keys, by hour.
pub type DoorShares = BTreeMap<Hour, DoorShare>;

/// From when on a request about these hours can be answered: their records are in.
pub fn complete_at(hours: &BTreeSet<Hour>) -> Option<UnixTime> {
    hours.last().map(|hour| hour.end().plus(UPLOAD_SECONDS))
}

/// Joins the door's keys of all these hours, which must be exactly those of the shares.
pub fn join_keys(
    poster: &RequestedPoster,
    hours: &BTreeSet<Hour>,
    shares: &DoorShares,
    (secret, public): (&PartySecret, &ProvenKey),
) -> Result<Vec<(Hour, DoorKey)>, ShareError> {
    if let Some(hour) = shares.keys().find(|hour| !hours.contains(hour)) {
        return Err(ShareError::NotWanted(name_of(*hour)));
    }
    let master = MasterKey::join(&poster.venue_key, public).map_err(|_| ShareError::Failed)?;
    let deriver = SlotDeriver::of_poster(&poster.payload);
    let mut keys = Vec::with_capacity(hours.len());
    for hour in hours {
        let share = shares.get(hour).ok_or(ShareError::Missing(name_of(*hour)))?;
        let identity = deriver.door_identity(*hour);
        let own = secret.door_share(&identity);
        let key = DoorKey::join(share, &own, &master, &identity);
        keys.push((*hour, key.map_err(|_| ShareError::Wrong(name_of(*hour)))?));
    }
    Ok(keys)
}

/// A door has one key an hour, also at a unit with a display.
pub const fn name_of(hour: Hour) -> SlotName {
    SlotName { hour, scan_hour: None }
}

/// When the case's presence counts: until the air is changed.
pub fn case_time(notice: &Notice, lingering_minutes: u32) -> (UnixTime, UnixTime) {
    (notice.from, notice.until.plus(u64::from(lingering_minutes) * 60))
}

/// Stretches of time, each from when until when.
type Times = Vec<(UnixTime, UnixTime)>;

/// One notice for each stretch of time that a pass was there with the case: hours that touch are one.
pub fn notices(
    visits: &[DoorVisit],
    case: &Notice,
    venue: &str,
) -> Vec<(VerifyingKey, PassNotice)> {
    let mut stays: BTreeMap<Vec<u8>, (VerifyingKey, Times)> = BTreeMap::new();
    for visit in visits {
        let Shown::Pass(presented) = &visit.shown else { continue };
        let holder = *presented.pass().content().holder();
        let stay = stays.entry(visit.shown.identity()).or_insert((holder, Vec::new()));
        stay.1.push((visit.from, visit.until));
    }
    let notice = |(from, until)| PassNotice {
        from,
        until,
        report_type: case.report_type,
        infectiousness: case.infectiousness,
        venue: venue.to_owned(),
        words: case.text.clone(),
    };
    let joined = stays
        .into_values()
        .flat_map(|(holder, times)| join_times(times).into_iter().map(move |time| (holder, time)));
    joined.map(|(holder, time)| (holder, notice(time))).collect()
}

/// One call for each contact or card: hours that touch are one stay, and of several stays the first counts.
pub fn calls(visits: &[DoorVisit], venue: &str) -> Vec<Call> {
    let mut stays: BTreeMap<Vec<u8>, (Call, Times)> = BTreeMap::new();
    for visit in visits {
        let callee = match &visit.shown {
            Shown::Contact(contact) => Callee::Contact(contact.clone()),
            Shown::Card(card) => Callee::Card(*card),
            Shown::Pass(_) => continue,
        };
        let (from, until) = (visit.from, visit.until);
        let companions = visit.companions;
        let new = || Call { callee: callee.clone(), from, until, companions, venue: venue.into() };
        let stay = stays.entry(visit.shown.identity()).or_insert_with(|| (new(), Vec::new()));
        stay.0.companions = stay.0.companions.max(companions);
        stay.1.push((from, until));
    }
    let joined = stays.into_values().filter_map(|(call, times)| {
        let (from, until) = join_times(times).into_iter().next()?;
        Some(Call { from, until, ..call })
    });
    joined.collect()
}

fn join_times(mut times: Vec<(UnixTime, UnixTime)>) -> Vec<(UnixTime, UnixTime)> {
    times.sort_unstable();
    let mut joined: Vec<(UnixTime, UnixTime)> = Vec::new();
    for (from, until) in times {
        match joined.last_mut() {
            Some((first, last)) if from <= *last && until.since(*first) <= MAX_STAY_SECONDS => {
                *last = until.max(*last);
            }
            _ => joined.push((from, until)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_has_one_of_three_lengths() {
        assert_eq!(
            [64, 512, 4_096].map(|n| records_in(n * 352)),
            [Some(64), Some(512), Some(4_096)]
        );
        for bytes in [0, 352, 64 * 352 - 1, 64 * 352 + 1, 65 * 352, 4_097 * 352] {
            assert_eq!(records_in(bytes), None, "{bytes}");
        }
    }

    #[test]
    fn hours_that_touch_are_one_stay_of_at_most_a_day() {
        let at = UnixTime::from_secs;
        let hours =
            |range: std::ops::Range<u64>| range.map(|h| (at(h * 3_600), at((h + 1) * 3_600)));
        let times: Vec<_> = hours(5..7).rev().chain(hours(9..10)).collect();
        assert_eq!(
            join_times(times),
            [(at(5 * 3_600), at(7 * 3_600)), (at(9 * 3_600), at(10 * 3_600))]
        );
        let day = join_times(hours(0..25).collect());
        assert_eq!(day, [(at(0), at(24 * 3_600)), (at(24 * 3_600), at(25 * 3_600))]);
    }
}
