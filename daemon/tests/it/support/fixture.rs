//! A device, a case nearby, and an authority that knows the case's keys.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, MemoryStore, StoreError};
use vungxanh_daemon::sync::{
    FetchBudget, HeldPass, HeldPasses, KeyAccess, Outcome, Replace, Settings, Sync, Timeouts,
};
use vungxanh_daemon::venue::{CheckIns, Runtime};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::export::{ExportHeader, SignatureInfo, write_export};
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::{RollingPeriod, UnixTime};
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::pass::HolderKey;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::signed;

use super::authority::Authority;
use super::document;

/// 2026-03-10T12:00:00Z
pub const NOW: UnixTime = UnixTime::from_secs(1_773_144_000);
pub const INDEX: &str = "/v1/exports/VN/index.txt";
pub const DOCUMENT: &str = "/v1/authority";

/// Time that passes only by waiting for it.
pub struct TestClock(AtomicU64);

impl TestClock {
    pub fn set(&self, now: UnixTime) {
        self.0.store(now.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn poll_interval(&self, until: UnixTime) -> Duration {
        self.0.fetch_max(until.as_secs(), Ordering::SeqCst);
        Duration::ZERO
    }
}

pub fn root(seed: u8) -> ed25519_dalek::SigningKey {
    document::root(seed)
}

pub fn fingerprint(seed: u8) -> String {
    hex::encode(signed::fingerprint(&root(seed).verifying_key()))
}

pub fn document(serial: u64) -> AuthorityDocument {
    document::document(serial, NOW)
}

pub fn sign(document: &AuthorityDocument) -> Vec<u8> {
    document.to_signed(&root(1)).unwrap()
}

/// A case's key that begins a day before [`NOW`].
pub fn case(seed: u8) -> TemporaryExposureKey {
    let start = NOW.minus(86_400).interval().period_start(RollingPeriod::SIX_HOURS);
    TemporaryExposureKey::new(SecretBytes::new([seed; 16]), start, RollingPeriod::SIX_HOURS)
}

pub fn diagnosis(key: &TemporaryExposureKey, report_type: ReportType) -> DiagnosisKey {
    DiagnosisKey {
        key: *key.key().expose(),
        rolling_start: key.rolling_start(),
        rolling_period: key.rolling_period(),
        report_type,
        days_since_onset: Some(0),
        transmission_risk: 0,
    }
}

/// An export file of the `hour`-th hour, chunk `num` of `size`, signed by `signer`.
pub fn export(hour: u64, (num, size): (u32, u32), keys: &[DiagnosisKey], signer: u8) -> Vec<u8> {
    let start = NOW.minus(86_400).plus(hour * 3_600);
    let mut header = ExportHeader::single(start, start.plus(3_600), "VN");
    header.batch_num = num;
    header.batch_size = size;
    let info = SignatureInfo::new("452", "v1");
    write_export(&header, keys, &[], &document::export_signer(signer), &info).unwrap()
}

/// Own keys as the engine keeps them.
#[derive(Default)]
pub struct Ring(Mutex<OwnKeys>);

impl Ring {
    /// With `count` keys, the last of which is running.
    pub fn with(count: u32) -> Self {
        let period = RollingPeriod::SIX_HOURS;
        let current = NOW.interval().period_start(period);
        let keys = (0..count).map(|back| {
            OwnKey::new(TemporaryExposureKey::new(
                SecretBytes::new([100 + back as u8; 16]),
                current.minus(back * period.intervals()),
                period,
            ))
        });
        Self(Mutex::new(OwnKeys::new(keys.collect())))
    }

    pub fn retired(&self) -> usize {
        self.0.lock().unwrap().iter().filter(|own| own.retired).count()
    }
}

impl KeyAccess for Ring {
    fn publishable(&self, now: UnixTime) -> Result<Vec<TemporaryExposureKey>, StoreError> {
        Ok(self.0.lock().unwrap().publishable(now).into_iter().cloned().collect())
    }

    fn retire(&self, now: UnixTime) -> Result<(), StoreError> {
        self.0.lock().unwrap().retire(now);
        Ok(())
    }

    fn restore(&self, keys: &[TemporaryExposureKey]) -> Result<(), StoreError> {
        let mut own = self.0.lock().unwrap();
        let restored = own.iter().cloned().map(|mut own| {
            own.retired &= !keys.contains(&own.key);
            own
        });
        *own = OwnKeys::new(restored.collect());
        Ok(())
    }
}

/// Passes of a device, as a test gives them: key, and when they are valid.
#[derive(Default)]
pub struct TestPasses(pub Mutex<Vec<(HolderKey, UnixTime, UnixTime)>>);

impl HeldPasses for TestPasses {
    fn held(&self) -> Result<Vec<HeldPass>, StoreError> {
        let passes = self.0.lock().unwrap();
        let held = passes.iter().cloned().map(|(holder, valid_from, valid_until)| HeldPass {
            holder,
            valid_from,
            valid_until,
        });
        Ok(held.collect())
    }
}

/// A device that can be restarted, and its authority.
pub struct Bench {
    pub clock: Arc<TestClock>,
    pub authority: Authority,
    pub store: Arc<MemoryStore>,
    pub sync: Sync,
    pub check_ins: Arc<CheckIns>,
    pub passes: Arc<TestPasses>,
    /// What a fetch may cost, from the next restart on.
    pub budget: FetchBudget,
    timeouts: Timeouts,
    download_dir: tempfile::TempDir,
}

impl Bench {
    /// An authority with an empty list of files; no one is enrolled.
    pub async fn start() -> Self {
        Self::start_with(Timeouts::default()).await
    }

    async fn start_with(timeouts: Timeouts) -> Self {
        let clock = Arc::new(TestClock(AtomicU64::new(NOW.as_secs())));
        let authority = Authority::start(Arc::clone(&clock)).await;
        authority.with(|content| {
            content.files.insert(DOCUMENT.into(), sign(&document(5)));
            content.files.insert(INDEX.into(), Vec::new());
        });
        let store = Arc::new(MemoryStore::new());
        let download_dir = tempfile::tempdir().unwrap();
        let budget = FetchBudget::default();
        let passes = Arc::new(TestPasses::default());
        let (check_ins, sync) = open(&store, &clock, &download_dir, (timeouts, budget), &passes);
        Self { clock, authority, store, sync, check_ins, passes, budget, timeouts, download_dir }
    }

    /// The same, enrolled.
    pub async fn enrolled() -> Self {
        Self::enrolled_with(Timeouts::default()).await
    }

    /// The same, of a device with this timeouts.
    pub async fn enrolled_with(timeouts: Timeouts) -> Self {
        let bench = Self::start_with(timeouts).await;
        let (url, fingerprint) = (&bench.authority.url, fingerprint(1));
        bench.sync.enrol(url, &fingerprint, Replace::Never).await.unwrap();
        bench
    }

    /// As after a kill: everything that was in memory is gone.
    pub fn restart(&mut self) {
        let limits = (self.timeouts, self.budget);
        (self.check_ins, self.sync) =
            open(&self.store, &self.clock, &self.download_dir, limits, &self.passes);
    }

    pub async fn fetch(&self) -> Outcome {
        self.sync.run_due().await
    }

    /// A fetch in which nothing may fail.
    pub async fn fetch_all(&self) -> Outcome {
        let outcome = self.fetch().await;
        assert!(outcome.error.is_none(), "{:?}", outcome.error);
        outcome
    }

    /// Puts files on the server and into its list.
    pub fn list(&self, files: &[(&str, Vec<u8>)]) {
        self.authority.with(|content| {
            let mut index = String::from_utf8(content.files[INDEX].clone()).unwrap();
            for (name, bytes) in files {
                index.push_str(&format!("{name}\n"));
                content.files.insert(path(name), bytes.clone());
            }
            content.files.insert(INDEX.into(), index.into_bytes());
        });
    }

    /// The device hears a case for `scans` scan windows, near, right when `case` begins.
    pub fn meet(&self, case: &TemporaryExposureKey, scans: u64) {
        let derived = case.derive();
        for scan in 0..scans {
            let time = case.rolling_start().start().plus(scan * 300);
            let identifier = derived.identifiers.identifier(time.interval());
            let metadata = Metadata { tx_power: -10, confidence: CalibrationConfidence::High };
            let advertisement = Advertisement {
                identifier,
                metadata: derived.metadata.seal(&identifier, metadata),
            };
            let instance = ScanInstance {
                time,
                typical_rssi: -50,
                strongest_rssi: -48,
                count: 9,
                seconds_since_last_scan: 300,
                clock_trusted: true,
            };
            let _ = self.store.record_scan(time.interval(), &[(advertisement, instance)]).unwrap();
        }
    }

    /// Seconds in all windows that are stored.
    pub fn exposed_seconds(&self) -> u32 {
        self.store.exposures().unwrap().iter().map(|of_key| of_key.window.seconds()).sum()
    }

    pub fn downloads(&self, name: &str) -> usize {
        self.authority.requests(&path(name)).len()
    }
}

pub fn path(name: &str) -> String {
    format!("/v1/exports/VN/{name}")
}

fn open(
    store: &Arc<MemoryStore>,
    clock: &Arc<TestClock>,
    download_dir: &tempfile::TempDir,
    (timeouts, budget): (Timeouts, FetchBudget),
    passes: &Arc<TestPasses>,
) -> (Arc<CheckIns>, Sync) {
    let profile = Profile::at(download_dir.path().join("profile"));
    // Without a store beside it, what is opened again is no profile yet.
    if !profile.root().exists() {
        profile.create().unwrap();
    }
    let runtime = Runtime::Folder(download_dir.path().join("runtime"));
    let check_ins = Arc::new(CheckIns::open(&profile, runtime, clock.now()).unwrap().0);
    let store: Arc<dyn EncounterStore> = store.clone();
    let mut settings = Settings::new(download_dir.path().join("downloads"));
    settings.limits.file_bytes = 200_000;
    settings.timeouts = timeouts;
    settings.budget = budget;
    settings.check_ins = Some(Arc::clone(&check_ins));
    settings.passes = Some(Arc::<TestPasses>::clone(passes));
    (check_ins, Sync::open(store, clock.clone(), settings).unwrap())
}
