//! Share requests: from a case's visit to the slots whose keys are wanted, and from both parties'
//! shares to warnings.

use std::collections::BTreeMap;

use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime, UtcDay};
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::risk::RiskParameters;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::display::DisplaySecret;
use vungxanh_protocol::venue::party::{MasterKey, PartyKey, PartySecret, ProvenKey};
use vungxanh_protocol::venue::poster::MAX_STAY_SECONDS;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::slot_key::{SlotKey, SlotShare};
use vungxanh_protocol::venue::sources::{SlotSource, sources};
use vungxanh_protocol::venue::warning::{NOTICE_TEXT_BYTES, Notice, Warning};

use super::diagnosis::TestType;
use super::typed::{shows_all, shows_all_lines};

/// The longest reason of a request or of a refusal, in characters.
pub const MAX_REASON_CHARACTERS: usize = 500;
/// For how long a poster may go on hanging after it was replaced or revoked: visitors' devices
/// take it until it expires, so its visits are asked for too.
pub const PAPER_DAYS: u64 = 7;
/// For how many days a venue may hand over shares in advance.
pub const MAX_ADVANCE_DAYS: u32 = 14;

/// A venue is reminded so long after it was asked, and after the last time, in seconds.
pub const REMIND_AFTER_SECONDS: u64 = 4 * 3_600;
/// A venue is reminded of one request so often at most; after that it is called.
pub const MAX_REMINDERS: u32 = 3;

/// How often a venue was reminded of a request that waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reminders {
    pub count: u32,
    pub last: Option<UnixTime>,
}

impl Reminders {
    /// From when on the venue may be reminded of a request of this time; none when it was often enough.
    pub fn next(self, requested_at: UnixTime) -> Option<UnixTime> {
        let since = self.last.unwrap_or(requested_at);
        (self.count < MAX_REMINDERS).then(|| since.plus(REMIND_AFTER_SECONDS))
    }
}

/// Number of a request.
pub type RequestId = i64;

/// What an officer says of a case's stay.
#[derive(Debug, Clone)]
pub struct Stay {
    /// When the case came.
    pub from: UnixTime,
    /// When the case left.
    pub until: UnixTime,
    /// The kind of test.
    pub test_type: TestType,
    pub symptom_day: Option<UtcDay>,
    /// Why, for the venue; never the case's name.
    pub reason: String,
    /// Words for visitors; may be empty.
    pub notice_text: String,
}

/// Why no one is warned about a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWarned {
    /// The times are reversed or more than a day apart.
    #[error("the visit ends before it begins, or is longer than a day")]
    Times,
    /// It has not happened yet.
    #[error("the visit is in the future")]
    InFuture,
    /// No device keeps visits of that time.
    #[error("the visit is so long ago that no device keeps visits of that time")]
    TooLongAgo,
    /// The test was negative.
    #[error("no one is warned about a negative test")]
    Negative,
    /// By the risk parameters.
    #[error("by the onset of symptoms, the case was not infectious on that day")]
    NotInfectious,
    /// No reason, or too long a text.
    #[error(
        "the reason must have 1 to 500 characters and the words for visitors at most 117 bytes"
    )]
    Texts,
    /// Characters that cannot be seen.
    #[error(
        "the reason or the words for visitors hold characters that cannot be seen; type them again"
    )]
    Hidden,
    #[error("no poster with that fingerprint was issued here; check the line, or name the place")]
    PosterUnknown,
    /// No poster at that time.
    #[error("the place had no poster at that time: there are no check-ins to warn")]
    NoPosterThen,
}

impl NotWarned {
    /// Its name, by which texts are found.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Times => "times",
            Self::InFuture => "future",
            Self::TooLongAgo => "old",
            Self::Negative => "negative",
            Self::NotInfectious => "not-infectious",
            Self::Texts => "texts",
            Self::Hidden => "hidden",
            Self::PosterUnknown => "poster",
            Self::NoPosterThen => "no-poster",
        }
    }
}

