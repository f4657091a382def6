//! Daily summaries from exposure windows, by the authority's parameters: the risk model of
//! Exposure Notifications Express (GAEN v2, `DailySummariesConfig`).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::diagnosis_key::{Infectiousness, ReportType};
use crate::exposure_window::ExposureWindow;
use crate::interval::UtcDay;
use crate::venue::exposure::VenueExposure;
use crate::venue::rules::MAX_WEIGHT;

/// How near a scan was, by its typical attenuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nearness {
    /// At most the first threshold.
    Immediate,
    /// At most the second.
    Near,
    /// At most the third.
    Medium,
    /// Beyond.
    Other,
}

/// What a day's score means for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// An encounter below every threshold: shown in the list, no notice.
    None,
    /// A notice.
    Low,
    /// An urgent notice.
    High,
}

/// The authority's parameters. Weights are percentages, 0..=250.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskParameters {
    /// Three ascending attenuations in dB, each the inclusive upper edge of a bucket.
    pub attenuation_thresholds_db: [u8; 3],
    /// Weights of the buckets immediate, near, medium, other.
    pub attenuation_weights: [u16; 4],
    /// Days since onset (-14..=14) by infectiousness; days not named are [`Infectiousness::None`].
    pub infectiousness_by_onset: BTreeMap<i32, Infectiousness>,
    /// Used when the key does not say the days since onset.
    pub infectiousness_without_onset: Infectiousness,
    /// Weight of standard infectiousness.
    pub standard_infectiousness_weight: u16,
    /// Weight of high infectiousness.
    pub high_infectiousness_weight: u16,
    /// Weights by report type; a type that is not named counts nothing.
    pub report_type_weights: BTreeMap<ReportType, u16>,
    /// Used for keys of unknown report type.
    pub report_type_when_unknown: ReportType,
    /// Windows that score less are dropped. Weighted seconds.
    pub minimum_window_score: u32,
    /// A day from which [`RiskLevel::Low`] is shown. Weighted seconds.
    pub low_from_daily_score: u32,
    /// A day from which [`RiskLevel::High`] is shown. Weighted seconds.
    pub high_from_daily_score: u32,
}

/// Why risk parameters were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RiskError {
    /// Attenuation thresholds that do not ascend.
    #[error("risk.attenuation_thresholds_db must ascend")]
    ThresholdsDescend,
    /// A weight beyond what Exposure Notifications allows.
    #[error("a risk weight is {0} percent; the most is {MAX_WEIGHT}")]
    WeightTooHigh(u16),
    /// A weight for keys of unknown report type, or for revoked ones.
    #[error("risk names a report type that is not of a case")]
    NotACase,
    /// A day further from onset than a key can say.
    #[error("risk.infectiousness_by_onset names day {0}; days from -14 to 14 are allowed")]
    OnsetDay(i32),
    /// Low risk would begin above high risk.
    #[error("risk.low_from_daily_score is above high_from_daily_score")]
    LevelsReversed,
}

/// Scores of a day or of one report type of a day, in weighted seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct SummaryScores {
    /// The highest score of one window.
    pub maximum_score: f64,
    /// The sum of the windows' scores.
    pub score_sum: f64,
    /// Seconds weighted by attenuation only.
    pub weighted_duration_sum: f64,
}

/// What one UTC day's exposures add up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DailySummary {
    /// The day.
    pub day: UtcDay,
    /// Over all report types.
    pub total: SummaryScores,
    /// By report type.
    pub by_report_type: BTreeMap<ReportType, SummaryScores>,
    /// Seconds in scans at each nearness: immediate, near, medium, other.
    pub seconds_by_nearness: [u32; 4],
    /// Seconds at venues where a case was, each exposure counted by itself.
    #[serde(default)]
    pub venue_seconds: u32,
    /// What the day means.
    pub level: RiskLevel,
}

/// 15 minutes at weight 100.
const DEFAULT_LOW_FROM: u32 = 900;
/// 30 minutes at weight 100.
const DEFAULT_HIGH_FROM: u32 = 1_800;
/// Days since onset that parameters can name (GAEN v2, `DiagnosisKeysDataMapping`).
const ONSET_DAYS: RangeInclusive<i32> = -14..=14;

