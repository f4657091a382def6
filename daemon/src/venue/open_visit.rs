//! The visit that is open: where, since when, until when.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::keys::VenueKey;
use vungxanh_protocol::venue::poster::{MAX_STAY_SECONDS, Poster, UnverifiedPoster};
use vungxanh_protocol::venue::sealed::SealedVisit;
use vungxanh_protocol::venue::slot::Hour;

use super::diary::DiaryEntry;
use crate::control_api::VisitStatus;

/// How long before the automatic check-out the person is reminded, in seconds.
const REMINDER_SECONDS: u64 = 600;

/// What of an open visit outlasts the daemon.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct OpenVisitRecord {
    /// The code that was scanned, hex.
    code: String,
    /// The authority's key that it was verified with: the document may change meanwhile.
    authority_key: VenueKey,
    scanned_at: UnixTime,
    companions: u8,
    since: UnixTime,
    unsealed_from: UnixTime,
    until: UnixTime,
    reminded: bool,
}

/// The visit that is open.
#[derive(Clone)]
pub struct OpenVisit {
    record: OpenVisitRecord,
    poster: Poster,
    fingerprint: PosterFingerprint,
}

/// A visit that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedVisit {
    pub since: UnixTime,
    pub until: UnixTime,
    /// The person did not check out; the stay was over.
    pub automatic: bool,
}

impl OpenVisit {
    /// Verifies a scanned code and begins a visit.
    pub(super) fn begin(
        code: &[u8],
        keys: &[VenueKey],
        companions: u8,
        now: UnixTime,
    ) -> Result<Self, VenueError> {
        let (poster, fingerprint, authority_key) = verify(code, keys, now)?;
        let mut visit = Self {
            record: OpenVisitRecord {
                code: hex::encode(code),
                authority_key,
                scanned_at: now,
                companions,
                since: now,
                unsealed_from: now,
                until: now,
                reminded: false,
            },
            poster,
            fingerprint,
        };
        visit.stay_from(now);
        Ok(visit)
    }

    /// Takes up a visit that an earlier run of the daemon left open.
    pub(super) fn resume(record: OpenVisitRecord) -> Option<Self> {
        let code = hex::decode(&record.code).ok()?;
        let keys = std::slice::from_ref(&record.authority_key);
        let (poster, fingerprint, _) = verify(&code, keys, record.scanned_at).ok()?;
        Some(Self { record, poster, fingerprint })
    }

    /// What to keep of it.
    pub(super) fn record(&self) -> OpenVisitRecord {
        self.record.clone()
    }

    /// When the person checked in.
    pub const fn since(&self) -> UnixTime {
        self.record.since
    }

    /// When the person is checked out by itself.
    pub const fn until(&self) -> UnixTime {
        self.record.until
    }

    /// For how many others this device stands.
    pub const fn companions(&self) -> u8 {
        self.record.companions
    }

    /// The latest end that the visit can have: a day, or as far as a screen's code reaches.
    pub fn latest(&self) -> UnixTime {
        let longest = self.record.since.plus(MAX_STAY_SECONDS);
        self.display_end().map_or(longest, |end| end.min(longest))
    }

    /// How far the code reaches, if it was on a screen.
    pub(super) fn display_end(&self) -> Option<UnixTime> {
        self.poster.last_hour().map(Hour::end)
    }

    /// What a diary keeps of a visit that ended at `until`.
    pub(super) fn diary_entry(&self, until: UnixTime) -> DiaryEntry {
        let content = self.poster.content();
        DiaryEntry {
            venue: content.name.clone(),
            unit: content.unit.clone(),
            from: self.since(),
            until,
            companions: self.companions(),
            poster: self.fingerprint,
        }
    }

    /// What the control interface shows.
    pub fn status(&self) -> VisitStatus {
        let content = self.poster.content();
        VisitStatus {
            venue: content.name.clone(),
            unit: content.unit.clone(),
            street: content.street.clone(),
            since: self.since(),
            until: self.until(),
            latest: self.latest(),
            companions: self.companions(),
            shares_in_advance: content.shares_in_advance,
        }
    }

