//! How uploads look, and persons drawn to look the same.
//!
//! A batch is padded with whole synthetic persons. A padding that differs from real keys in any
//! visible way can be taken out again: Dutch sets that were filled up to exactly 150 keys with
//! uniformly drawn risk levels were. So persons are drawn from what real uploads look like, and
//! the visible properties of a person in a batch are exactly those that [`Property`] lists.
//!
//! The server keeps no uploads to clone from (keys do not say which upload they came with), only
//! a histogram of each property by itself. Until there are real uploads, and fading as they come,
//! a prior counts that describes our own clients.
//!
//! What this does not hide: a holder of the server's database sees which persons are synthetic,
//! and a holder of copies from before and after a single publication sees the properties of that
//! one.

use std::collections::BTreeMap;

use rand::RngExt;
use vungxanh_protocol::api::MAX_PUBLISHED_KEYS;
use vungxanh_protocol::authority::TracingParameters;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{DAY_SECONDS, Interval, RollingPeriod, UnixTime};

use super::upload_check::{MAX_DAYS_SINCE_ONSET, days_since_onset};

/// A visible property of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// Intervals in a key's rolling period.
    RollingPeriod,
    /// Periods from the newest key to the running one: 0 when the running key is among them.
    Newest,
    /// Periods from the oldest to the newest key, both included.
    Span,
    /// Number of runs of missing periods.
    Gaps,
    /// Periods in such a run.
    GapLength,
    /// Report type, as a number.
    ReportType,
    /// Days from onset of symptoms to upload; -1 when not known.
    OnsetAge,
    /// What became of a likely case: 0 nothing (counted with the upload), else the report type.
    Revision,
    /// Hours from upload to revision.
    RevisionDelay,
}

impl Property {
    const ALL: [Self; 9] = [
        Self::RollingPeriod,
        Self::Newest,
        Self::Span,
        Self::Gaps,
        Self::GapLength,
        Self::ReportType,
        Self::OnsetAge,
        Self::Revision,
        Self::RevisionDelay,
    ];

    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RollingPeriod => "rolling_period",
            Self::Newest => "newest",
            Self::Span => "span",
            Self::Gaps => "gaps",
            Self::GapLength => "gap_length",
            Self::ReportType => "report_type",
            Self::OnsetAge => "onset_age",
            Self::Revision => "revision",
            Self::RevisionDelay => "revision_delay",
        }
    }

    /// From its name in the database.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.name() == name)
    }
}

/// One property of one upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    pub property: Property,
    pub bucket: i64,
}

const NO_ONSET: i64 = -1;
const NOT_REVISED: i64 = 0;

/// What an upload at `now` shows. Nothing for an upload without new keys.
pub fn observe(keys: &[DiagnosisKey], onset: Option<Interval>, now: UnixTime) -> Vec<Observation> {
    let mut sorted: Vec<&DiagnosisKey> = keys.iter().collect();
    sorted.sort_by_key(|key| key.rolling_start);
    let (Some(oldest), Some(newest)) = (sorted.first(), sorted.last()) else {
        return Vec::new();
    };
    let period = newest.rolling_period.intervals();
    let periods = |from: Interval, to: Interval| i64::from(from.distance(to) / period);
    let gaps: Vec<i64> = sorted
        .windows(2)
        .map(|pair| periods(pair[0].rolling_start, pair[1].rolling_start) - 1)
        .filter(|missing| *missing > 0)
        .collect();
    let onset_age = onset
        .map_or(NO_ONSET, |onset| i64::from(now.day().number()) - i64::from(onset.day().number()));
    let mut observations = vec![
        (Property::RollingPeriod, i64::from(period)),
        (Property::Newest, periods(newest.rolling_start, now.interval())),
        (Property::Span, periods(oldest.rolling_start, newest.rolling_start) + 1),
        (Property::Gaps, gaps.len() as i64),
        (Property::ReportType, newest.report_type as i64),
        (Property::OnsetAge, onset_age),
    ];
    observations.extend(gaps.into_iter().map(|length| (Property::GapLength, length)));
    if newest.report_type == ReportType::ClinicalDiagnosis {
        observations.push((Property::Revision, NOT_REVISED));
    }
    observations.into_iter().map(|(property, bucket)| Observation { property, bucket }).collect()
}

