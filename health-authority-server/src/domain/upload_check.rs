//! What an upload may contain and what it changes: validation of uploaded keys and the rules
//! of revision, as exposure-notifications-server has them.

use std::collections::{BTreeMap, BTreeSet};

use vungxanh_protocol::api::{MAX_PUBLISHED_KEYS, PublishRequest, PublishedKey};
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{DAY_SECONDS, Interval, RollingPeriod, UnixTime, UtcDay};
use vungxanh_protocol::publish::{TransmissionRisk, tek_hmac};

use super::base64_any;
use super::revision::RevisableKey;

/// Keys whose validity ended longer ago than this many days are refused.
pub const MAX_KEY_AGE_DAYS: u64 = 15;
/// Keys further from the onset of symptoms than this many days are dropped.
pub const MAX_DAYS_SINCE_ONSET: i32 = 14;
/// Keys of one upload that may start at the same interval.
pub const MAX_SAME_START: usize = 3;
/// An onset of symptoms longer ago than this many days is taken as unknown.
const MAX_ONSET_AGE_DAYS: u64 = 28;
/// Warnings in a reply, at most: it has a constant size.
const MAX_WARNINGS: usize = 4;

/// Whether an upload is real, or a dummy whose changes are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadKind {
    Real,
    /// The same statements, taken back to a savepoint; only a count stays.
    Dummy,
}

impl UploadKind {
    /// As the request marks itself.
    pub const fn of(look_alike: bool) -> Self {
        if look_alike { Self::Dummy } else { Self::Real }
    }
}

/// Why an upload was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUpload {
    #[error("no exposure keys in the request")]
    NoKeys,
    /// More keys than allowed.
    #[error("{0} exposure keys in the request; at most {MAX_PUBLISHED_KEYS} are taken")]
    TooManyKeys(usize),
    /// Two keys cover the same time without starting together, or too many start together.
    #[error("exposure keys overlap: {0}")]
    Overlap(&'static str),
    /// None of the keys is valid.
    #[error("no exposure key is valid: {0}")]
    NoneValid(String),
}

/// The keys of an upload that are taken, and what is said about the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValidKeys {
    pub keys: Vec<DiagnosisKey>,
    /// Dropped because of their distance from the onset of symptoms.
    pub warnings: Vec<String>,
    /// Dropped because they are not valid: the upload is a partial failure.
    pub failures: Vec<String>,
}

/// Checks an upload's keys and puts them into the form in which they are stored.
/// `onset` is the interval of the onset of symptoms, if known.
pub fn validate(
    keys: &[PublishedKey],
    report_type: ReportType,
    onset: Option<Interval>,
    now: UnixTime,
) -> Result<ValidKeys, InvalidUpload> {
    if keys.is_empty() {
        return Err(InvalidUpload::NoKeys);
    }
    if keys.len() > MAX_PUBLISHED_KEYS {
        return Err(InvalidUpload::TooManyKeys(keys.len()));
    }
    let mut valid = ValidKeys::default();
    for (index, published) in keys.iter().enumerate() {
        let key = match read_key(published, report_type, now) {
            Ok(key) => key,
            Err(reason) => {
                valid.failures.push(format!("key {index}: {reason}"));
                continue;
            }
        };
        let days_since_onset = onset.map(|onset| days_since_onset(key.rolling_start, onset));
        if days_since_onset.is_some_and(|days| days.abs() > MAX_DAYS_SINCE_ONSET) {
            valid.warnings.push(format!(
                "key {index}: more than {MAX_DAYS_SINCE_ONSET} days from the onset of symptoms, dropped"
            ));
            continue;
        }
        valid.keys.push(DiagnosisKey { days_since_onset, ..key });
    }
    if valid.keys.is_empty() && valid.warnings.is_empty() {
        return Err(InvalidUpload::NoneValid(
            valid.failures.into_iter().next().unwrap_or_default(),
        ));
    }
    check_overlaps(&valid.keys)?;
    valid.warnings.truncate(MAX_WARNINGS);
    valid.failures.truncate(MAX_WARNINGS);
    Ok(valid)
}

