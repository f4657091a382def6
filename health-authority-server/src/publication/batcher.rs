//! Makes the batch of each period and keeps files and database in step.
//!
//! A batch survives a crash at any point: which keys it has is fixed in one transaction, before
//! its file is written; the file's bytes follow from those keys; the row says "written" after the
//! file is synced; the index names the files that are there. What a crash left unfinished is finished
//! at the next start.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use super::PublicationError;
use super::names::{Series, file_name};
use super::object_store::ObjectStore;
use super::padding::draw_persons;
use super::period::{Retries, wait_until};
use super::signer::{Disclosure, sign_batch};
use super::turn::Turn;
use crate::authority::config::BatchSettings;
use crate::authority::export_keys::ExportKeys;
use crate::domain::release::ReleaseRule;
use crate::domain::upload_check::MAX_KEY_AGE_DAYS;
use crate::domain::upload_shape::UploadShapes;
use crate::storage::Store;
use crate::storage::batches::{Batch, WrittenFile};
use crate::storage::cutting::Cut;
use crate::storage::leases::Work;

const EXTENSION: &str = "zip";

#[derive(Clone)]
pub struct Batcher {
    pub store: Arc<Store>,
    pub files: ObjectStore,
    pub clock: Arc<dyn Clock>,
    /// Those that sign files, each in its time.
    pub signer: ExportKeys,
    /// The signing key's id in files.
    pub key_id: String,
    /// Region of the files.
    pub region: String,
    pub settings: BatchSettings,
    /// What files say of keys.
    pub disclosure: Disclosure,
    /// What uploads look like before any was seen.
    pub prior: UploadShapes,
    /// When keys may be published.
    pub release: ReleaseRule,
    /// Days for which devices keep encounters.
    pub retention_days: u32,
}

/// What one run of the batcher did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// Files written, relative to the exports URL.
    pub files: Vec<String>,
    /// Keys in new batches, revised and synthetic ones included.
    pub keys: u64,
}

impl Batcher {
    /// Publishes what is due at `end`, finishes what was left unfinished, and forgets what is old.
    /// One process at a time does so; the others wait.
    pub async fn run_once(&self, end: UnixTime) -> Result<Outcome, PublicationError> {
        let turn = Turn::take(&self.store, Work::Keys).await?;
        self.make(end, turn).await
    }

    async fn make(&self, end: UnixTime, turn: Turn) -> Result<Outcome, PublicationError> {
        let work = async {
            let keys = self.cut(end).await?;
            let files = self.finish(&turn).await;
            // What has expired goes also while files cannot be written.
            self.expire().await?;
            Ok(Outcome { files: files?, keys })
        };
        let outcome = work.await;
        turn.end_noted(&outcome, self.clock.now()).await;
        outcome
    }

    /// Until `stop` says true: a batch at the end of each period. A period that passed while the
    /// server was down, or too fast, is part of the next batch. What could not be written is tried again
    /// before the period ends.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut retries = Retries::default();
        loop {
            let now = self.clock.now();
            let boundary = now.floor_to(self.settings.period_seconds);
            let done = match Turn::take_before(&self.store, Work::Keys, &mut stop).await {
                Ok(Some(turn)) => self.make(boundary, turn).await.map(drop),
                Ok(None) => return,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = &done {
                tracing::error!(%error, "no batch in this period yet");
            }
            let next = boundary.plus(self.settings.period_seconds);
            let next = retries.next(done.is_ok(), self.clock.now(), next);
            if !wait_until(&*self.clock, next, &mut stop).await {
                return;
            }
        }
    }

    async fn cut(&self, end: UnixTime) -> Result<u64, PublicationError> {
        let first_start = end.minus(self.settings.period_seconds);
        let cut_until = self.store.cut_until(&self.region).await?;
        if cut_until == Some(end) {
            return Ok(0);
        }
        // After a long pause persons are drawn as for one day, not for all that time. A time after
        // the end is of a clock that was set back.
        let padded_from = cut_until
            .filter(|until| *until < end)
            .map_or(first_start, |until| until.max(end.minus(DAY_SECONDS)));
        let shapes = self.store.observed_shapes(self.prior.clone()).await?;
        let persons = draw_persons(
            &shapes,
            self.settings.synthetic_persons,
            padded_from,
            end,
            &mut rand::rng(),
        );
        let cut = Cut {
            region: &self.region,
            first_start,
            end,
            persons: &persons,
            release: self.release,
            max_keys_per_file: self.settings.max_keys_per_file,
        };
        Ok(self.store.cut_batch(&cut, self.clock.now()).await?)
    }

    const fn series(&self) -> Series<'_> {
        Series { files: &self.files, region: self.region.as_str(), extensions: &[EXTENSION] }
    }

    /// Writes the files of batches that are cut but not written, or were written and are gone; then
    /// the list of all that are there.
    async fn finish(&self, turn: &Turn) -> Result<Vec<String>, PublicationError> {
        let _lock = self.files.lock().await?;
        self.reopen_lost().await?;
        let mut written = Vec::new();
        for batch in self.store.unfinished_batches(&self.region).await? {
            turn.confirm().await?;
            written.push(self.write(batch).await?);
        }
        turn.confirm().await?;
        self.series().write_index(self.oldest_batch()).await?;
        Ok(written)
    }

    /// Files that are gone, as when the folder was restored from a backup, are written again.
    async fn reopen_lost(&self) -> Result<(), PublicationError> {
        let there: BTreeSet<String> =
            self.series().listed().await?.into_iter().map(|file| file.name).collect();
        for batch in self.store.written_batches(&self.region).await? {
            if batch.end >= self.oldest_batch() && !there.contains(&file_name(&batch, EXTENSION)) {
                tracing::warn!(end = %batch.end, "a published file is gone; it is written again");
                self.store.reopen_batch(batch.id).await?;
            }
        }
        Ok(())
    }

    async fn write(&self, mut batch: Batch) -> Result<String, PublicationError> {
        let keys = self.store.batch_keys(batch.id).await?;
        let count = keys.keys.len() + keys.revised.len();
        let (this, to_sign) = (self.clone(), batch.clone());
        let signed = tokio::task::spawn_blocking(move || {
            // By the batch's time, so that a file that is written again has the same bytes.
            let signer = this.signer.signing(to_sign.end);
            sign_batch(&to_sign, &keys, &this.disclosure, signer, &this.key_id)
        });
        let content = signed.await.map_err(std::io::Error::other)??;
        let file = WrittenFile { keys: count, bytes: content.len() };
        let last = self.store.last_file_number(&self.region, batch.end).await?;
        batch.file_number = self.series().place(&batch, &[(EXTENSION, content)], last).await?;
        self.store.batch_written(batch.id, batch.file_number, file, self.clock.now()).await?;
        Ok(file_name(&batch, EXTENSION))
    }

    /// Devices that were off for the whole retention still find what concerns them.
    fn oldest_batch(&self) -> UnixTime {
        self.clock.now().minus((u64::from(self.retention_days) + 1) * DAY_SECONDS)
    }

    /// Deletes old rows; their files went when the list no longer named them.
    async fn expire(&self) -> Result<(), PublicationError> {
        for batch in self.store.expired_batches(&self.region, self.oldest_batch()).await? {
            self.store.forget_batch(batch.id).await?;
        }
        let kept_days = u64::from(self.retention_days).max(MAX_KEY_AGE_DAYS) + 1;
        let now = self.clock.now();
        self.store.expire(now.minus(kept_days * DAY_SECONDS), now).await?;
        // The log shows which keys came in one transaction, that is from one person.
        Ok(self.store.checkpoint().await?)
    }
}