/// What the revision of an upload shows.
pub fn delay_observations(
    from: Option<ReportType>,
    to: ReportType,
    received: UnixTime,
    now: UnixTime,
) -> Vec<Observation> {
    if from != Some(ReportType::ClinicalDiagnosis) {
        return Vec::new();
    }
    let hours = i64::try_from(now.since(received) / 3_600).unwrap_or(i64::MAX);
    vec![
        Observation { property: Property::Revision, bucket: to as i64 },
        Observation { property: Property::RevisionDelay, bucket: hours },
    ]
}

/// Histograms of all properties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadShapes(BTreeMap<Property, BTreeMap<i64, u64>>);

/// A synthetic person: an upload that no device made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticPerson {
    /// When it would have been uploaded.
    pub uploaded_at: UnixTime,
    pub keys: Vec<DiagnosisKey>,
    /// When it is revised to what, if it is.
    pub revision: Option<(UnixTime, ReportType)>,
}

impl UploadShapes {
    /// What our own clients upload under these parameters: as many periods as they keep, some of
    /// them installed later; now and then a period missing; counted as ten uploads.
    pub fn prior(tracing: &TracingParameters) -> Self {
        let mut shapes = Self::default();
        let period = tracing.rolling_period.intervals();
        let kept = i64::from(tracing.retention_days * 144 / period).min(MAX_PUBLISHED_KEYS as i64);
        shapes.add(Property::RollingPeriod, i64::from(period), 10);
        shapes.add(Property::Newest, 0, 9);
        shapes.add(Property::Newest, 1, 1);
        shapes.add(Property::Span, kept, 8);
        shapes.add(Property::Span, (kept * 2 / 3).max(1), 1);
        shapes.add(Property::Span, (kept / 3).max(1), 1);
        for (gaps, uploads) in [(0, 3), (1, 3), (2, 2), (3, 1), (5, 1)] {
            shapes.add(Property::Gaps, gaps, uploads);
        }
        for (length, uploads) in [(1, 8), (2, 1), (4, 1)] {
            shapes.add(Property::GapLength, length, uploads);
        }
        shapes.add(Property::ReportType, ReportType::ConfirmedTest as i64, 8);
        shapes.add(Property::ReportType, ReportType::ClinicalDiagnosis as i64, 2);
        for (age, uploads) in [(NO_ONSET, 3), (1, 1), (2, 2), (3, 2), (4, 1), (6, 1)] {
            shapes.add(Property::OnsetAge, age, uploads);
        }
        shapes.add(Property::Revision, NOT_REVISED, 2);
        shapes.add(Property::Revision, ReportType::ConfirmedTest as i64, 1);
        shapes.add(Property::RevisionDelay, 24, 1);
        shapes
    }

    /// Adds uploads to a bucket.
    pub fn add(&mut self, property: Property, bucket: i64, uploads: u64) {
        *self.0.entry(property).or_default().entry(bucket).or_default() += uploads;
    }

