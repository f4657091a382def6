//! A turn at what one of several servers does at a time ([`Work`]): held by a lease in the database,
//! renewed while the work goes on, given back after it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rand::RngExt;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use vungxanh_protocol::interval::UnixTime;

use super::PublicationError;
use crate::storage::leases::{LEASE_MILLISECONDS, Lease, Taken, Work};
use crate::storage::{Store, StoreError};

/// How often a lease is renewed while its holder works.
const RENEWED_EVERY: Duration = Duration::from_millis(LEASE_MILLISECONDS.unsigned_abs() / 3);
/// So often in a row at most: work that takes longer hangs, and another server shall try.
const RENEWALS: u32 = 120;
/// How often a server that waits asks whether the lease has ended or was given back.
const ASKED_EVERY: Duration = Duration::from_millis(500);

/// What this process is called where people look who has a turn.
pub fn this_process() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let number: u32 = rand::rng().random();
        format!("PID {}, {number:08x}", std::process::id())
    });
    &NAME
}

/// This server's turn. Dropped without [`Turn::end`], it ends with its lease.
#[derive(Debug)]
pub struct Turn {
    store: Arc<Store>,
    lease: Lease,
    renewal: JoinHandle<()>,
}

impl Turn {
    /// Waits until no other process has a turn at `work`.
    pub async fn take(store: &Arc<Store>, work: Work) -> Result<Self, StoreError> {
        loop {
            match store.take_lease(work, this_process()).await? {
                Taken::Now(lease) => return Ok(Self::begin(store, lease)),
                Taken::ByOther(milliseconds) => {
                    tokio::time::sleep(ASKED_EVERY.min(Duration::from_millis(milliseconds))).await;
                }
            }
        }
    }

    /// The same, until `stop` says true.
    pub async fn take_before(
        store: &Arc<Store>,
        work: Work,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<Option<Self>, StoreError> {
        tokio::select! {
            turn = Self::take(store, work) => turn.map(Some),
            _ = stop.wait_for(|stop| *stop) => Ok(None),
        }
    }

    fn begin(store: &Arc<Store>, lease: Lease) -> Self {
        let (of, held) = (Arc::clone(store), lease.clone());
        let renewal = tokio::spawn(async move {
            for _ in 0..RENEWALS {
                tokio::time::sleep(RENEWED_EVERY).await;
                // A database that is gone for a moment may be there at the next renewal.
                if let Ok(false) = of.renew_lease(&held).await {
                    return;
                }
            }
        });
        Self { store: Arc::clone(store), lease, renewal }
    }

    /// To be asked before each step that others see: an error when this process stalled for so long that
    /// another has taken over. Otherwise the turn lasts a whole lease from now on.
    pub async fn confirm(&self) -> Result<(), PublicationError> {
        match self.store.renew_lease(&self.lease).await? {
            true => Ok(()),
            false => Err(PublicationError::Overtaken),
        }
    }

    /// Notes how the work went; then the next process may have its turn.
    pub async fn end_noted<T>(self, outcome: &Result<T, PublicationError>, now: UnixTime) {
        let failure = outcome.as_ref().err().map(ToString::to_string);
        let work = self.lease.work;
        let noted = self.store.note_run(work, this_process(), failure.as_deref(), now).await;
        if let Err(error) = noted {
            tracing::warn!(%error, work = work.name(), "how it went could not be noted");
        }
        self.end().await;
    }

    /// The next process may have its turn at once.
    pub async fn end(self) {
        self.renewal.abort();
        if let Err(error) = self.store.release_lease(&self.lease).await {
            tracing::warn!(%error, work = self.lease.work.name(), "a turn could not be given back");
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}