impl Stay {
    /// What warnings will say, or why there are none. The infectiousness is that of the stay's
    /// first day (UTC) by the parameters that keys are scored by.
    pub fn notice(
        &self,
        risk: &RiskParameters,
        retention_days: u32,
        now: UnixTime,
    ) -> Result<Notice, NotWarned> {
        let Self { from, until, .. } = *self;
        if from >= until || until.since(from) > MAX_STAY_SECONDS {
            return Err(NotWarned::Times);
        }
        if until > now {
            return Err(NotWarned::InFuture);
        }
        if until <= oldest_kept(retention_days, now) {
            return Err(NotWarned::TooLongAgo);
        }
        let reason = self.reason.trim().chars().count();
        if !(1..=MAX_REASON_CHARACTERS).contains(&reason)
            || self.notice_text.len() > NOTICE_TEXT_BYTES
        {
            return Err(NotWarned::Texts);
        }
        if !shows_all_lines(&self.reason) || !shows_all(self.notice_text.trim()) {
            return Err(NotWarned::Hidden);
        }
        let report_type = match self.test_type.report_type() {
            ReportType::Revoked => return Err(NotWarned::Negative),
            report_type => report_type,
        };
        let days = self.symptom_day.map(|onset| {
            i32::try_from(i64::from(from.day().number()) - i64::from(onset.number()))
                .unwrap_or(i32::MAX)
        });
        let infectiousness = match risk.infectiousness(days) {
            Infectiousness::None => return Err(NotWarned::NotInfectious),
            infectiousness => infectiousness,
        };
        let text = self.notice_text.trim().to_owned();
        Ok(Notice { from, until, report_type, infectiousness, text })
    }
}

/// Before this time no device keeps visits.
pub fn oldest_kept(retention_days: u32, now: UnixTime) -> UnixTime {
    now.minus(u64::from(retention_days) * DAY_SECONDS)
}

/// Names a stay at a poster without showing it to anyone who lacks `key`.
pub fn visit_hash(key: &SecretBytes<32>, poster: &PosterFingerprint, notice: &Notice) -> [u8; 32] {
    let times = [notice.from, notice.until].map(|time| time.as_secs().to_be_bytes());
    hmac_sha256(key.expose(), &[b"VX-REQUESTED-VISIT", poster.as_bytes(), &times[0], &times[1]])
}

/// A poster as its requests need it.
#[derive(Debug, Clone)]
pub struct RequestedPoster {
    pub id: i64,
    pub unit: i64,
    pub fingerprint: PosterFingerprint,
    /// What its code holds, of a display without the hour.
    pub payload: Vec<u8>,
    /// The venue's half of what visits are sealed to.
    pub venue_key: PartyKey,
    /// The generation of the authority's half.
    pub authority_key_id: u8,
    /// Of a display: from what its seeds derive.
    pub display: Option<DisplaySecret>,
    /// When it was issued.
    pub issued_at: UnixTime,
    /// First day of validity.
    pub not_before: UtcDay,
    /// First day after it.
    pub expires: UtcDay,
    /// When it was replaced, revoked, or its venue took another key or closed.
    pub ended_at: Option<UnixTime>,
}

impl RequestedPoster {
    /// Whether visits of `from..until` can have been sealed to it: issued before, not expired, and
    /// not taken down long ago.
    pub fn was_up(&self, from: UnixTime, until: UnixTime) -> bool {
        let taken_down =
            self.ended_at.is_some_and(|ended| ended.plus(PAPER_DAYS * DAY_SECONDS) <= from);
        self.issued_at < until && from < self.expires.start() && !taken_down
    }

    /// Whether devices took it in that hour.
    fn is_valid_in(&self, hour: Hour) -> bool {
        self.not_before.start() <= hour.start() && hour.start() < self.expires.start()
    }

    /// The sources of its slots of one hour: one of a printed poster, four of a display.
    fn sources(&self, hour: Hour) -> Result<Vec<SlotSource>, VenueError> {
        sources(&self.payload, self.display.as_ref(), hour)
    }
}

/// A slot whose key is wanted.
#[derive(Debug)]
pub struct WantedSlot {
    pub hour: Hour,
    /// Derives what is signed.
    pub source: SlotSource,
}

impl WantedSlot {
    /// By which a share names it.
    pub const fn name(&self) -> SlotName {
        SlotName { hour: self.hour, scan_hour: self.source.scan_hour }
    }
}

/// Names one of a poster's slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotName {
    pub hour: Hour,
    /// In which hour a display was scanned; none for a printed poster.
    pub scan_hour: Option<Hour>,
}

/// Shares by slot.
pub type Shares = BTreeMap<SlotName, SlotShare>;

/// The slots about which a warning is due: hours of the notice, lingering included, in which the
/// poster was valid and that devices still keep.
pub fn wanted_slots(
    poster: &RequestedPoster,
    notice: &Notice,
    lingering_minutes: u32,
    oldest: UnixTime,
) -> Result<Vec<WantedSlot>, VenueError> {
    let hours = notice.hours(lingering_minutes);
    slots_of(poster, hours.filter(|hour| hour.end() > oldest))
}

/// The slots of `days` days from the hour of `now` on, for shares in advance.
pub fn advance_slots(
    poster: &RequestedPoster,
    days: u32,
    now: UnixTime,
) -> Result<Vec<WantedSlot>, VenueError> {
    let until = now.plus(u64::from(days.min(MAX_ADVANCE_DAYS)) * DAY_SECONDS);
    slots_of(poster, Hour::touched(now, until))
}

