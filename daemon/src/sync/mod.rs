//! Exchange with the authority: its document, new batches of keys, publication after a positive
//! test, and the dummy uploads that hide it.
//!
//! Whatever is interrupted, by the network, a full disk or a kill, goes on at the next call: files
//! are resumed, a batch is either matched and counted or not, a publication continues where it
//! stopped.

mod budget;
mod disclosed;
mod download_dir;
mod enrolment;
mod error;
mod exposures;
mod fetch;
mod fetch_context;
mod files;
mod http;
mod imported;
mod index;
mod matching;
mod notified;
mod parallelism;
mod passes;
mod pending_report;
mod records;
mod report;
mod requests;
mod schedule;
mod upload;
mod warnings;

#[cfg(test)]
pub(crate) mod test_access;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::export::Limits;
use vungxanh_protocol::interval::UnixTime;

pub use self::budget::FetchBudget;
pub(crate) use self::enrolment::split_enrolment;
pub use self::enrolment::{Replace, first_contact};
pub use self::error::{CodeError, SyncError};
pub use self::http::{ServerUrl, Timeouts};
pub(crate) use self::imported::{Named, named};
pub use self::notified::ExposureNotices;
pub use self::passes::{HeldPass, HeldPasses};
pub(crate) use self::pending_report::{Pending, period};
pub use self::report::KeyAccess;

use self::download_dir::DownloadDir;
use self::http::Http;
use self::records::{Enrolment, Progress};
use self::schedule::Schedule;
use crate::control_api::{ExposureNotice, SyncStatus};
use crate::platform::threads::{lock, run_blocking};
use crate::store::{EncounterStore, StoreError, state};
use crate::venue::CheckIns;

/// Bytes of one export file that are downloaded, at most, unless configured otherwise.
pub const MAX_EXPORT_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// What the exchange needs to know beside the store and the clock.
#[derive(Clone)]
pub struct Settings {
    /// A folder for files on their way, made when needed. They are public.
    pub download_dir: PathBuf,
    /// Real time that requests may take.
    pub timeouts: Timeouts,
    /// What one fetch may cost.
    pub budget: FetchBudget,
    /// What an export file may hold. `file_bytes` also bounds the download.
    pub limits: Limits,
    /// What warnings are tried on.
    pub check_ins: Option<Arc<CheckIns>>,
    /// Whose warnings are looked for.
    pub passes: Option<Arc<dyn HeldPasses>>,
    /// Decibels that this device adds to every RSSI.
    pub rssi_correction: i8,
}

impl Settings {
    pub fn new(download_dir: PathBuf) -> Self {
        let limits = Limits { file_bytes: MAX_EXPORT_FILE_BYTES, ..Limits::default() };
        Self {
            download_dir,
            timeouts: Timeouts::default(),
            budget: FetchBudget::default(),
            limits,
            check_ins: None,
            passes: None,
            rssi_correction: 0,
        }
    }
}

/// The authority that is enrolled, with the last document that it signed. Whether the document is
/// still in force is for the user to see: `now < document().expires_at`.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolled {
    pub url: ServerUrl,
    pub authority: VerifiedAuthority,
}

/// The authority's time, and the uptime at which it was heard: a fetch can take longer than the clock
/// may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorityTime {
    pub time: UnixTime,
    /// This device's uptime then.
    pub uptime: Duration,
}

impl AuthorityTime {
    /// The authority's time at a later uptime.
    pub fn at(&self, uptime: Duration) -> UnixTime {
        self.time.plus(uptime.saturating_sub(self.uptime).as_secs())
    }
}

/// What one fetch brought.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Whether the authority's document is a newer one than before.
    pub document_changed: bool,
    /// The server's time when it answered, to compare the own clock with.
    pub authority_time: Option<AuthorityTime>,
    pub batches: u64,
    pub keys: u64,
    /// Warnings tried, decoys among them.
    pub warnings: u64,
    /// What to notify the person of; returned again until [`ExposureNotices::mark_notified`] is called.
    pub notices: Vec<ExposureNotice>,
    /// There is more to fetch than one fetch may cost; the next one goes on.
    pub cut_short: bool,
    /// The first thing that went wrong. The rest of the fetch was done all the same.
    pub error: Option<SyncError>,
}

