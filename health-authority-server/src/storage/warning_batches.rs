//! Batches of warnings: cutting them, completing them, and forgetting what is old.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::warning::Warning;

use super::batches::{Batch, CUT, WRITTEN, read_batch};
use super::cutting::start_of_cut;
use super::doors::take_notices;
use super::share_requests::settle_published;
use super::{Store, StoreError, array, integer, seconds, time};
use crate::domain::door_secrets::NoticeId;
use crate::domain::warnings::{SHAPE_DAYS, ShapeProperty, WarningShapes, observe};

/// The period that a batch is cut for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningPeriod {
    pub region: String,
    /// Its start: where the last one ended.
    pub start: UnixTime,
    pub end: UnixTime,
    /// Up to when batches were cut before; none before the first.
    pub cut_until: Option<UnixTime>,
}

/// What a batch's files will be.
#[derive(Debug, Clone)]
pub struct BatchContent {
    /// Version 1: warnings about slots.
    pub slots: Vec<u8>,
    /// Version 2: the same and a section for passes.
    pub with_passes: Option<Vec<u8>>,
}

impl Store {
    /// The period up to `end`, unless it was cut already. A clock that ran far ahead and was set
    /// back does not stop publication.
    pub async fn warning_period(
        &self,
        region: &str,
        first_start: UnixTime,
        end: UnixTime,
    ) -> Result<Option<WarningPeriod>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let cut_until = cut_until(&mut connection, region).await?;
        let start = match cut_until {
            Some(cut_until) => start_of_cut(cut_until, first_start, end),
            None => Some(first_start),
        };
        Ok(start.map(|start| WarningPeriod { region: region.to_owned(), start, end, cut_until }))
    }

    /// At most `count` warnings that are due at `end`, those that have waited longest first.
    pub async fn due_warnings(
        &self,
        end: UnixTime,
        count: usize,
    ) -> Result<Vec<Warning>, StoreError> {
        let rows = sqlx::query(
            "SELECT warning FROM due_warnings WHERE due_at <= $1 ORDER BY due_at, warning LIMIT $2",
        )
        .bind(seconds(end))
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_warning).collect()
    }

    /// Fixes the batch of a period: its bytes are stored until the files are written, `real` warnings
    /// and notices stop waiting, and their requests are reduced. `false`, and nothing happens, when another process
    /// has cut meanwhile.
    pub async fn cut_warnings(
        &self,
        period: &WarningPeriod,
        (real, notices): (&[Warning], &[NoticeId]),
        content: &BatchContent,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        if cut_until(connection, &period.region).await? != period.cut_until {
            return Ok(false);
        }
        for warning in real {
            let taken = sqlx::query("DELETE FROM due_warnings WHERE warning = $1")
                .bind(warning.to_bytes().to_vec())
                .execute(&mut *connection)
                .await?;
            if taken.rows_affected() != 1 {
                return Ok(false);
            }
            count_shape(connection, warning, period.end).await?;
        }
        if !take_notices(connection, notices).await? {
            return Ok(false);
        }
        advance(connection, period).await?;
        sqlx::query(
            "INSERT INTO warning_batches \
             (region, start_at, end_at, file_number, content, content_with_passes) \
             VALUES ($1, $2, $3, 1, $4, $5)",
        )
        .bind(period.region.as_str())
        .bind(seconds(period.start))
        .bind(seconds(period.end))
        .bind(content.slots.clone())
        .bind(content.with_passes.clone())
        .execute(&mut *connection)
        .await?;
        settle_published(connection, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Batches that were cut and whose files may be missing, oldest first.
    pub async fn unfinished_warning_batches(&self, region: &str) -> Result<Vec<Batch>, StoreError> {
        self.warning_batches(region, CUT).await
    }

    /// Batches whose files are written, oldest first.
    pub async fn written_warning_batches(&self, region: &str) -> Result<Vec<Batch>, StoreError> {
        self.warning_batches(region, WRITTEN).await
    }

    async fn warning_batches(&self, region: &str, state: i64) -> Result<Vec<Batch>, StoreError> {
        let rows = sqlx::query(
            "SELECT batch, region, start_at, end_at, file_number FROM warning_batches \
             WHERE region = $1 AND state = $2 ORDER BY end_at, file_number",
        )
        .bind(region)
        .bind(state)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_batch).collect()
    }

    /// What a batch's files will be; none when they are written already.
    pub async fn warning_batch_content(
        &self,
        batch: i64,
    ) -> Result<Option<BatchContent>, StoreError> {
        let row = sqlx::query(
            "SELECT content, content_with_passes FROM warning_batches WHERE batch = $1",
        )
        .bind(batch)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let slots: Option<Vec<u8>> = row.try_get("content")?;
        let with_passes = row.try_get("content_with_passes")?;
        Ok(slots.map(|slots| BatchContent { slots, with_passes }))
    }

    /// The largest number of a file of the period that ends at `end`; 0 without one.
    pub async fn last_warning_file_number(
        &self,
        region: &str,
        end: UnixTime,
    ) -> Result<u32, StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE(MAX(file_number), 0) AS last FROM warning_batches \
             WHERE region = $1 AND end_at = $2",
        )
        .bind(region)
        .bind(seconds(end))
        .fetch_one(&self.pool)
        .await?;
        integer(&row, "last")
    }

    /// The batch's files are written and synced, under this number: their bytes need not be stored here.
    pub async fn warning_batch_written(
        &self,
        batch: i64,
        file_number: u32,
        (files, bytes): (usize, usize),
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "UPDATE warning_batches SET state = $1, file_number = $2, content = NULL, \
             content_with_passes = NULL, files = $3, bytes = $4, written_at = $5 \
             WHERE batch = $6",
        )
        .bind(WRITTEN)
        .bind(i64::from(file_number))
        .bind(i64::try_from(files).unwrap_or(i64::MAX))
        .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
        .bind(seconds(now))
        .bind(batch);
        self.execute(statement).await?;
        Ok(())
    }

    /// Deletes a batch's row, its file being gone.
    pub async fn forget_warning_batch(&self, batch: i64) -> Result<(), StoreError> {
        let statement = sqlx::query("DELETE FROM warning_batches WHERE batch = $1").bind(batch);
        self.execute(statement).await?;
        Ok(())
    }

    /// Adds what was counted of real warnings of the last weeks to `shapes`.
    pub async fn observed_warning_shapes(
        &self,
        mut shapes: WarningShapes,
    ) -> Result<WarningShapes, StoreError> {
        let rows = sqlx::query(
            "SELECT property, bucket, CAST(SUM(warnings) AS BIGINT) AS warnings \
             FROM warning_shapes GROUP BY property, bucket",
        )
        .fetch_all(&self.pool)
        .await?;
        for row in rows {
            let name: String = row.try_get("property")?;
            if let Some(property) = ShapeProperty::from_name(&name) {
                shapes.add(property, integer(&row, "bucket")?, integer(&row, "warnings")?);
            }
        }
        Ok(shapes)
    }

    /// Deletes counts of more than [`SHAPE_DAYS`] ago.
    pub async fn expire_warning_shapes(&self, now: UnixTime) -> Result<(), StoreError> {
        let statement = sqlx::query("DELETE FROM warning_shapes WHERE day < $1")
            .bind(i64::from(now.day().minus(SHAPE_DAYS).number()));
        self.execute(statement).await?;
        Ok(())
    }
}

