//! What `vungxanh match` found, for people and for programs.

use fluent_bundle::FluentValue;
use serde::Serialize;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::exposure_window::{ExposureWindow, MatchedScan, attenuation_db};
use vungxanh_protocol::interval::{Interval, UnixTime};
use vungxanh_protocol::metadata::Authenticity;
use vungxanh_protocol::risk::DailySummary;

use super::sightings::{DamagedRow, Sightings};
use super::{FilesRead, Parameters, RowMatches};
use crate::cli::{Output, exposures};
use crate::platform::time_format::{duration, rfc3339, utc_day};

/// Rows of one table for people. All of them are in the JSON.
const MAX_TABLE_ROWS: usize = 200;

/// As `--json` prints it. Times in Unix seconds.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whether the files' signatures were checked.
    verified: bool,
    clock_tolerance: u32,
    plain_gaen: bool,
    files: u64,
    /// Valid keys in the files: new, revised, repeated and future ones.
    keys_read: u64,
    /// Keys that begin after now; not matched.
    future_keys: u64,
    /// Damaged entries in the files.
    invalid_keys: u64,
    /// Rows of the file that were read.
    sightings: usize,
    damaged_rows: usize,
    /// Rows whose identifier belongs to a key, but whose metadata was altered; not matched.
    altered_sightings: usize,
    /// Different keys with a match.
    matched_keys: usize,
    /// Rows of the file that match a key.
    matched_sightings: usize,
    matches: Vec<Match>,
    windows: Vec<ExposureWindow>,
    daily_summaries: Vec<DailySummary>,
    incomplete_batches: Vec<String>,
    damaged: Vec<Damaged>,
}

/// A row that matches a key.
#[derive(Debug, Serialize)]
struct Match {
    /// The key, hex.
    key: String,
    time: UnixTime,
    /// The interval for which the key made the identifier.
    interval: Interval,
    /// Decrypted, in dBm.
    tx_power: i8,
    /// In dBm.
    rssi: i8,
    attenuation: u8,
    authenticity: Authenticity,
    report_type: ReportType,
    days_since_onset: Option<i32>,
    transmission_risk: i32,
}

#[derive(Debug, Serialize)]
struct Damaged {
    line: u64,
    reason: &'static str,
}

impl Report {
    pub(super) fn new(
        verified: bool,
        parameters: &Parameters,
        read: &FilesRead,
        sightings: &Sightings,
        found: &RowMatches,
        windows: Vec<ExposureWindow>,
        daily_summaries: Vec<DailySummary>,
    ) -> Self {
        let damaged = |row: &DamagedRow| Damaged { line: row.line, reason: row.reason };
        Self {
            verified,
            clock_tolerance: parameters.clock_tolerance,
            plain_gaen: parameters.plain_gaen,
            files: read.files,
            keys_read: read.counts.keys + read.counts.revised,
            future_keys: read.future,
            invalid_keys: read.counts.invalid.count,
            sightings: sightings.rows,
            damaged_rows: sightings.damaged.len(),
            altered_sightings: found.altered_rows,
            matched_keys: found.keys().len(),
            matched_sightings: found.rows,
            matches: found.matched.iter().map(Match::of).collect(),
            windows,
            daily_summaries,
            incomplete_batches: read.incomplete.clone(),
            damaged: sightings.damaged.iter().map(damaged).collect(),
        }
    }

    pub(super) fn show(&self, output: &Output) {
        if !self.verified {
            output.line("match-unverified", &[]);
        }
        let arguments: [(&str, FluentValue<'_>); 7] = [
            ("keys", self.keys_read.into()),
            ("files", self.files.into()),
            ("sightings", self.sightings.into()),
            ("damaged", self.damaged_rows.into()),
            ("altered", self.altered_sightings.into()),
            ("matched-keys", self.matched_keys.into()),
            ("matched-sightings", self.matched_sightings.into()),
        ];
        output.line("match-summary", &arguments);
        if self.matches.is_empty() {
            return;
        }
        let header = [
            "match-time",
            "match-key",
            "match-interval",
            "match-power",
            "match-rssi",
            "match-loss",
        ];
        self.table(output, &header, self.matches.iter().map(Match::row).collect());
        let header = ["match-start", "match-duration", "match-scans", "match-nearest"];
        output.line("match-windows", &[]);
        self.table(output, &header, self.windows.iter().map(window_row).collect());
        if self.daily_summaries.is_empty() {
            return output.line("match-no-days", &[]);
        }
        let header = ["match-day", "match-score", "match-longest", "match-level"];
        output.line("match-days", &[]);
        let rows = self.daily_summaries.iter().map(|day| day_row(output, day)).collect();
        self.table(output, &header, rows);
    }

    fn table(&self, output: &Output, header: &[&str], rows: Vec<Vec<String>>) {
        let more = rows.len().saturating_sub(MAX_TABLE_ROWS);
        output.table(header, rows.into_iter().take(MAX_TABLE_ROWS));
        if more > 0 {
            output.line("match-more", &[("count", more.into())]);
        }
    }
}

impl Match {
    fn of(matched: &MatchedScan) -> Self {
        let (power, rssi) = (matched.metadata.tx_power, matched.scan.typical_rssi);
        Self {
            key: hex::encode(matched.key.key),
            time: matched.scan.time,
            interval: matched.derived,
            tx_power: power,
            rssi,
            attenuation: attenuation_db(power, rssi, 0),
            authenticity: matched.authenticity,
            report_type: matched.key.report_type,
            days_since_onset: matched.key.days_since_onset,
            transmission_risk: matched.key.transmission_risk,
        }
    }

    fn row(&self) -> Vec<String> {
        vec![
            rfc3339(self.time),
            self.key.clone(),
            self.interval.number().to_string(),
            format!("{} dBm", self.tx_power),
            format!("{} dBm", self.rssi),
            format!("{} dB", self.attenuation),
        ]
    }
}

fn window_row(window: &ExposureWindow) -> Vec<String> {
    let nearest = window.scans.iter().map(|scan| scan.minimum_attenuation_db).min();
    vec![
        rfc3339(window.start),
        duration(window.seconds()),
        window.scans.len().to_string(),
        nearest.map_or_else(String::new, |loss| format!("{loss} dB")),
    ]
}

fn day_row(output: &Output, day: &DailySummary) -> Vec<String> {
    vec![
        utc_day(day.day),
        format!("{:.0}", day.total.score_sum / 60.0),
        format!("{:.0}", day.total.maximum_score / 60.0),
        output.texts().get(exposures::level_id(day.level)),
    ]
}