/// The exchange with the authority. Clones share everything.
#[derive(Clone)]
pub struct Sync {
    shared: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Arc<dyn EncounterStore>,
    clock: Arc<dyn Clock>,
    http: Http,
    download_dir: DownloadDir,
    limits: Limits,
    budget: FetchBudget,
    check_ins: Option<Arc<CheckIns>>,
    passes: Option<Arc<dyn HeldPasses>>,
    rssi_correction: i8,
    enrolled: Mutex<Option<Arc<Enrolled>>>,
    schedule: Mutex<Option<Schedule>>,
    progress: Mutex<Progress>,
    /// One fetch at a time.
    fetching: tokio::sync::Mutex<()>,
    /// One publication at a time.
    reporting: tokio::sync::Mutex<()>,
    /// Held from reading what was heard, or where the person was, until exposures are stored.
    matching: tokio::sync::Mutex<()>,
    /// One change at a time of what the person was notified of.
    notifying: Mutex<()>,
}

impl Sync {
    /// Takes up what earlier runs have stored.
    pub fn open(
        store: Arc<dyn EncounterStore>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, SyncError> {
        let enrolment: Option<Enrolment> = state(store.as_ref(), records::ENROLMENT)?;
        let enrolled = enrolment.map(|stored| stored.open()).transpose()?.map(Arc::new);
        let stored: Option<Schedule> = state(store.as_ref(), records::SCHEDULE)?;
        let schedule = enrolled.as_ref().map(|enrolled| {
            let parameters = &enrolled.authority.document().tracing;
            let (now, rng) = (clock.now(), &mut rand::rng());
            match stored {
                Some(stored) => stored.resume(now, parameters, rng),
                None => Schedule::begin(now, parameters, rng),
            }
        });
        if let Some(schedule) = schedule.filter(|schedule| Some(*schedule) != stored) {
            records::write(store.as_ref(), records::SCHEDULE, &schedule)?;
        }
        let progress = records::read(store.as_ref(), records::PROGRESS)?;
        Ok(Self {
            shared: Arc::new(Inner {
                store,
                clock,
                http: Http::new(settings.timeouts),
                download_dir: DownloadDir::new(settings.download_dir),
                limits: settings.limits,
                budget: settings.budget,
                check_ins: settings.check_ins,
                passes: settings.passes,
                rssi_correction: settings.rssi_correction,
                enrolled: Mutex::new(enrolled),
                schedule: Mutex::new(schedule),
                progress: Mutex::new(progress),
                fetching: tokio::sync::Mutex::default(),
                reporting: tokio::sync::Mutex::default(),
                matching: tokio::sync::Mutex::default(),
                notifying: Mutex::default(),
            }),
        })
    }

    /// Waits for a report and for the matching of a batch under way, and lets none begin while what is returned
    /// lives.
    pub async fn quiesce(&self) -> Quiesced<'_> {
        let _reporting = self.shared.reporting.lock().await;
        Quiesced { sync: self, _reporting, _matching: self.shared.matching.lock().await }
    }
    /// The authority that is enrolled.
    pub fn authority(&self) -> Option<Arc<Enrolled>> {
        lock(&self.shared.enrolled).clone()
    }

    /// When the next fetch is due; far in the future without an authority.
    pub fn next_due(&self) -> UnixTime {
        lock(&self.shared.schedule).map_or(UnixTime::from_secs(u64::MAX), |next| next.fetch)
    }

    /// When the next dummy upload is due. One that was missed while the device slept or tracing
    /// stood still is not made up for.
    pub fn next_dummy_upload(&self) -> Option<UnixTime> {
        let (enrolled, now) = (self.authority()?, self.now());
        let mut schedule = lock(&self.shared.schedule);
        let schedule = schedule.as_mut()?;
        let parameters = &enrolled.authority.document().tracing;
        schedule.skip_missed_dummy_upload(now, parameters, &mut rand::rng());
        Some(schedule.dummy_upload)
    }

