//! How the work of each lease went last, and the batches that came of it.

use sqlx::Row;
use sqlx::any::AnyRow;
use vungxanh_protocol::interval::UnixTime;

use super::batches::{Batch, WRITTEN, read_batch};
use super::columns::columns;
use super::leases::{Work, database_time};
use super::{Store, StoreError, integer, nullable, nullable_time, seconds};

/// The longest failure that is stored, in bytes.
const MAX_FAILURE_BYTES: usize = 500;

/// How a work went last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkRun {
    /// Which server did it.
    pub holder: String,
    pub done_at: Option<UnixTime>,
    pub failed_at: Option<UnixTime>,
    /// What went wrong then.
    pub failure: String,
}

/// Who does a work now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseHolder {
    pub holder: String,
    /// For how long it holds the lease; 0: nobody does.
    pub milliseconds: u64,
}

/// A batch and what everyone can see of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenBatch {
    pub batch: Batch,
    pub is_written: bool,
    pub written_at: Option<UnixTime>,
    /// With those of synthetic persons; none of batches of warnings, and of those that an earlier program wrote.
    pub keys: Option<u64>,
    pub files: Option<u64>,
    pub bytes: Option<u64>,
}

impl Store {
    /// Notes how a work went: `failure` is none where all is well.
    pub async fn note_run(
        &self,
        work: Work,
        holder: &str,
        failure: Option<&str>,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let statement = match failure {
            None => sqlx::query(
                "INSERT INTO work_runs (name, holder, done_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
                 done_at = excluded.done_at",
            ),
            Some(_) => sqlx::query(
                "INSERT INTO work_runs (name, holder, failed_at, failure) \
                 VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
                 failed_at = excluded.failed_at, failure = excluded.failure",
            ),
        };
        let mut statement = statement.bind(work.name()).bind(holder.to_owned()).bind(seconds(now));
        if let Some(failure) = failure {
            let mut end = failure.len().min(MAX_FAILURE_BYTES);
            while !failure.is_char_boundary(end) {
                end -= 1;
            }
            statement = statement.bind(failure[..end].to_owned());
        }
        self.execute(statement).await?;
        Ok(())
    }

    /// How a work went last; none before it was done for the first time.
    pub async fn last_run(&self, work: Work) -> Result<Option<WorkRun>, StoreError> {
        let row =
            sqlx::query(concat!("SELECT ", columns!(work_runs), " FROM work_runs WHERE name = $1"))
                .bind(work.name())
                .fetch_optional(&self.pool)
                .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(WorkRun {
            holder: row.try_get("holder")?,
            done_at: nullable_time(&row, "done_at")?,
            failed_at: nullable_time(&row, "failed_at")?,
            failure: row.try_get("failure")?,
        }))
    }

    /// Who holds the lease of a work, or held it last; none before the first.
    pub async fn lease_holder(&self, work: Work) -> Result<Option<LeaseHolder>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query("SELECT holder, ends_at FROM leases WHERE name = $1")
            .bind(work.name())
            .fetch_optional(&mut *connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let now = database_time(&mut connection).await?;
        let left = integer::<i64>(&row, "ends_at")?.saturating_sub(now);
        let milliseconds = u64::try_from(left).unwrap_or_default();
        Ok(Some(LeaseHolder { holder: row.try_get("holder")?, milliseconds }))
    }

    /// At most `count` batches of keys, the latest first.
    pub async fn latest_batches(
        &self,
        region: &str,
        count: u32,
    ) -> Result<Vec<SeenBatch>, StoreError> {
        let rows = sqlx::query(
            "SELECT batch, region, start_at, end_at, file_number, state, written_at, key_count, \
             bytes FROM batches WHERE region = $1 ORDER BY end_at DESC, file_number DESC LIMIT $2",
        )
        .bind(region)
        .bind(i64::from(count))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| seen(row, nullable(row, "key_count")?, Some(1))).collect()
    }

    /// At most `count` batches of warnings, the latest first.
    pub async fn latest_warning_batches(
        &self,
        region: &str,
        count: u32,
    ) -> Result<Vec<SeenBatch>, StoreError> {
        let rows = sqlx::query(
            "SELECT batch, region, start_at, end_at, file_number, state, written_at, files, bytes \
             FROM warning_batches WHERE region = $1 \
             ORDER BY end_at DESC, file_number DESC LIMIT $2",
        )
        .bind(region)
        .bind(i64::from(count))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| seen(row, None, nullable(row, "files")?)).collect()
    }
}

fn seen(row: &AnyRow, keys: Option<u64>, files: Option<u64>) -> Result<SeenBatch, StoreError> {
    Ok(SeenBatch {
        batch: read_batch(row)?,
        is_written: integer::<i64>(row, "state")? == WRITTEN,
        written_at: nullable_time(row, "written_at")?,
        keys,
        files,
        bytes: nullable(row, "bytes")?,
    })
}