fn read_key(
    published: &PublishedKey,
    report_type: ReportType,
    now: UnixTime,
) -> Result<DiagnosisKey, &'static str> {
    let key: [u8; KEY_BYTES] = base64_any::decode(&published.key)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or("not the Base64 of 16 bytes")?;
    let rolling_start = u32::try_from(published.rolling_start_number)
        .map(Interval::new)
        .map_err(|_| "rollingStartNumber is no interval number")?;
    let rolling_period = rolling_period(published).ok_or("rollingPeriod is outside 1..=144")?;
    let transmission_risk = i32::try_from(published.transmission_risk)
        .ok()
        .filter(|risk| (0..=8).contains(risk))
        .ok_or("transmissionRisk is outside 0..=8")?;
    let key = DiagnosisKey {
        key,
        rolling_start,
        rolling_period,
        report_type,
        days_since_onset: None,
        transmission_risk,
    };
    if key.is_future(now) {
        return Err("starts in the future");
    }
    if key.rolling_end() <= now.minus(MAX_KEY_AGE_DAYS * DAY_SECONDS).interval() {
        return Err("ended more than 15 days ago");
    }
    Ok(key)
}

/// Absent or 0 means a whole day.
fn rolling_period(published: &PublishedKey) -> Option<RollingPeriod> {
    match published.rolling_period {
        0 => Some(RollingPeriod::DAY),
        intervals => RollingPeriod::new(intervals).ok(),
    }
}

/// Keys may follow each other or start together (a device that replaced its running key, at most
/// [`MAX_SAME_START`]); any other overlap is no honest device's.
fn check_overlaps(keys: &[DiagnosisKey]) -> Result<(), InvalidUpload> {
    if keys.iter().map(|key| key.key).collect::<BTreeSet<_>>().len() < keys.len() {
        return Err(InvalidUpload::Overlap("the same key twice"));
    }
    let mut by_start: BTreeMap<Interval, (usize, Interval)> = BTreeMap::new();
    for key in keys {
        let (count, end) = by_start.entry(key.rolling_start).or_insert((0, key.rolling_end()));
        *count += 1;
        *end = (*end).max(key.rolling_end());
        if *count > MAX_SAME_START {
            return Err(InvalidUpload::Overlap("more than 3 keys start together"));
        }
    }
    let mut previous_end = Interval::default();
    for (start, (_, end)) in by_start {
        if start < previous_end {
            return Err(InvalidUpload::Overlap("a key starts while another is valid"));
        }
        previous_end = end;
    }
    Ok(())
}

/// Days from the day of `onset` to the day on which a key starts.
pub fn days_since_onset(rolling_start: Interval, onset: Interval) -> i32 {
    let day = |interval: Interval| i64::from(interval.day().number());
    i32::try_from(day(rolling_start) - day(onset)).unwrap_or(i32::MAX)
}

/// The onset of symptoms to reckon with: what the authority certified, else what the device says,
/// each only if it lies within the last 28 days.
pub fn onset_interval(certified: u32, said: i64, now: UnixTime) -> Option<Interval> {
    let oldest = UtcDay::start(now.day()).minus(MAX_ONSET_AGE_DAYS * DAY_SECONDS).interval();
    [i64::from(certified), said]
        .into_iter()
        .filter_map(|number| u32::try_from(number).ok().map(Interval::new))
        .find(|onset| (oldest..=now.interval()).contains(onset))
}

