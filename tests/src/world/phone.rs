//! One person's phone: the protocol's state machines under a clock that may err.

use std::ops::Range;

use rand::rngs::StdRng;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::authority::TracingParameters;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::encounter::{Encounter, ScanInstance, ScanWindow, join};
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::exposure_window::{ExposureWindow, exposure_windows};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime, UtcDay};
use vungxanh_protocol::matching::{Assessment, Assessor};
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};
use vungxanh_protocol::own_keys::OwnKeys;
use vungxanh_protocol::publish::redact;
use vungxanh_protocol::recently_heard::RecentlyHeard;
use vungxanh_protocol::risk::{DailySummary, RiskLevel, RiskParameters};
use vungxanh_protocol::rotation::Rotation;

/// How a device's clock errs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DeviceClock {
    /// Seconds that it is ahead at the beginning (behind when negative).
    pub offset_seconds: i64,
    /// Parts per million by which it is too fast.
    pub drift_ppm: i64,
}

impl DeviceClock {
    /// What it shows `since_start` seconds after the beginning, at the true time `now`.
    fn shows(&self, now: UnixTime, since_start: u64) -> UnixTime {
        let drift = since_start as i64 * self.drift_ppm / 1_000_000;
        UnixTime::from_secs(now.as_secs().saturating_add_signed(self.offset_seconds + drift))
    }
}

/// What a phone is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhoneSetup {
    pub clock: DeviceClock,
    /// Whether its clock is known to be synchronised.
    pub clock_trusted: bool,
    /// Radiated power in dBm, at most [`Phone::STRONGEST_TX_POWER`].
    pub tx_power: i8,
    /// Decibels by which its receiver reads too low, known to itself.
    pub rssi_correction: i8,
}

impl Default for PhoneSetup {
    fn default() -> Self {
        Self { clock: DeviceClock::default(), clock_trusted: true, tx_power: 0, rssi_correction: 0 }
    }
}

#[derive(Debug)]
pub struct Phone {
    setup: PhoneSetup,
    start: UnixTime,
    keys: OwnKeys,
    rotation: Rotation,
    last_scan: Option<UnixTime>,
    recent: RecentlyHeard,
    instances: Vec<(Advertisement, ScanInstance)>,
    rng: StdRng,
}

/// What a phone has found out about its owner's exposure.
#[derive(Debug)]
pub struct Verdict {
    /// Matches, believed and refused.
    pub assessment: Assessment,
    pub windows: Vec<ExposureWindow>,
    pub days: Vec<DailySummary>,
}

impl Verdict {
    /// Whether the person is notified.
    pub fn is_notified(&self) -> bool {
        self.days.iter().any(|day| day.level > RiskLevel::None)
    }
}

impl Phone {
    /// No phone radiates more, in dBm.
    pub const STRONGEST_TX_POWER: i8 = 8;

    pub(super) fn new(setup: PhoneSetup, start: UnixTime, rng: StdRng) -> Self {
        Self {
            setup,
            start,
            keys: OwnKeys::default(),
            rotation: Rotation::new(),
            last_scan: None,
            recent: RecentlyHeard::default(),
            instances: Vec::new(),
            rng,
        }
    }

    /// What it is like.
    pub const fn setup(&self) -> PhoneSetup {
        self.setup
    }

    pub const fn keys(&self) -> &OwnKeys {
        &self.keys
    }

    pub fn advertisement(&self) -> Option<Advertisement> {
        self.rotation.advertisement()
    }

    /// What it has heard.
    pub fn encounters(&self) -> Vec<Encounter> {
        join(self.instances.iter().copied())
    }

    fn local(&self, now: UnixTime) -> UnixTime {
        self.setup.clock.shows(now, now.since(self.start))
    }

    /// Steps the broadcast. Returns a changed advertisement and the seconds to the next step.
    pub(super) fn rotate(
        &mut self,
        now: UnixTime,
        tracing: &TracingParameters,
    ) -> (Option<Advertisement>, u64) {
        let now = self.local(now);
        let metadata =
            Metadata { confidence: CalibrationConfidence::High, tx_power: self.setup.tx_power };
        let rng = &mut self.rng;
        let changed =
            self.rotation.step(now, metadata, &mut self.keys, tracing.rolling_period, rng);
        let kept = u64::from(tracing.retention_days) * DAY_SECONDS;
        self.keys.expire(now.minus(kept).interval());
        let seconds = self.rotation.next_change().map_or(1, |change| change.since(now).max(1));
        (changed, seconds)
    }

    pub(super) fn open_window(&self, now: UnixTime) -> ScanWindow {
        ScanWindow::open(self.local(now), self.last_scan, self.setup.clock_trusted)
    }

    pub(super) fn close_window(&mut self, window: ScanWindow) {
        self.last_scan = Some(window.start());
        self.instances.extend(window.close(&mut self.recent, &mut self.rng));
    }

    /// Hands out the keys to publish and retires them.
    pub(super) fn publish(
        &mut self,
        now: UnixTime,
        onset: UtcDay,
        leave_out: &[Range<UnixTime>],
    ) -> Vec<DiagnosisKey> {
        let now = self.local(now);
        let published = redact(&self.keys.publishable(now), leave_out)
            .into_iter()
            .map(|key| diagnosis_key(key, onset))
            .collect();
        self.keys.retire(now);
        self.rotation.reset();
        published
    }

    pub(super) fn assess(
        &self,
        keys: &[DiagnosisKey],
        tracing: &TracingParameters,
        risk: &RiskParameters,
    ) -> Verdict {
        let encounters = self.encounters();
        let mut assessor = Assessor::by_parameters(&encounters, tracing);
        keys.iter().for_each(|key| {
            assessor.take(key);
        });
        let assessment = assessor.finish();
        let windows = exposure_windows(&assessment.matched, self.setup.rssi_correction);
        let days = risk.daily_summaries(&windows);
        Verdict { assessment, windows, days }
    }
}

/// What the authority publishes of a person's key.
fn diagnosis_key(key: &TemporaryExposureKey, onset: UtcDay) -> DiagnosisKey {
    let day = i64::from(key.rolling_start().day().number());
    let since_onset = day - i64::from(onset.number());
    DiagnosisKey {
        key: *key.key().expose(),
        rolling_start: key.rolling_start(),
        rolling_period: key.rolling_period(),
        report_type: ReportType::ConfirmedTest,
        days_since_onset: i32::try_from(since_onset).ok(),
        transmission_risk: 0,
    }
}