    /// A person who uploads at `uploaded_at`.
    pub fn draw_person(
        &self,
        uploaded_at: UnixTime,
        rng: &mut impl rand::CryptoRng,
    ) -> SyntheticPerson {
        let rolling_period = RollingPeriod::new(self.draw(Property::RollingPeriod, rng))
            .unwrap_or(RollingPeriod::DAY);
        let report_type = ReportType::from_number(self.draw(Property::ReportType, rng))
            .filter(|report_type| *report_type != ReportType::Revoked)
            .unwrap_or(ReportType::ConfirmedTest);
        let onset = match self.draw(Property::OnsetAge, rng) {
            age @ 0.. => {
                Some(uploaded_at.minus(DAY_SECONDS.saturating_mul(age.unsigned_abs())).day())
            }
            _ => None,
        };
        let newest = uploaded_at.interval().period_start(rolling_period);
        let skipped = u32::try_from(self.draw(Property::Newest, rng)).unwrap_or(0);
        let keys = self
            .draw_periods(rng)
            .into_iter()
            .map(|back| newest.minus((skipped + back) * rolling_period.intervals()))
            .map(|rolling_start| DiagnosisKey {
                key: random_key(rng),
                rolling_start,
                rolling_period,
                report_type,
                days_since_onset: onset
                    .map(|onset| days_since_onset(rolling_start, onset.first_interval())),
                transmission_risk: 0,
            })
            .filter(|key| key.days_since_onset.is_none_or(|d| d.abs() <= MAX_DAYS_SINCE_ONSET))
            .collect();
        let revision = self.draw_revision(report_type, uploaded_at, rng);
        SyntheticPerson { uploaded_at, keys, revision }
    }

    /// The periods of an upload, counted back from its newest, which is 0.
    fn draw_periods(&self, rng: &mut impl rand::CryptoRng) -> Vec<u32> {
        let span = u32::try_from(self.draw(Property::Span, rng)).unwrap_or(1).max(1);
        let mut present = vec![true; span as usize];
        for _ in 0..self.draw(Property::Gaps, rng).max(0) {
            let length = usize::try_from(self.draw(Property::GapLength, rng)).unwrap_or(1);
            // Some tries to find a place inside, apart from other gaps; the ends are present.
            for _ in 0..20 {
                let free = present.len().saturating_sub(length + 1);
                if free < 1 {
                    break;
                }
                let start = rng.random_range(1..=free);
                if start + length < present.len()
                    && present[start - 1..=start + length].iter().all(|p| *p)
                {
                    present[start..start + length].fill(false);
                    break;
                }
            }
        }
        (0..span).filter(|back| present[*back as usize]).take(MAX_PUBLISHED_KEYS).collect()
    }

    /// Real uploads are counted under "not revised" when they come and again when they are
    /// revised, so the share of revisions is their count over the count of uploads.
    fn draw_revision(
        &self,
        report_type: ReportType,
        uploaded_at: UnixTime,
        rng: &mut impl rand::CryptoRng,
    ) -> Option<(UnixTime, ReportType)> {
        if report_type != ReportType::ClinicalDiagnosis {
            return None;
        }
        let counts = self.0.get(&Property::Revision)?;
        let uploads = counts.get(&NOT_REVISED).copied().unwrap_or(0).max(1);
        let mut at = rng.random_range(0..uploads);
        let (to, _) = counts.iter().filter(|(to, _)| **to != NOT_REVISED).find(|(_, count)| {
            let hit = at < **count;
            at = at.saturating_sub(**count);
            hit
        })?;
        let hours = self.draw(Property::RevisionDelay, rng).max(0).unsigned_abs();
        let delay = hours.saturating_mul(3_600).saturating_add(rng.random_range(0..3_600));
        Some((uploaded_at.plus(delay), ReportType::from_number(*to)?))
    }

    /// A bucket, each with the probability of its share. 0 when nothing was ever counted.
    fn draw(&self, property: Property, rng: &mut impl rand::CryptoRng) -> i64 {
        let Some(buckets) = self.0.get(&property) else { return 0 };
        let total: u64 = buckets.values().sum();
        if total == 0 {
            return 0;
        }
        let mut at = rng.random_range(0..total);
        for (bucket, uploads) in buckets {
            if at < *uploads {
                return *bucket;
            }
            at -= uploads;
        }
        0
    }
}

fn random_key(rng: &mut impl rand::CryptoRng) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    rng.fill_bytes(&mut key);
    key
}
