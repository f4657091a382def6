//! Makes the batch of warnings about venues of each period, warnings or not, and keeps files and
//! database in step.
//!
//! Decoys are random, so a batch's bytes are fixed in the transaction that cuts it and stored until
//! its file is written. What a crash left unfinished is finished at the next start.

use std::sync::Arc;

use ed25519_dalek::{SigningKey, VerifyingKey};
use tokio::sync::watch;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::door::{PassNotice, PassWarnings, WarningBatchWithPasses};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::batch::{HourHistogram, MAX_WARNINGS, WarningBatch};
use vungxanh_protocol::venue::warning::Warning;

use super::PublicationError;
use super::names::{Series, file_name};
use super::object_store::ObjectStore;
use super::pass_notices::{ChosenNotices, DRAWN, choose};
use super::period::{Retries, wait_until};
use super::turn::Turn;
use crate::authority::folder::Folder;
use crate::authority::intake::changed_at;
use crate::authority::venue_keys::VenueKeys;
use crate::domain::warnings::WarningShapes;
use crate::storage::Store;
use crate::storage::batches::Batch;
use crate::storage::leases::Work;
use crate::storage::warning_batches::{BatchContent, WarningPeriod};

/// How often a cut is tried again when another process cut meanwhile.
const ATTEMPTS: u32 = 3;
/// The ending of a batch's file, and of the one that has a section for passes, too. Devices that know
/// version 1 only pass over names with the other.
const SLOTS: &str = "vxw";
const WITH_PASSES: &str = "vxp";

/// Makes batches of warnings.
#[derive(Clone)]
pub struct WarningBatcher {
    pub store: Arc<Store>,
    pub files: ObjectStore,
    /// The authority's, where the keys are under which notices to passes wait.
    pub folder: Folder,
    pub clock: Arc<dyn Clock>,
    pub keys: VenueKeys,
    /// Region of the files.
    pub region: String,
    /// Seconds from one batch to the next.
    pub period_seconds: u64,
    /// Days for which devices keep visits.
    pub retention_days: u32,
}

/// What one run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct WarningOutcome {
    /// Files written, relative to the warnings' URL.
    pub files: Vec<String>,
    /// Warnings in new batches, without decoys.
    pub warnings: usize,
    /// Notices to passes in new batches, without decoys.
    pub notices: usize,
}

impl WarningBatcher {
    /// Publishes what is due at `end`, finishes what was left unfinished, and forgets what is old.
    /// An authority without keys for venues has an empty index and no batches. One process at a time does so.
    pub async fn run_once(&self, end: UnixTime) -> Result<WarningOutcome, PublicationError> {
        let turn = Turn::take(&self.store, Work::Warnings).await?;
        self.make(end, turn).await
    }

    async fn make(&self, end: UnixTime, turn: Turn) -> Result<WarningOutcome, PublicationError> {
        let work = async {
            let (warnings, notices) = self.cut(end).await?;
            let files = self.finish(&turn).await;
            // What has expired goes also while files cannot be written.
            self.expire().await?;
            Ok(WarningOutcome { files: files?, warnings, notices })
        };
        let outcome = work.await;
        turn.end_noted(&outcome, self.clock.now()).await;
        outcome
    }

    /// Until `stop` says true: a batch at the end of each period. What could not be written is tried again
    /// before the period ends.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut retries = Retries::default();
        loop {
            let boundary = self.clock.now().floor_to(self.period_seconds);
            let done = match Turn::take_before(&self.store, Work::Warnings, &mut stop).await {
                Ok(Some(turn)) => self.make(boundary, turn).await.map(drop),
                Ok(None) => return,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = &done {
                tracing::error!(%error, "no batch of warnings in this period yet");
            }
            let next = boundary.plus(self.period_seconds);
            let next = retries.next(done.is_ok(), self.clock.now(), next);
            if !wait_until(&*self.clock, next, &mut stop).await {
                return;
            }
        }
    }

    /// More warnings than a batch holds wait for the next one. Warnings about slots have their own room,
    /// which notices to passes never take.
    async fn cut(&self, end: UnixTime) -> Result<(usize, usize), PublicationError> {
        let now = self.clock.now();
        let Some(signer) = self.keys.newest(now).map(|key| key.warning.clone()) else {
            return Ok((0, 0));
        };
        for _ in 0..ATTEMPTS {
            let first_start = end.minus(self.period_seconds);
            let period = self.store.warning_period(&self.region, first_start, end).await?;
            let Some(period) = period else { return Ok((0, 0)) };
            let real = self.store.due_warnings(end, MAX_WARNINGS).await?;
            let shapes = WarningShapes::prior(self.retention_days);
            let hours = self.store.observed_warning_shapes(shapes).await?.histogram(end)?;
            let (passes, notices) = match self.notices().await? {
                Some(ChosenNotices { ids, notices }) => (Some(notices), ids),
                None => (None, Vec::new()),
            };
            let job = Assembly { period, real, hours, passes, signer: signer.clone() };
            let (job, contents) = job.on_another_thread().await?;
            let Assembly { period, real, .. } = job;
            if self.store.cut_warnings(&period, (&real, &notices), &contents, now).await? {
                return Ok((real.len(), notices.len()));
            }
        }
        Ok((0, 0))
    }

