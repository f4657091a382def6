//! The last batches of keys and of warnings, when the next ones come, and what went wrong last.

use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use crate::publication::turn::this_process;
use crate::storage::StoreError;
use crate::storage::leases::Work;
use crate::storage::work_runs::{SeenBatch, WorkRun};

/// So many batches of each kind are listed.
const LISTED: u32 = 24;

/// The batches of one kind.
pub struct Batches {
    pub batches: Vec<SeenBatch>,
    /// Seconds from one to the next.
    pub period_seconds: u64,
    pub next_at: UnixTime,
    pub last_run: WorkRun,
    /// Who makes batches at this moment, or made the last one; empty before the first.
    pub holder: String,
    /// Whether a batch is being made.
    pub is_held: bool,
    /// Whether it is this server that holds the lease, or held it last.
    pub is_here: bool,
}

impl Batches {
    /// Whether the last attempt failed.
    pub fn fails(&self) -> bool {
        self.last_run
            .failed_at
            .is_some_and(|failed| self.last_run.done_at.is_none_or(|done| done < failed))
    }
}

pub async fn of_keys(app: &App) -> Result<Batches, StoreError> {
    let batches = app.store.latest_batches(&app.config.authority.region, LISTED).await?;
    of(app, Work::Keys, batches, app.config.publication.period_seconds).await
}

pub async fn of_warnings(app: &App) -> Result<Batches, StoreError> {
    let batches = app.store.latest_warning_batches(&app.config.authority.region, LISTED).await?;
    of(app, Work::Warnings, batches, app.config.warnings.period_seconds).await
}

async fn of(
    app: &App,
    work: Work,
    batches: Vec<SeenBatch>,
    period_seconds: u64,
) -> Result<Batches, StoreError> {
    let holder = app.store.lease_holder(work).await?;
    let is_held = holder.as_ref().is_some_and(|holder| holder.milliseconds > 0);
    let holder = holder.map(|holder| holder.holder).unwrap_or_default();
    Ok(Batches {
        batches,
        period_seconds,
        next_at: app.clock.now().floor_to(period_seconds).plus(period_seconds),
        last_run: app.store.last_run(work).await?.unwrap_or_default(),
        is_here: holder == this_process(),
        is_held,
        holder,
    })
}