/// Whether `tekmac` (Base64) is the HMAC of the request's keys under its `hmacKey`, in one of the
/// spellings that clients use: with or without the transmission risk when every one is 0, and an
/// absent rolling period as it was sent or as the 144 that it means. Constant time.
pub fn hmac_matches(request: &PublishRequest, tekmac: &str) -> bool {
    let (Some(hmac_key), Some(expected)) =
        (base64_any::decode(&request.hmac_key), base64_any::decode(tekmac))
    else {
        return false;
    };
    let as_sent = request.temporary_exposure_keys.clone();
    let mut completed = as_sent.clone();
    for key in completed.iter_mut().filter(|key| key.rolling_period == 0) {
        key.rolling_period = RollingPeriod::DAY.intervals().into();
    }
    let no_risk = as_sent.iter().all(|key| key.transmission_risk == 0);
    let mut matches = subtle::Choice::from(0);
    for keys in [&as_sent, &completed] {
        for risk in [TransmissionRisk::Included, TransmissionRisk::Omitted] {
            let allowed = risk == TransmissionRisk::Included || no_risk;
            let found = tek_hmac(keys, risk, &hmac_key);
            matches |= subtle::ConstantTimeEq::ct_eq(&found[..], &expected[..])
                & subtle::Choice::from(u8::from(allowed));
        }
    }
    matches.into()
}

/// A stored key that a publication names again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredKey {
    /// As it was first published.
    pub key: DiagnosisKey,
    /// What it was revised to.
    pub revised_to: Option<ReportType>,
    /// Whether everyone can know it already.
    pub released: bool,
}

/// What a publication changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    pub insert: Vec<DiagnosisKey>,
    /// Stored keys with their new report type and days since onset.
    pub revise: Vec<DiagnosisKey>,
    /// Stored keys that stay as they are.
    pub unchanged: usize,
}

/// Why a publication may not change what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RevisionRefused {
    /// It names stored keys without showing that it is their owner.
    #[error("the request names keys that are stored already, without a revision token")]
    MissingToken,
    /// The token is not ours or does not name these keys.
    #[error("the revision token is not valid for these keys")]
    InvalidToken,
    /// Keys can be revised once.
    #[error("a key was revised already")]
    AlreadyRevised,
    /// Only likely cases can be revised, to confirmed or negative.
    #[error("only a likely case can be revised, to confirmed or negative")]
    InvalidTransition,
}