impl RiskParameters {
    /// The defaults of Exposure Notifications Express: every day counts alike.
    pub fn enx_default() -> Self {
        Self {
            attenuation_thresholds_db: [30, 50, 60],
            attenuation_weights: [150, 100, 50, 0],
            infectiousness_by_onset: ONSET_DAYS.map(|d| (d, Infectiousness::Standard)).collect(),
            infectiousness_without_onset: Infectiousness::Standard,
            standard_infectiousness_weight: 100,
            high_infectiousness_weight: 100,
            report_type_weights: BTreeMap::from([
                (ReportType::ConfirmedTest, 100),
                (ReportType::ClinicalDiagnosis, 100),
                (ReportType::SelfReport, 100),
                (ReportType::Recursive, 100),
            ]),
            report_type_when_unknown: ReportType::ConfirmedTest,
            minimum_window_score: 0,
            low_from_daily_score: DEFAULT_LOW_FROM,
            high_from_daily_score: DEFAULT_HIGH_FROM,
        }
    }

    /// The narrow configuration, version 2, of the Linux Foundation Public Health recommendations:
    /// few notices, most of them right.
    pub fn narrow() -> Self {
        Self {
            attenuation_thresholds_db: [55, 67, 75],
            attenuation_weights: [175, 100, 33, 0],
            infectiousness_by_onset: (-4..=5)
                .map(|day| match day {
                    -2..=3 => (day, Infectiousness::High),
                    _ => (day, Infectiousness::Standard),
                })
                .collect(),
            standard_infectiousness_weight: 30,
            high_infectiousness_weight: 100,
            ..Self::enx_default()
        }
    }

    /// The wide configuration of the same recommendations: few exposures missed.
    pub fn wide() -> Self {
        Self {
            attenuation_thresholds_db: [55, 70, 80],
            attenuation_weights: [200, 100, 25, 0],
            standard_infectiousness_weight: 60,
            high_infectiousness_weight: 200,
            ..Self::narrow()
        }
    }

    /// The same with other daily scores, in weighted seconds, from which levels are shown.
    pub fn with_levels(self, low_from: u32, high_from: u32) -> Self {
        Self { low_from_daily_score: low_from, high_from_daily_score: high_from, ..self }
    }

    /// Refuses parameters that make no sense.
    pub fn check(&self) -> Result<(), RiskError> {
        if !self.attenuation_thresholds_db.is_sorted() {
            return Err(RiskError::ThresholdsDescend);
        }
        let weights = self
            .attenuation_weights
            .iter()
            .chain(self.report_type_weights.values())
            .chain([&self.standard_infectiousness_weight, &self.high_infectiousness_weight]);
        if let Some(weight) = weights.into_iter().find(|weight| **weight > MAX_WEIGHT) {
            return Err(RiskError::WeightTooHigh(*weight));
        }
        let scored = |report_type: &ReportType| {
            !matches!(report_type, ReportType::Unknown | ReportType::Revoked)
        };
        if !scored(&self.report_type_when_unknown) || !self.report_type_weights.keys().all(scored) {
            return Err(RiskError::NotACase);
        }
        if let Some(day) = self.infectiousness_by_onset.keys().find(|day| !ONSET_DAYS.contains(day))
        {
            return Err(RiskError::OnsetDay(*day));
        }
        if self.low_from_daily_score > self.high_from_daily_score {
            return Err(RiskError::LevelsReversed);
        }
        Ok(())
    }

    /// The bucket of an attenuation. A threshold belongs to the nearer bucket.
    pub fn nearness(&self, attenuation_db: u8) -> Nearness {
        let [immediate, near, medium] = self.attenuation_thresholds_db;
        match attenuation_db {
            a if a <= immediate => Nearness::Immediate,
            a if a <= near => Nearness::Near,
            a if a <= medium => Nearness::Medium,
            _ => Nearness::Other,
        }
    }

    /// Infectiousness on a day relative to onset.
    pub fn infectiousness(&self, days_since_onset: Option<i32>) -> Infectiousness {
        days_since_onset.map_or(self.infectiousness_without_onset, |days| {
            self.infectiousness_by_onset.get(&days).copied().unwrap_or(Infectiousness::None)
        })
    }

    /// Seconds of a window weighted by attenuation.
    pub fn weighted_seconds(&self, window: &ExposureWindow) -> f64 {
        let sum: u64 = window
            .scans
            .iter()
            .map(|scan| {
                let bucket = self.nearness(scan.typical_attenuation_db) as usize;
                u64::from(scan.seconds) * u64::from(self.attenuation_weights[bucket])
            })
            .sum();
        sum as f64 / 100.0
    }