    /// The notices of a batch's section for passes; none in an authority that issues no passes: then
    /// there are batches of version 1 only.
    async fn notices(&self) -> Result<Option<ChosenNotices>, PublicationError> {
        if changed_at(&self.folder).is_none() {
            return Ok(None);
        }
        let drawn = self.store.due_pass_notices(DRAWN).await?;
        Ok(Some(choose(&self.folder, drawn)?))
    }

    const fn series(&self) -> Series<'_> {
        let extensions = &[SLOTS, WITH_PASSES];
        Series { files: &self.files, region: self.region.as_str(), extensions }
    }

    /// Writes the files of batches that are cut but not written, then the list of all that are there.
    async fn finish(&self, turn: &Turn) -> Result<Vec<String>, PublicationError> {
        let _lock = self.files.lock().await?;
        let mut written = Vec::new();
        for batch in self.store.unfinished_warning_batches(&self.region).await? {
            turn.confirm().await?;
            written.extend(self.write(&batch).await?);
        }
        turn.confirm().await?;
        self.series().write_index(self.oldest_batch()).await?;
        Ok(written)
    }

    async fn write(&self, batch: &Batch) -> Result<Vec<String>, PublicationError> {
        let content = self.store.warning_batch_content(batch.id).await?;
        let Some(content) = content else { return Ok(Vec::new()) };
        let mut contents = vec![(SLOTS, content.slots)];
        contents.extend(content.with_passes.map(|content| (WITH_PASSES, content)));
        let last = self.store.last_warning_file_number(&self.region, batch.end).await?;
        let mut batch = batch.clone();
        batch.file_number = self.series().place(&batch, &contents, last).await?;
        let bytes = contents.iter().map(|(_, content)| content.len()).sum();
        let (written, now) = ((contents.len(), bytes), self.clock.now());
        self.store.warning_batch_written(batch.id, batch.file_number, written, now).await?;
        Ok(contents.iter().map(|(extension, _)| file_name(&batch, extension)).collect())
    }

    /// Devices that were off for the whole retention still find what concerns them.
    fn oldest_batch(&self) -> UnixTime {
        self.clock.now().minus((u64::from(self.retention_days) + 1) * DAY_SECONDS)
    }

    /// Deletes rows of batches whose files went when the list no longer named them, and of requests
    /// and shares that no device can be warned with any more.
    async fn expire(&self) -> Result<(), PublicationError> {
        let oldest = self.oldest_batch();
        for batch in self.store.written_warning_batches(&self.region).await? {
            if batch.end < oldest {
                self.store.forget_warning_batch(batch.id).await?;
            }
        }
        let now = self.clock.now();
        self.store.expire_warning_shapes(now).await?;
        self.store.expire_share_requests(self.retention_days, now).await?;
        // The log shows which warnings came in one transaction, that is from one venue.
        Ok(self.store.checkpoint().await?)
    }
}

/// What the batches of a period are made of.
struct Assembly {
    period: WarningPeriod,
    real: Vec<Warning>,
    hours: HourHistogram,
    /// None where there is no section for passes.
    passes: Option<Vec<(VerifyingKey, PassNotice)>>,
    signer: SigningKey,
}

impl Assembly {
    /// A decoy takes as long as a warning: about a millisecond each, hence off the runtime's threads.
    async fn on_another_thread(self) -> Result<(Self, BatchContent), PublicationError> {
        let assemble = move || {
            let content = self.assemble(&mut rand::rng())?;
            Ok((self, content))
        };
        tokio::task::spawn_blocking(assemble).await.map_err(std::io::Error::other)?
    }

    /// Both versions hold the same warnings about slots: a device reads one of them.
    fn assemble(&self, rng: &mut impl rand::CryptoRng) -> Result<BatchContent, PublicationError> {
        let WarningPeriod { region, start, end, .. } = &self.period;
        let slots =
            WarningBatch::assemble(region, *start, *end, self.real.clone(), &self.hours, rng)?;
        let with_passes = match &self.passes {
            None => None,
            Some(notices) => {
                let passes = PassWarnings::assemble(notices, rng)?;
                let batch = WarningBatchWithPasses { slots: slots.clone(), passes };
                Some(batch.to_signed(&self.signer)?)
            }
        };
        Ok(BatchContent { slots: slots.to_signed(&self.signer)?, with_passes })
    }
}