async fn cut_until(
    connection: &mut AnyConnection,
    region: &str,
) -> Result<Option<UnixTime>, StoreError> {
    let row = sqlx::query("SELECT cut_until FROM warning_state WHERE region = $1")
        .bind(region)
        .fetch_optional(connection)
        .await?;
    row.map(|row| time(&row, "cut_until")).transpose()
}

async fn advance(connection: &mut AnyConnection, period: &WarningPeriod) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO warning_state (region, cut_until) VALUES ($1, $2) \
         ON CONFLICT (region) DO UPDATE SET cut_until = excluded.cut_until",
    )
    .bind(period.region.as_str())
    .bind(seconds(period.end))
    .execute(connection)
    .await?;
    Ok(())
}

async fn count_shape(
    connection: &mut AnyConnection,
    warning: &Warning,
    end: UnixTime,
) -> Result<(), StoreError> {
    for (property, bucket) in observe(warning.hour(), end) {
        sqlx::query(
            "INSERT INTO warning_shapes (day, property, bucket, warnings) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (day, property, bucket) \
             DO UPDATE SET warnings = warning_shapes.warnings + 1",
        )
        .bind(i64::from(end.day().number()))
        .bind(property.name())
        .bind(i64::from(bucket))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

fn read_warning(row: &AnyRow) -> Result<Warning, StoreError> {
    Warning::from_bytes(&array(row, "warning")?).map_err(|_| StoreError::Corrupt("warning"))
}
