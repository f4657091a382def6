//! Stores uploads in groups: a task takes whatever waits, stores it in one transaction, and answers each
//! upload after the disk has synced.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use vungxanh_protocol::clock::Clock;

use super::refusal::Refusal;
use crate::domain::release::ReleaseRule;
use crate::domain::upload_check::RevisionRefused;
use crate::storage::Store;
use crate::storage::key_memory::KeyMemory;
use crate::storage::uploads::KeyUpload;

/// Uploads that wait, at most; a further one is told to come again.
const QUEUE: usize = 1_024;
/// Uploads in one transaction, at most.
const GROUP: usize = 256;

/// The way of uploads into the database.
#[derive(Debug, Clone)]
pub struct KeyWriter(mpsc::Sender<Waiting>);

#[derive(Debug)]
struct Waiting {
    upload: KeyUpload,
    answer: oneshot::Sender<Result<Result<usize, RevisionRefused>, NotStored>>,
}

/// The database failed; the task has logged why.
#[derive(Debug)]
struct NotStored;

impl KeyWriter {
    /// Starts the task. It ends when the last handle is dropped and what waits is stored.
    pub fn start(store: Arc<Store>, release: ReleaseRule, clock: Arc<dyn Clock>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(store_groups(store, release, clock, waiting));
        Self(queue)
    }

    /// Stores an upload. Returns the number of keys that are stored on its behalf.
    pub async fn store(&self, upload: KeyUpload) -> Result<usize, Refusal> {
        let (answer, stored) = oneshot::channel();
        self.0.try_send(Waiting { upload, answer }).map_err(|_| Refusal::Internal)?;
        match stored.await {
            Ok(Ok(taken)) => Ok(taken?),
            Ok(Err(NotStored)) | Err(_) => Err(Refusal::Internal),
        }
    }

    /// How many uploads wait.
    pub fn waiting(&self) -> usize {
        self.0.max_capacity() - self.0.capacity()
    }
}

async fn store_groups(
    store: Arc<Store>,
    release: ReleaseRule,
    clock: Arc<dyn Clock>,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    let mut memory = KeyMemory::default();
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let (uploads, answers): (Vec<_>, Vec<_>) =
            group.drain(..).map(|one| (one.upload, one.answer)).unzip();
        match store.publish_keys(&mut memory, &uploads, release, clock.now()).await {
            Ok(taken) => {
                for (answer, taken) in answers.into_iter().zip(taken) {
                    // A client that has gone needs no answer.
                    let _ = answer.send(Ok(taken));
                }
            }
            Err(error) => {
                tracing::error!(%error, uploads = uploads.len(), "uploads could not be stored");
                for answer in answers {
                    let _ = answer.send(Err(NotStored));
                }
            }
        }
    }
}
