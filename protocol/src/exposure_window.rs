//! Exposure windows: up to 30 minutes near one case on one UTC day (GAEN v2, `ExposureWindow`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnosis_key::{DiagnosisKey, ReportType};
use crate::encounter::ScanInstance;
use crate::interval::{Interval, UnixTime, UtcDay};
use crate::metadata::{Authenticity, CalibrationConfidence, Metadata};

/// The longest that one window lasts, in seconds.
pub const MAX_WINDOW_SECONDS: u64 = 1_800;

/// A scan instance that belongs to a case: matched, within tolerance, its metadata believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchedScan {
    /// The case's key.
    pub key: DiagnosisKey,
    /// The interval of the identifier that was heard.
    pub derived: Interval,
    /// The scan.
    pub scan: ScanInstance,
    /// The sender's decrypted metadata.
    pub metadata: Metadata,
    /// Whether it is authenticated.
    pub authenticity: Authenticity,
}

/// One scan of a window, its signal loss worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanAttenuation {
    /// Loss at the mean RSSI, in dB.
    pub typical_attenuation_db: u8,
    /// Loss at the strongest RSSI, in dB.
    pub minimum_attenuation_db: u8,
    /// Seconds for which the scan speaks.
    pub seconds: u16,
}

/// Time near one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureWindow {
    /// The UTC day.
    pub day: UtcDay,
    /// Time of the first scan.
    pub start: UnixTime,
    /// How the case was established.
    pub report_type: ReportType,
    /// The key's days since onset.
    pub days_since_onset: Option<i32>,
    /// How well the sender's power is known.
    pub confidence: CalibrationConfidence,
    /// Whether the sender's metadata is authenticated.
    pub authenticity: Authenticity,
    /// The scans by time.
    pub scans: Vec<ScanAttenuation>,
}

/// Signal loss in dB: transmit power minus corrected RSSI, at least 0.
pub fn attenuation_db(tx_power: i8, rssi: i8, rssi_correction: i8) -> u8 {
    let loss = i16::from(tx_power) - (i16::from(rssi) + i16::from(rssi_correction));
    loss.clamp(0, 255) as u8
}

impl ExposureWindow {
    /// Seconds of all its scans.
    pub fn seconds(&self) -> u32 {
        self.scans.iter().map(|scan| u32::from(scan.seconds)).sum()
    }
}

/// Cuts matched scans into windows, by key, UTC day and what is known of the case and its sender.
/// A window's scans begin within [`MAX_WINDOW_SECONDS`] of its first and add up to at most as
/// much. Scans under an untrusted clock are left out. A scan counts once for a key, whatever the
/// metadata or identifiers of that key that were heard in it: authentic metadata goes before
/// plain, then what was heard more often. Ordered by start and key.
pub fn exposure_windows(matched: &[MatchedScan], rssi_correction: i8) -> Vec<ExposureWindow> {
    let mut by_key: BTreeMap<_, Vec<&MatchedScan>> = BTreeMap::new();
    for scan in matched.iter().filter(|matched| matched.scan.clock_trusted) {
        by_key.entry(scan.key.key).or_default().push(scan);
    }
    let mut windows = Vec::new();
    for (key, mut scans) in by_key {
        scans.sort_by_key(|matched| {
            let plain = matched.authenticity == Authenticity::Plain;
            (matched.scan.time, plain, Reverse(matched.scan.count))
        });
        scans.dedup_by_key(|matched| matched.scan.time);
        let mut open: Option<ExposureWindow> = None;
        for matched in scans {
            if !open.as_ref().is_some_and(|window| window.goes_on_with(matched)) {
                windows.extend(open.take().map(|window| (window.start, key, window)));
            }
            open.get_or_insert_with(|| ExposureWindow::opened_by(matched))
                .scans
                .push(ScanAttenuation::of(matched, rssi_correction));
        }
        windows.extend(open.map(|window| (window.start, key, window)));
    }
    windows.sort_by_key(|(start, key, _)| (*start, *key));
    windows.into_iter().map(|(_, _, window)| window).collect()
}

impl ExposureWindow {
    fn goes_on_with(&self, matched: &MatchedScan) -> bool {
        let (scan, key) = (&matched.scan, &matched.key);
        let seconds = u64::from(self.seconds()) + u64::from(scan.seconds_since_last_scan);
        self.day == scan.time.day()
            && scan.time.since(self.start) < MAX_WINDOW_SECONDS
            && seconds <= MAX_WINDOW_SECONDS
            && self.authenticity == matched.authenticity
            && self.confidence == matched.metadata.confidence
            && (self.report_type, self.days_since_onset) == (key.report_type, key.days_since_onset)
    }

    fn opened_by(matched: &MatchedScan) -> Self {
        Self {
            day: matched.scan.time.day(),
            start: matched.scan.time,
            report_type: matched.key.report_type,
            days_since_onset: matched.key.days_since_onset,
            confidence: matched.metadata.confidence,
            authenticity: matched.authenticity,
            scans: Vec::new(),
        }
    }
}

impl ScanAttenuation {
    fn of(matched: &MatchedScan, rssi_correction: i8) -> Self {
        let loss = |rssi| attenuation_db(matched.metadata.tx_power, rssi, rssi_correction);
        Self {
            typical_attenuation_db: loss(matched.scan.typical_rssi),
            minimum_attenuation_db: loss(matched.scan.strongest_rssi),
            seconds: matched.scan.seconds_since_last_scan,
        }
    }
}
