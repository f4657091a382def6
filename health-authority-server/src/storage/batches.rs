//! Batches that are cut: completing them, and forgetting what is old.

use sqlx::Row;
use sqlx::any::AnyRow;
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use super::columns::columns;
use super::key_places::read_block;
use super::keys::{read_key, report_type};
use super::{Store, StoreError, integer, nullable, seconds, time};
use crate::domain::venues::COUNT_DAYS;

/// Of a batch, in the database: its content is fixed, its file is not written.
pub(super) const CUT: i64 = 0;
/// Of a batch, in the database: its file is written.
pub(super) const WRITTEN: i64 = 1;

/// A batch whose content is fixed: keys, or warnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number in the database.
    pub id: i64,
    pub region: String,
    /// Start of the time that it covers.
    pub start: UnixTime,
    pub end: UnixTime,
    /// 1, or more when the keys of one period fill several files; of warnings always 1.
    pub file_number: u32,
}

/// What a batch's file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenFile {
    /// Keys, those of synthetic persons and revised ones included.
    pub keys: usize,
    pub bytes: usize,
}

/// The keys of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchKeys {
    /// Published for the first time, by key bytes.
    pub keys: Vec<DiagnosisKey>,
    /// Published before with another report type, by key bytes.
    pub revised: Vec<DiagnosisKey>,
}

impl Store {
    /// Batches that were cut and whose files may be missing, oldest first.
    pub async fn unfinished_batches(&self, region: &str) -> Result<Vec<Batch>, StoreError> {
        self.batches(region, CUT).await
    }

    /// Batches whose files are written, oldest first.
    pub async fn written_batches(&self, region: &str) -> Result<Vec<Batch>, StoreError> {
        self.batches(region, WRITTEN).await
    }

