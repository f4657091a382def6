//! Stores uploads in groups: a task takes whatever waits, stores it in one transaction, and answers each
//! upload after the disk has synced.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use vungxanh_protocol::clock::Clock;

use super::refusal::Refusal;
use crate::domain::release::ReleaseRule;
use crate::storage::Store;
use crate::storage::key_memory::KeyMemory;
use crate::storage::uploads::KeyUpload;

/// Uploads that wait, at most; a further one is told to come again.
const QUEUE: usize = 1_024;
/// An upload that is not stored within this time is told to come again: sooner than requests are given up.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Uploads in one transaction, at most.
const GROUP: usize = 256;

/// The way of uploads into the database.
#[derive(Debug, Clone)]
pub struct KeyWriter(mpsc::Sender<Waiting>);

#[derive(Debug)]
struct Waiting {
    upload: KeyUpload,
    answer: oneshot::Sender<Result<usize, Refusal>>,
}

impl KeyWriter {
    /// Starts the task. It ends when the last handle is dropped and what waits is stored.
    pub fn start(store: Arc<Store>, release: ReleaseRule, clock: Arc<dyn Clock>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(store_groups(store, release, clock, waiting));
        Self(queue)
    }

    /// Stores an upload, after those that wait. Returns the number of keys that are stored on its behalf.
    pub async fn store(&self, upload: KeyUpload) -> Result<usize, Refusal> {
        let (answer, stored) = oneshot::channel();
        self.0.try_send(Waiting { upload, answer }).map_err(|_| Refusal::Busy)?;
        match tokio::time::timeout(TIMEOUT, stored).await {
            Ok(answer) => answer.unwrap_or(Err(Refusal::Internal)),
            // It may be stored yet; the same upload again is answered alike.
            Err(_) => Err(Refusal::Busy),
        }
    }

    /// Whether a further upload would be refused.
    pub fn is_full(&self) -> bool {
        self.0.capacity() == 0
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
        // Those that were given up meanwhile were answered already, and come again.
        group.retain(|one| !one.answer.is_closed());
        let (uploads, answers): (Vec<_>, Vec<_>) =
            group.drain(..).map(|one| (one.upload, one.answer)).unzip();
        match store.publish_keys(&mut memory, &uploads, release, clock.now()).await {
            Ok(taken) => {
                for (answer, taken) in answers.into_iter().zip(taken) {
                    // A client that has gone needs no answer.
                    let _ = answer.send(taken.map_err(Refusal::from));
                }
            }
            Err(error) => {
                tracing::error!(%error, uploads = uploads.len(), "uploads could not be stored");
                let temporary = error.is_temporary();
                for answer in answers {
                    let refusal = if temporary { Refusal::Busy } else { Refusal::Internal };
                    let _ = answer.send(Err(refusal));
                }
            }
        }
    }
}