    /// Changes for how many others this device stands.
    pub(super) fn set_companions(&mut self, companions: u8) {
        self.record.companions = companions;
    }

    /// Whether another scan is of the same poster.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }

    /// Goes on with a later code of the same screen: from the beginning of its hour that is what
    /// the visit is sealed with. What lies before has to be sealed until there.
    pub(super) fn renew(&mut self, scanned: Self) {
        let OpenVisitRecord { since, unsealed_from, until, .. } = self.record;
        *self =
            Self { record: OpenVisitRecord { since, unsealed_from, ..scanned.record }, ..scanned };
        self.record.until = self.record.until.max(until).min(self.latest());
    }

    /// From when on a later code of the same screen takes over; `None` if this is no such code.
    pub(super) fn takes_over_from(&self, earlier: &Self) -> Option<UnixTime> {
        let hour = self.poster.scan_hour()?;
        (earlier.poster.scan_hour()? < hour).then(|| hour.start())
    }

    /// Prolongs the visit as if it had begun at `now`; never shortens it.
    pub(super) fn stay_from(&mut self, now: UnixTime) {
        let minutes = u64::from(self.poster.content().default_stay_minutes());
        self.stay_until(now.plus(minutes * 60));
    }

    /// Prolongs the visit by `minutes`, or by the poster's stay. Returns whether that changed
    /// anything.
    pub(super) fn extend(&mut self, minutes: Option<u16>) -> bool {
        let minutes = minutes.unwrap_or_else(|| self.poster.content().default_stay_minutes());
        let before = self.record.until;
        self.stay_until(before.plus(u64::from(minutes) * 60));
        self.record.until > before
    }

    fn stay_until(&mut self, until: UnixTime) {
        let until = until.min(self.latest());
        if until > self.record.until {
            self.record.until = until;
            self.record.reminded = false;
        }
    }

    /// Seals what of the visit lies before `end` and has not been sealed: one record an hour.
    pub(super) fn seal_until(
        &mut self,
        end: UnixTime,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Vec<(Hour, SealedVisit)>, VenueError> {
        let end = end.min(self.record.until);
        if end <= self.record.unsealed_from {
            return Ok(Vec::new());
        }
        let sealed =
            self.poster.seal_stay(self.record.unsealed_from, end, self.record.companions, rng)?;
        self.record.unsealed_from = end;
        Ok(sealed)
    }

    /// Whether sealing up to `now` takes a cell of the hour.
    pub(super) fn has_part_in(&self, hour: Hour, now: UnixTime) -> bool {
        self.record.unsealed_from < now.min(self.record.until) && Hour::at(now) == hour
    }

    /// When something is due: the reminder or the automatic check-out.
    pub(super) fn next_moment(&self) -> UnixTime {
        self.reminder().unwrap_or(self.record.until)
    }

    /// Whether to remind the person now; once for each end.
    pub(super) fn take_reminder(&mut self, now: UnixTime) -> bool {
        let due = self.reminder().is_some_and(|at| at <= now);
        self.record.reminded |= due;
        due
    }

    /// When to remind; not of a stay that is hardly longer than the warning.
    fn reminder(&self) -> Option<UnixTime> {
        let long = self.record.until.since(self.record.since) > 2 * REMINDER_SECONDS;
        (long && !self.record.reminded).then(|| self.record.until.minus(REMINDER_SECONDS))
    }
}

impl std::fmt::Debug for OpenVisit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenVisit(..)")
    }
}

/// The poster with the key that vouches for it.
fn verify(
    code: &[u8],
    keys: &[VenueKey],
    now: UnixTime,
) -> Result<(Poster, PosterFingerprint, VenueKey), VenueError> {
    let unverified = UnverifiedPoster::read(code)?;
    let id = unverified.unverified_content().authority_key_id;
    let key = keys.iter().find(|key| key.id == id).ok_or(VenueError::UnknownKey(id))?;
    let fingerprint = PosterFingerprint::of_payload(unverified.payload());
    let poster = unverified.verify(&[key.proven()?], now)?;
    Ok((poster, fingerprint, key.clone()))
}