/// What `incoming` keys change of what is stored. `token` holds the keys of the revision token,
/// if one was sent.
///
/// A device that got no answer sends the same publication again: as long as none of the keys has
/// been released, knowing them shows who it is, and it is answered as at the first time.
pub fn changes(
    stored: &BTreeMap<[u8; KEY_BYTES], StoredKey>,
    incoming: &[DiagnosisKey],
    token: Option<&[RevisableKey]>,
) -> Result<Changes, RevisionRefused> {
    let mut changes = Changes::default();
    for new in incoming {
        let Some(known) = stored.get(&new.key) else {
            // A negative test takes back what was published; it publishes nothing.
            if new.report_type != ReportType::Revoked {
                changes.insert.push(*new);
            }
            continue;
        };
        if let Some(token) = token
            && !token.contains(&RevisableKey::from(&known.key))
        {
            return Err(RevisionRefused::InvalidToken);
        }
        if RevisableKey::from(&known.key) != RevisableKey::from(new) {
            return Err(
                token.map_or(RevisionRefused::MissingToken, |_| RevisionRefused::InvalidToken)
            );
        }
        let current = known.revised_to.unwrap_or(known.key.report_type);
        if current == new.report_type {
            if token.is_none() && known.released {
                return Err(RevisionRefused::MissingToken);
            }
            changes.unchanged += 1;
        } else if token.is_none() {
            return Err(RevisionRefused::MissingToken);
        } else if known.revised_to.is_some() {
            return Err(RevisionRefused::AlreadyRevised);
        } else if current != ReportType::ClinicalDiagnosis {
            return Err(RevisionRefused::InvalidTransition);
        } else {
            changes.revise.push(*new);
        }
    }
    if changes == Changes::default() && !incoming.is_empty() {
        return Err(RevisionRefused::InvalidTransition);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_600_000_000);

    fn key(n: u8, start: Interval, period: i64) -> PublishedKey {
        PublishedKey {
            key: BASE64_STANDARD.encode([n; 16]),
            rolling_start_number: start.number().into(),
            rolling_period: period,
            transmission_risk: 0,
        }
    }

    fn check(keys: &[PublishedKey]) -> Result<ValidKeys, InvalidUpload> {
        validate(keys, ReportType::ConfirmedTest, None, NOW)
    }

    #[test]
    fn window_of_fifteen_days() {
        let now = NOW.interval();
        let oldest = now.minus(15 * 144);
        assert!(check(&[key(1, now, 144)]).is_ok());
        assert!(check(&[key(1, now.plus(1), 1)]).is_err());
        assert!(check(&[key(1, oldest.minus(143), 144)]).is_ok());
        assert!(check(&[key(1, oldest.minus(144), 144)]).is_err());
        let mixed = check(&[key(1, now.plus(1), 1), key(2, now, 36)]).unwrap();
        assert_eq!((mixed.keys.len(), mixed.failures.len()), (1, 1));
    }

    #[test]
    fn each_malformed_field() {
        let now = NOW.interval();
        let good = key(1, now, 36);
        let variants = [
            PublishedKey { key: BASE64_STANDARD.encode([1; 15]), ..good.clone() },
            PublishedKey { key: "??".into(), ..good.clone() },
            PublishedKey { rolling_period: 145, ..good.clone() },
            PublishedKey { rolling_period: -1, ..good.clone() },
            PublishedKey { rolling_start_number: -1, ..good.clone() },
            PublishedKey { rolling_start_number: 1 << 40, ..good.clone() },
            PublishedKey { transmission_risk: 9, ..good.clone() },
        ];
        for variant in variants {
            let refused = check(std::slice::from_ref(&variant));
            assert!(matches!(refused, Err(InvalidUpload::NoneValid(_))), "{variant:?}");
        }
        let absent = check(&[PublishedKey { rolling_period: 0, ..good }]).unwrap();
        assert_eq!(absent.keys[0].rolling_period, RollingPeriod::DAY);
        assert_eq!(check(&[]), Err(InvalidUpload::NoKeys));
        let many: Vec<_> = (0..65).map(|n| key(n, now.minus(u32::from(n)), 1)).collect();
        assert_eq!(check(&many), Err(InvalidUpload::TooManyKeys(65)));
    }

    #[test]
    fn overlaps() {
        let start = NOW.interval().minus(500);
        let same =
            |count: u8| (0..count).map(|n| key(n, start, 144 - i64::from(n))).collect::<Vec<_>>();
        assert!(check(&same(3)).is_ok());
        assert!(matches!(check(&same(4)), Err(InvalidUpload::Overlap(_))));
        assert!(check(&[key(1, start, 36), key(2, start.plus(36), 36)]).is_ok());
        let inside = [key(1, start, 36), key(2, start.plus(35), 36)];
        assert!(matches!(check(&inside), Err(InvalidUpload::Overlap(_))));
        // The longest of those that start together counts, whichever comes last.
        let hidden = [key(1, start, 144), key(2, start, 10), key(3, start.plus(100), 36)];
        assert!(matches!(check(&hidden), Err(InvalidUpload::Overlap(_))));
        let twice = [key(1, start, 36), key(1, start.plus(36), 36)];
        assert!(matches!(check(&twice), Err(InvalidUpload::Overlap(_))));
    }

    #[test]
    fn far_from_onset_is_dropped_with_a_warning() {
        let onset = NOW.interval();
        let keys = [key(1, onset, 36), key(2, onset.minus(15 * 144 - 144), 144)];
        let valid = validate(&keys, ReportType::ConfirmedTest, Some(onset), NOW).unwrap();
        assert_eq!(valid.keys.len(), 2);
        assert_eq!(valid.keys[1].days_since_onset, Some(-14));
        let later = validate(&keys, ReportType::ConfirmedTest, Some(onset.plus(144)), NOW).unwrap();
        assert_eq!((later.keys.len(), later.warnings.len()), (1, 1));
        assert_eq!(later.keys[0].days_since_onset, Some(-1));
    }

    #[test]
    fn which_onset_counts() {
        let now = NOW.interval();
        let day = |n: u32| now.minus(144 * n).number();
        assert_eq!(onset_interval(day(3), i64::from(day(5)), NOW), Some(now.minus(432)));
        assert_eq!(onset_interval(0, i64::from(day(5)), NOW), Some(now.minus(720)));
        assert_eq!(onset_interval(0, 0, NOW), None);
        assert_eq!(onset_interval(day(40), i64::MAX, NOW), None);
        assert_eq!(onset_interval(now.plus(1).number(), -1, NOW), None);
    }

    mod revision {
        use super::*;

        fn diagnosis(report_type: ReportType) -> DiagnosisKey {
            check(&[key(1, NOW.interval(), 36)])
                .map(|valid| DiagnosisKey { report_type, ..valid.keys[0] })
                .unwrap()
        }

        fn verdict(
            from: ReportType,
            revised_to: Option<ReportType>,
            to: ReportType,
            token: bool,
        ) -> Result<Changes, RevisionRefused> {
            let known = StoredKey { key: diagnosis(from), revised_to, released: true };
            let token = token.then(|| vec![RevisableKey::from(&known.key)]);
            changes(&[([1; 16], known)].into(), &[diagnosis(to)], token.as_deref())
        }

        use ReportType::{ClinicalDiagnosis as Likely, ConfirmedTest as Confirmed, Revoked};

        #[test]
        fn every_transition() {
            for to in [Confirmed, Revoked] {
                assert_eq!(verdict(Likely, None, to, true).unwrap().revise.len(), 1);
                assert_eq!(verdict(Likely, None, to, false), Err(RevisionRefused::MissingToken));
                assert_eq!(verdict(Likely, Some(to), to, true).unwrap().unchanged, 1);
            }
            assert_eq!(
                verdict(Likely, Some(Revoked), Confirmed, true),
                Err(RevisionRefused::AlreadyRevised)
            );
            for (from, to) in [(Confirmed, Likely), (Confirmed, Revoked), (Revoked, Confirmed)] {
                assert_eq!(verdict(from, None, to, true), Err(RevisionRefused::InvalidTransition));
            }
        }

        #[test]
        fn a_token_for_other_keys() {
            let known = StoredKey { key: diagnosis(Likely), revised_to: None, released: true };
            let other = RevisableKey { key: [2; 16], ..RevisableKey::from(&known.key) };
            let stored = [([1; 16], known)].into();
            let verdict =
                |token: &[RevisableKey]| changes(&stored, &[diagnosis(Confirmed)], Some(token));
            assert_eq!(verdict(&[other]), Err(RevisionRefused::InvalidToken));
            assert_eq!(verdict(&[]), Err(RevisionRefused::InvalidToken));
            let moved = DiagnosisKey { rolling_start: Interval::new(5), ..diagnosis(Confirmed) };
            let token = [RevisableKey::from(&known.key)];
            assert_eq!(
                changes(&stored, &[moved], Some(&token)),
                Err(RevisionRefused::InvalidToken)
            );
        }

        #[test]
        fn a_repeated_publication_is_answered_alike_until_release() {
            let known =
                |released| StoredKey { key: diagnosis(Confirmed), revised_to: None, released };
            let again = [diagnosis(Confirmed)];
            let verdict = |released| changes(&[([1; 16], known(released))].into(), &again, None);
            assert_eq!(verdict(false).unwrap().unchanged, 1);
            assert_eq!(verdict(true), Err(RevisionRefused::MissingToken));
        }

        #[test]
        fn a_negative_test_publishes_nothing() {
            let nothing = changes(&BTreeMap::new(), &[diagnosis(Revoked)], None);
            assert_eq!(nothing, Err(RevisionRefused::InvalidTransition));
        }
    }
}
