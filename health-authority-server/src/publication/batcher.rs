//! Makes the batch of each period and keeps files and database in step.
//!
//! A batch survives a crash at any point: which keys it has is fixed in one transaction, before
//! its file is written; the file's bytes follow from those keys; the row says "written" after the
//! file is synced; the index names written batches only. What a crash left unfinished is finished
//! at the next start.

use std::sync::Arc;

use tokio::sync::watch;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use super::index::write_index;
use super::object_store::ObjectStore;
use super::padding::draw_persons;
use super::period::wait_until;
use super::signer::{Disclosure, file_name, sign_batch};
use super::{PublicationError, blocking};
use crate::authority::config::BatchSettings;
use crate::domain::release::ReleaseRule;
use crate::domain::upload_check::MAX_KEY_AGE_DAYS;
use crate::domain::upload_shape::UploadShapes;
use crate::storage::Store;
use crate::storage::batches::{Batch, Cut};

/// Makes batches.
#[derive(Clone)]
pub struct Batcher {
    /// The database.
    pub store: Arc<Store>,
    /// Where files go.
    pub files: ObjectStore,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Signs files.
    pub signer: p256::ecdsa::SigningKey,
    /// The signing key's id in files.
    pub key_id: String,
    /// Region of the files.
    pub region: String,
    /// Period and padding.
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
    pub async fn run_once(&self, end: UnixTime) -> Result<Outcome, PublicationError> {
        let keys = self.cut(end).await?;
        let files = self.finish().await?;
        self.expire().await?;
        Ok(Outcome { files, keys })
    }

    /// Until `stop` says true: a batch at the end of each period. A period that passed while the
    /// server was down, or too fast, is part of the next batch.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            let now = self.clock.now();
            let boundary = now.floor_to(self.settings.period_seconds);
            if let Err(error) = self.run_once(boundary).await {
                tracing::error!(%error, "no batch in this period");
            }
            let next = boundary.plus(self.settings.period_seconds);
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

    /// Writes the files of batches that are cut but not written, then the index.
    async fn finish(&self) -> Result<Vec<String>, PublicationError> {
        let files = self.files.clone();
        let _lock = blocking(move || files.lock()).await?;
        let mut written = Vec::new();
        for batch in self.store.unfinished_batches(&self.region).await? {
            written.push(self.write(batch).await?);
        }
        self.write_index().await?;
        Ok(written)
    }

    async fn write(&self, batch: Batch) -> Result<String, PublicationError> {
        let keys = self.store.batch_keys(batch.id).await?;
        let name = file_name(&batch);
        let (this, id) = (self.clone(), batch.id);
        let name_of_file = name.clone();
        let result = tokio::task::spawn_blocking(move || -> Result<(), PublicationError> {
            let file = sign_batch(&batch, &keys, &this.disclosure, &this.signer, &this.key_id)?;
            Ok(this.files.put_immutable(&name_of_file, &file)?)
        });
        result.await.map_err(std::io::Error::other)??;
        self.store.batch_written(id).await?;
        Ok(name)
    }

    /// The index names every written batch.
    async fn write_index(&self) -> Result<(), PublicationError> {
        let batches = self.store.written_batches(&self.region).await?;
        let oldest = self.oldest_batch();
        let names = batches.iter().filter(|batch| batch.end >= oldest).map(file_name).collect();
        Ok(write_index(&self.files, &self.region, names).await?)
    }

    /// Devices that were off for the whole retention still find what concerns them.
    fn oldest_batch(&self) -> UnixTime {
        self.clock.now().minus((u64::from(self.retention_days) + 1) * DAY_SECONDS)
    }

    /// Deletes old files (the index no longer names them) and old rows.
    async fn expire(&self) -> Result<(), PublicationError> {
        for batch in self.store.expired_batches(&self.region, self.oldest_batch()).await? {
            let (files, name) = (self.files.clone(), file_name(&batch));
            blocking(move || files.delete(&name)).await?;
            self.store.forget_batch(batch.id).await?;
        }
        let kept_days = u64::from(self.retention_days).max(MAX_KEY_AGE_DAYS) + 1;
        let now = self.clock.now();
        self.store.expire(now.minus(kept_days * DAY_SECONDS), now).await?;
        // The log shows which keys came in one transaction, that is from one person.
        Ok(self.store.checkpoint().await?)
    }
}