    /// Counts and times for `status`.
    pub fn status(&self) -> SyncStatus {
        let next = lock(&self.shared.schedule).map(|next| next.fetch);
        let progress = lock(&self.shared.progress);
        SyncStatus {
            last_success: progress.last_success,
            last_error: progress.last_error.clone(),
            batches: progress.batches,
            keys: progress.keys,
            dummy_uploads: progress.dummy_uploads,
            next,
            altered: progress.altered,
            warning_batches: progress.warning_batches,
        }
    }

    /// Files that the authority lists and that were not accepted, as an error: it lasts until they are
    /// accepted or no longer listed.
    pub fn still_refused(&self) -> Option<SyncError> {
        lock(&self.shared.progress).still_refused()
    }

    /// Asks the authority within minutes, for its time: the clock was set. Its document and what is
    /// new come with it, so that the requests are those of every exchange.
    pub(crate) async fn confirm_clock_soon(&self) -> Result<(), SyncError> {
        let now = self.now();
        self.change_schedule(move |schedule| schedule.confirm_clock(now, &mut rand::rng())).await
    }

    fn enrolled(&self) -> Result<Arc<Enrolled>, SyncError> {
        self.authority().ok_or(SyncError::NotEnrolled)
    }

    fn now(&self) -> UnixTime {
        self.shared.clock.now()
    }

    /// Runs blocking work on the shared state and the store.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, SyncError> + Send + 'static,
    ) -> Result<T, SyncError> {
        let shared = Arc::clone(&self.shared);
        run_blocking(move || work(&shared)).await
    }

    /// Changes the progress, in the store first.
    async fn change_progress(
        &self,
        change: impl FnOnce(&mut Progress) + Send + 'static,
    ) -> Result<(), SyncError> {
        self.blocking(|shared| shared.change_progress(change)).await
    }

    /// Changes the schedule, in the store too. In memory it holds even if the store fails, so
    /// that a full disk does not make a device ask again and again.
    async fn change_schedule(
        &self,
        change: impl FnOnce(&mut Schedule) + Send + 'static,
    ) -> Result<(), SyncError> {
        self.blocking(|shared| {
            let mut schedule = lock(&shared.schedule);
            if let Some(schedule) = schedule.as_mut() {
                change(schedule);
                records::write(shared.store.as_ref(), records::SCHEDULE, schedule)?;
            }
            Ok(())
        })
        .await
    }
}

/// A time in which no one holds own keys, encounters or exposures and stores them later: the store can be changed.
pub struct Quiesced<'a> {
    sync: &'a Sync,
    _reporting: tokio::sync::MutexGuard<'a, ()>,
    _matching: tokio::sync::MutexGuard<'a, ()>,
}

impl Quiesced<'_> {
    /// Forgets what named records say of the person: days notified of, visits disclosed, and a
    /// publication on its way.
    /// Enrolment and the names of batches stay.
    pub async fn forget_person(&self) -> Result<(), SyncError> {
        self.sync
            .blocking(|shared| {
                let _no_other_change = lock(&shared.notifying);
                shared.store.put_state_bytes(records::NOTIFIED, None)?;
                shared.store.put_state_bytes(records::DISCLOSED, None)?;
                Ok(shared.store.put_state_bytes(records::REPORT, None)?)
            })
            .await
    }
}

impl Inner {
    fn change_progress(&self, change: impl FnOnce(&mut Progress)) -> Result<(), SyncError> {
        let mut progress = lock(&self.progress);
        let mut changed = progress.clone();
        change(&mut changed);
        if changed != *progress {
            records::write(self.store.as_ref(), records::PROGRESS, &changed)?;
            *progress = changed;
        }
        Ok(())
    }
}

/// A day that is no longer retained needs no record.
fn unless_expired(result: Result<(), StoreError>) -> Result<(), SyncError> {
    match result {
        Err(StoreError::Expired(_)) => Ok(()),
        other => Ok(other?),
    }
}
