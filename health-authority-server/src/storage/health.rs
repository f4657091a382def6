//! How the database does: how long it takes, what fails, and whether it takes a write.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use vungxanh_protocol::interval::UnixTime;

use super::{Store, StoreError, seconds};

/// From 0.5 ms to 16 s.
const SECONDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 8.0, 16.0];
/// The row that tries write; no limit has this name.
const PROBE: &str = "readiness";

/// Measured in this process. Clones are the same.
#[derive(Debug, Clone)]
pub struct DatabaseTimes {
    /// Until a write had its turn.
    pub waiting: Histogram,
    /// From then on until it was on the disk.
    pub writing: Histogram,
    /// Writes that could not begin or did not end well.
    pub failures: Counter,
}

impl Default for DatabaseTimes {
    fn default() -> Self {
        let histogram = || Histogram::new(SECONDS);
        Self { waiting: histogram(), writing: histogram(), failures: Counter::default() }
    }
}

impl DatabaseTimes {
    /// Counts it if it failed.
    pub(super) fn noted<T, E>(&self, result: Result<T, E>) -> Result<T, E> {
        if result.is_err() {
            self.failures.inc();
        }
        result
    }

    pub(super) fn waited(&self, time: Duration) {
        self.waiting.observe(time.as_secs_f64());
    }

    pub(super) fn wrote(&self, time: Duration) {
        self.writing.observe(time.as_secs_f64());
    }
}

impl Store {
    /// How long writes took in this process.
    pub const fn times(&self) -> &DatabaseTimes {
        &self.times
    }

    /// Tries a write that changes nothing that counts.
    pub async fn try_write(&self, now: UnixTime) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO reached_limits (name, until_at) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET until_at = excluded.until_at",
        );
        self.execute(statement.bind(PROBE).bind(seconds(now))).await?;
        Ok(())
    }
}