    async fn batches(&self, region: &str, state: i64) -> Result<Vec<Batch>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(batches),
            " FROM batches WHERE region = $1 AND state = $2 ORDER BY end_at, file_number"
        ))
        .bind(region)
        .bind(state)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_batch).collect()
    }

    /// The keys of a batch.
    pub async fn batch_keys(&self, batch: i64) -> Result<BatchKeys, StoreError> {
        let mut keys = self.published(batch).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(diagnosis_keys),
            " FROM diagnosis_keys WHERE batch = $1"
        ))
        .bind(batch)
        .fetch_all(&self.pool)
        .await?;
        for row in &rows {
            keys.push(first_published(row, batch)?);
        }
        // One that was revised later is in its block, too, and is the same there.
        keys.sort_by_key(|key| key.key);
        keys.dedup_by_key(|key| key.key);
        let again = sqlx::query(concat!(
            "SELECT ",
            columns!(diagnosis_keys),
            " FROM diagnosis_keys WHERE revised_batch = $1 ORDER BY key_data"
        ))
        .bind(batch)
        .fetch_all(&self.pool)
        .await?;
        // A key that was revised before it was published is in the first list only.
        let revised = again
            .iter()
            .filter(
                |row| !matches!(nullable::<i64>(row, "batch"), Ok(Some(first)) if first == batch),
            )
            .map(revised_key)
            .collect::<Result<_, _>>()?;
        Ok(BatchKeys { keys, revised })
    }

    /// The keys of a batch's blocks.
    async fn published(&self, batch: i64) -> Result<Vec<DiagnosisKey>, StoreError> {
        let mut keys = Vec::new();
        let mut after = Vec::new();
        loop {
            let rows = sqlx::query(
                "SELECT first_key, keys FROM published_keys WHERE batch = $1 AND first_key > $2 \
                 ORDER BY first_key LIMIT 64",
            )
            .bind(batch)
            .bind(after)
            .fetch_all(&self.pool)
            .await?;
            let Some(last) = rows.last() else { return Ok(keys) };
            after = last.try_get("first_key")?;
            for row in &rows {
                let block = read_block(row.try_get("keys")?)?;
                keys.extend(block.keys().iter().map(|timed| timed.key));
            }
        }
    }

    /// The largest number of a file of the period that ends at `end`; 0 without one.
    pub async fn last_file_number(&self, region: &str, end: UnixTime) -> Result<u32, StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE(MAX(file_number), 0) AS last FROM batches \
             WHERE region = $1 AND end_at = $2",
        )
        .bind(region)
        .bind(seconds(end))
        .fetch_one(&self.pool)
        .await?;
        integer(&row, "last")
    }

    /// The batch's file is written and synced, under this number.
    pub async fn batch_written(
        &self,
        batch: i64,
        file_number: u32,
        content: WrittenFile,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "UPDATE batches SET state = $1, file_number = $2, key_count = $3, bytes = $4, \
             written_at = $5 WHERE batch = $6",
        )
        .bind(WRITTEN)
        .bind(i64::from(file_number))
        .bind(i64::try_from(content.keys).unwrap_or(i64::MAX))
        .bind(i64::try_from(content.bytes).unwrap_or(i64::MAX))
        .bind(seconds(now))
        .bind(batch);
        self.execute(statement).await?;
        Ok(())
    }

    /// The batch's file is gone and will be written again.
    pub async fn reopen_batch(&self, batch: i64) -> Result<(), StoreError> {
        let statement =
            sqlx::query("UPDATE batches SET state = $1 WHERE batch = $2").bind(CUT).bind(batch);
        self.execute(statement).await?;
        Ok(())
    }

    /// Forgets batches that ended before `oldest` and returns them, so that their files can be
    /// deleted after the index stops naming them.
    pub async fn expired_batches(
        &self,
        region: &str,
        oldest: UnixTime,
    ) -> Result<Vec<Batch>, StoreError> {
        let mut batches = self.batches(region, WRITTEN).await?;
        batches.retain(|batch| batch.end < oldest);
        Ok(batches)
    }

    /// Deletes a batch and its keys, its file being gone.
    pub async fn forget_batch(&self, batch: i64) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        for sql in
            ["DELETE FROM published_keys WHERE batch = $1", "DELETE FROM batches WHERE batch = $1"]
        {
            write.execute(sqlx::query(sql).bind(batch)).await?;
        }
        write.commit().await
    }

    /// Deletes keys with a row whose validity ended before `oldest_key`, and codes, tokens and request ids a
    /// day after they expired. What staff said of a case goes the moment that it can no longer be
    /// used. What ended of sessions, invitations and codes for telephones goes at once, counts of
    /// visits after `COUNT_DAYS`.
    pub async fn expire(&self, oldest_key: UnixTime, now: UnixTime) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        sqlx::query("DELETE FROM diagnosis_keys WHERE rolling_start + rolling_period < $1")
            .bind(i64::from(oldest_key.interval().number()))
            .execute(&mut *connection)
            .await?;
        let now_seconds = seconds(now);
        let yesterday = seconds(now.minus(86_400));
        for sql in [
            "UPDATE codes SET test_type = NULL, symptom_day = NULL, test_day = NULL \
             WHERE expires_at <= $1 AND test_type IS NOT NULL",
            "UPDATE tokens SET test_type = NULL, symptom_day = NULL, test_day = NULL \
             WHERE expires_at <= $1 AND test_type IS NOT NULL",
            "DELETE FROM synthetic_persons WHERE expires_at <= $1",
            "DELETE FROM phone_codes WHERE expires_at <= $1",
            "DELETE FROM invitations WHERE expires_at <= $1",
            "DELETE FROM sessions WHERE expires_at <= $1",
        ] {
            sqlx::query(sql).bind(now_seconds).execute(&mut *connection).await?;
        }
        for sql in [
            "DELETE FROM codes WHERE expires_at <= $1",
            "DELETE FROM tokens WHERE expires_at <= $1",
            "DELETE FROM request_ids WHERE expires_at <= $1",
        ] {
            sqlx::query(sql).bind(yesterday).execute(&mut *connection).await?;
        }
        sqlx::query("DELETE FROM visit_counts WHERE hour < $1")
            .bind(seconds(now.minus(COUNT_DAYS * DAY_SECONDS)) / 3_600)
            .execute(&mut *connection)
            .await?;
        write.commit().await
    }
}

/// A key as its first batch has it: with its revision if that came before.
fn first_published(row: &AnyRow, batch: i64) -> Result<DiagnosisKey, StoreError> {
    match nullable::<i64>(row, "revised_batch")? {
        Some(revised) if revised == batch => revised_key(row),
        _ => read_key(row),
    }
}

fn revised_key(row: &AnyRow) -> Result<DiagnosisKey, StoreError> {
    Ok(DiagnosisKey {
        report_type: report_type(integer(row, "revised_report_type")?)?,
        days_since_onset: nullable(row, "revised_days")?,
        ..read_key(row)?
    })
}

/// A row of `batches` or `warning_batches`.
pub(super) fn read_batch(row: &AnyRow) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: integer(row, "batch")?,
        region: row.try_get("region")?,
        start: time(row, "start_at")?,
        end: time(row, "end_at")?,
        file_number: integer(row, "file_number")?,
    })
}