    /// A window's score: weighted seconds times the weights of its report type and infectiousness.
    pub fn window_score(&self, window: &ExposureWindow) -> f64 {
        self.score(
            self.weighted_seconds(window),
            window.report_type,
            self.infectiousness(window.days_since_onset),
        )
    }

    /// The score of time at a venue, as a window's; `time_weight` (percent, from the authority's
    /// venue rules) stands for the nearness that was not measured.
    pub fn venue_score(&self, exposure: &VenueExposure, time_weight: u16) -> f64 {
        let weighted = weighted_venue_seconds(exposure, time_weight);
        self.score(weighted, exposure.report_type, exposure.infectiousness)
    }

    fn score(
        &self,
        weighted_seconds: f64,
        report_type: ReportType,
        infectiousness: Infectiousness,
    ) -> f64 {
        let report_type = self.report_type_weights.get(&self.effective_report_type(report_type));
        let infectiousness = match infectiousness {
            Infectiousness::None => 0,
            Infectiousness::Standard => self.standard_infectiousness_weight,
            Infectiousness::High => self.high_infectiousness_weight,
        };
        weighted_seconds * f64::from(report_type.copied().unwrap_or(0)) / 100.0
            * f64::from(infectiousness)
            / 100.0
    }

    /// One summary for each day that has a window scoring at least the minimum, ascending.
    pub fn daily_summaries(&self, windows: &[ExposureWindow]) -> Vec<DailySummary> {
        self.joint_daily_summaries(windows, &[], 0)
    }

    /// As [`RiskParameters::daily_summaries`], with exposures at venues in the same days, sums and
    /// levels.
    pub fn joint_daily_summaries(
        &self,
        windows: &[ExposureWindow],
        venues: &[VenueExposure],
        time_weight: u16,
    ) -> Vec<DailySummary> {
        let mut days: BTreeMap<UtcDay, DailySummary> = BTreeMap::new();
        for window in windows {
            let score = self.window_score(window);
            if !self.counts(score) {
                continue;
            }
            let summary = days.entry(window.day).or_insert_with(|| DailySummary::new(window.day));
            let report_type = self.effective_report_type(window.report_type);
            summary.add(report_type, score, self.weighted_seconds(window));
            for scan in &window.scans {
                summary.seconds_by_nearness[self.nearness(scan.typical_attenuation_db) as usize] +=
                    u32::from(scan.seconds);
            }
        }
        for venue in venues {
            let score = self.venue_score(venue, time_weight);
            if !self.counts(score) {
                continue;
            }
            let day = venue.day();
            let summary = days.entry(day).or_insert_with(|| DailySummary::new(day));
            let report_type = self.effective_report_type(venue.report_type);
            summary.add(report_type, score, weighted_venue_seconds(venue, time_weight));
            summary.venue_seconds = summary.venue_seconds.saturating_add(venue.seconds());
        }
        for summary in days.values_mut() {
            summary.level = self.level(summary.total.score_sum);
        }
        days.into_values().collect()
    }

    fn counts(&self, score: f64) -> bool {
        score > 0.0 && score >= f64::from(self.minimum_window_score)
    }

    fn effective_report_type(&self, report_type: ReportType) -> ReportType {
        match report_type {
            ReportType::Unknown => self.report_type_when_unknown,
            known => known,
        }
    }

    fn level(&self, score_sum: f64) -> RiskLevel {
        if score_sum >= f64::from(self.high_from_daily_score) {
            RiskLevel::High
        } else if score_sum >= f64::from(self.low_from_daily_score) {
            RiskLevel::Low
        } else {
            RiskLevel::None
        }
    }
}

impl DailySummary {
    fn new(day: UtcDay) -> Self {
        Self {
            day,
            total: SummaryScores::default(),
            by_report_type: BTreeMap::new(),
            seconds_by_nearness: [0; 4],
            venue_seconds: 0,
            level: RiskLevel::None,
        }
    }

    fn add(&mut self, report_type: ReportType, score: f64, weighted_seconds: f64) {
        self.total.add(score, weighted_seconds);
        self.by_report_type.entry(report_type).or_default().add(score, weighted_seconds);
    }
}

fn weighted_venue_seconds(exposure: &VenueExposure, time_weight: u16) -> f64 {
    f64::from(exposure.seconds()) * f64::from(time_weight) / 100.0
}

impl SummaryScores {
    fn add(&mut self, score: f64, weighted_seconds: f64) {
        self.maximum_score = self.maximum_score.max(score);
        self.score_sum += score;
        self.weighted_duration_sum += weighted_seconds;
    }
}