fn slots_of(
    poster: &RequestedPoster,
    hours: impl Iterator<Item = Hour>,
) -> Result<Vec<WantedSlot>, VenueError> {
    let mut slots = Vec::new();
    for hour in hours.filter(|hour| poster.is_valid_in(*hour)) {
        let of_hour = poster.sources(hour)?;
        slots.extend(of_hour.into_iter().map(|source| WantedSlot { hour, source }));
    }
    Ok(slots)
}

/// Why shares were refused. Nothing of them is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    #[error("a share for hour {} is missing: all are needed at once", .0.hour.number())]
    Missing(SlotName),
    /// One is no point of the right group.
    #[error("the share for hour {} cannot be read", .0.hour.number())]
    Unreadable(SlotName),
    /// One was not asked for.
    #[error("a share for hour {} was not asked for", .0.hour.number())]
    NotWanted(SlotName),
    /// One was not made by the venue's key for that slot.
    #[error(
        "the share for hour {} was not made by the key on the poster, or for another hour",
        .0.hour.number()
    )]
    Wrong(SlotName),
    /// The authority cannot make its own half.
    #[error("the authority's own key {0} for this poster is not here")]
    NoAuthorityKey(u8),
    #[error("a warning could not be made")]
    Failed,
}

impl ShareError {
    /// Its name, by which texts are found.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Unreadable(_) => "unreadable",
            Self::NotWanted(_) => "not-wanted",
            Self::Wrong(_) => "wrong",
            Self::NoAuthorityKey(_) => "no-authority-key",
            Self::Failed => "failed",
        }
    }

    /// The slot that it is about.
    pub const fn slot(self) -> Option<SlotName> {
        match self {
            Self::Missing(slot)
            | Self::Unreadable(slot)
            | Self::NotWanted(slot)
            | Self::Wrong(slot) => Some(slot),
            Self::NoAuthorityKey(_) | Self::Failed => None,
        }
    }
}

/// Checks that `shares` are those of the wanted slots, each made by `venue_key`.
pub fn check_shares(
    wanted: &[WantedSlot],
    shares: &Shares,
    venue_key: &PartyKey,
) -> Result<(), ShareError> {
    let names: std::collections::BTreeSet<SlotName> = wanted.iter().map(WantedSlot::name).collect();
    if let Some(name) = shares.keys().find(|name| !names.contains(name)) {
        return Err(ShareError::NotWanted(*name));
    }
    for slot in wanted {
        let name = slot.name();
        let share = shares.get(&name).ok_or(ShareError::Missing(name))?;
        let identity = slot.source.deriver.identity(slot.hour);
        share.verify(venue_key, &identity).map_err(|_| ShareError::Wrong(name))?;
    }
    Ok(())
}

/// A warning that waits for a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueWarning {
    /// As it will be published.
    pub warning: Warning,
    /// Not before the hour is over: visits of it are still being sealed.
    pub due_at: UnixTime,
}

/// The warnings about all wanted slots, from the venue's shares and the authority's own.
pub fn make_warnings(
    poster: &RequestedPoster,
    notice: &Notice,
    wanted: &[WantedSlot],
    shares: &Shares,
    authority: (&PartySecret, &ProvenKey),
    rng: &mut impl rand::CryptoRng,
) -> Result<Vec<DueWarning>, ShareError> {
    check_shares(wanted, shares, &poster.venue_key)?;
    let (secret, public) = authority;
    let master = MasterKey::join(&poster.venue_key, public).map_err(|_| ShareError::Failed)?;
    let mut warnings = Vec::with_capacity(wanted.len());
    for slot in wanted {
        let (name, deriver) = (slot.name(), &slot.source.deriver);
        let identity = deriver.identity(slot.hour);
        let venue = shares.get(&name).ok_or(ShareError::Missing(name))?;
        let key = SlotKey::join(venue, &secret.share(&identity), &master, &identity)
            .map_err(|_| ShareError::Wrong(name))?;
        let notify_key = deriver.notify_key(slot.hour);
        let warning = Warning::new(slot.hour, &key, notice, &notify_key, rng)
            .map_err(|_| ShareError::Failed)?;
        warnings.push(DueWarning { warning, due_at: slot.hour.end() });
    }
    Ok(warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_venue_is_reminded_at_intervals_and_not_for_ever() {
        let asked = UnixTime::from_secs(1_630_476_000);
        let first = asked.plus(REMIND_AFTER_SECONDS);
        assert_eq!(Reminders::default().next(asked), Some(first));
        let again = Reminders { count: 1, last: Some(first.plus(60)) };
        assert_eq!(again.next(asked), Some(first.plus(60 + REMIND_AFTER_SECONDS)));
        assert_eq!(Reminders { count: MAX_REMINDERS, ..again }.next(asked), None);
    }
}
