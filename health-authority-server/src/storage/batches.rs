//! Batches: cutting them, completing them, and forgetting what is old.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use super::keys::{insert_keys, read_key, report_type};
use super::statistics::{Counter, count_all};
use super::{Store, StoreError, integer, nullable, seconds, time};
use crate::domain::release::{ReleaseRule, TimedKey};
use crate::domain::upload_shape::SyntheticPerson;
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

/// How a period's batch is cut.
#[derive(Debug)]
pub struct Cut<'a> {
    pub region: &'a str,
    /// Start when nothing was cut before.
    pub first_start: UnixTime,
    /// End of the period.
    pub end: UnixTime,
    pub persons: &'a [SyntheticPerson],
    /// When keys may be published.
    pub release: ReleaseRule,
    /// Keys in one file, at most.
    pub max_keys_per_file: u32,
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
    /// Until when batches have been cut.
    pub async fn cut_until(&self, region: &str) -> Result<Option<UnixTime>, StoreError> {
        let row = sqlx::query("SELECT cut_until FROM publication_state WHERE region = $1")
            .bind(region)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| time(&row, "cut_until")).transpose()
    }

    /// Fixes which keys the batches up to `cut.end` contain: adds the padding, marks every due
    /// key with its batch. Nothing happens when that time was cut already. Returns the keys cut.
    pub async fn cut_batch(&self, cut: &Cut<'_>, now: UnixTime) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let connection = &mut *write.transaction;
        let Some(start) = advance(connection, cut).await? else { return Ok(0) };
        insert_persons(connection, cut).await?;
        revise_persons(connection, cut).await?;
        let mut keys = 0;
        let mut files = 0;
        loop {
            let marked = mark_due(connection, cut, start, files + 1, files == 0).await?;
            if marked == 0 {
                break;
            }
            files += 1;
            keys += marked;
        }
        let counters = [
            (Counter::SyntheticPersons, cut.persons.len()),
            (Counter::Batches, files as usize),
            (Counter::KeysPublished, usize::try_from(keys).unwrap_or(usize::MAX)),
        ];
        count_all(connection, &counters, now).await?;
        write.commit().await?;
        Ok(keys)
    }

    /// Batches that were cut and whose files may be missing, oldest first.
    pub async fn unfinished_batches(&self, region: &str) -> Result<Vec<Batch>, StoreError> {
        self.batches(region, CUT).await
    }

    /// Batches whose files are written, oldest first.
    pub async fn written_batches(&self, region: &str) -> Result<Vec<Batch>, StoreError> {
        self.batches(region, WRITTEN).await
    }

    async fn batches(&self, region: &str, state: i64) -> Result<Vec<Batch>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM batches WHERE region = $1 AND state = $2 ORDER BY end_at, file_number",
        )
        .bind(region)
        .bind(state)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_batch).collect()
    }

    /// The keys of a batch.
    pub async fn batch_keys(&self, batch: i64) -> Result<BatchKeys, StoreError> {
        let first = sqlx::query("SELECT * FROM diagnosis_keys WHERE batch = $1 ORDER BY key_data")
            .bind(batch)
            .fetch_all(&self.pool)
            .await?;
        let again =
            sqlx::query("SELECT * FROM diagnosis_keys WHERE revised_batch = $1 ORDER BY key_data")
                .bind(batch)
                .fetch_all(&self.pool)
                .await?;
        let keys = first.iter().map(|row| first_published(row, batch)).collect::<Result<_, _>>()?;
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
    pub async fn batch_written(&self, batch: i64, file_number: u32) -> Result<(), StoreError> {
        let statement =
            sqlx::query("UPDATE batches SET state = $1, file_number = $2 WHERE batch = $3")
                .bind(WRITTEN)
                .bind(i64::from(file_number))
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

    /// Deletes a batch's row, its file being gone.
    pub async fn forget_batch(&self, batch: i64) -> Result<(), StoreError> {
        let statement = sqlx::query("DELETE FROM batches WHERE batch = $1").bind(batch);
        self.execute(statement).await?;
        Ok(())
    }

    /// Deletes keys whose validity ended before `oldest_key`, and codes, tokens and request ids a
    /// day after they expired. What staff said of a case goes the moment that it can no longer be
    /// used. What ended of sessions, invitations and codes for telephones goes at once, counts of
    /// visits after `COUNT_DAYS`.
    pub async fn expire(&self, oldest_key: UnixTime, now: UnixTime) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let connection = &mut *write.transaction;
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

/// Where a batch begins after another ended at `cut_until`. A clock that ran far ahead and was set
/// back must not stop publication until that time comes again.
pub(super) fn start_of_cut(
    cut_until: UnixTime,
    first_start: UnixTime,
    end: UnixTime,
) -> Option<UnixTime> {
    if cut_until > end.plus(DAY_SECONDS) {
        tracing::warn!("the clock was set back by more than a day; batches begin again from now");
        return Some(first_start);
    }
    (cut_until < end).then_some(cut_until)
}

/// Moves the time up to which batches are cut; `None` when `cut.end` is not after it.
async fn advance(
    connection: &mut AnyConnection,
    cut: &Cut<'_>,
) -> Result<Option<UnixTime>, StoreError> {
    let row = sqlx::query("SELECT cut_until FROM publication_state WHERE region = $1")
        .bind(cut.region)
        .fetch_optional(&mut *connection)
        .await?;
    let start = match row {
        Some(row) => {
            let cut_until = time(&row, "cut_until")?;
            start_of_cut(cut_until, cut.first_start, cut.end)
        }
        None => Some(cut.first_start),
    };
    let Some(start) = start else { return Ok(None) };
    sqlx::query(
        "INSERT INTO publication_state (region, cut_until) VALUES ($1, $2) \
         ON CONFLICT (region) DO UPDATE SET cut_until = excluded.cut_until",
    )
    .bind(cut.region)
    .bind(seconds(cut.end))
    .execute(connection)
    .await?;
    Ok(Some(start))
}

async fn insert_persons(connection: &mut AnyConnection, cut: &Cut<'_>) -> Result<(), StoreError> {
    for person in cut.persons {
        let row = sqlx::query(
            "INSERT INTO synthetic_persons (revise_at, revise_to, expires_at) \
             VALUES ($1, $2, $3) RETURNING person",
        )
        .bind(person.revision.map(|(at, _)| seconds(at)))
        .bind(person.revision.map(|(_, to)| to as i64))
        .bind(seconds(person.uploaded_at.plus(30 * 86_400)))
        .fetch_one(&mut *connection)
        .await?;
        let keys: Vec<TimedKey> =
            person.keys.iter().map(|key| cut.release.apply(*key, person.uploaded_at)).collect();
        insert_keys(connection, &keys, Some(integer(&row, "person")?)).await?;
    }
    Ok(())
}

/// Revises the synthetic persons whose time has come, as a real upload would.
async fn revise_persons(connection: &mut AnyConnection, cut: &Cut<'_>) -> Result<(), StoreError> {
    let due = sqlx::query(
        "SELECT person, revise_at, revise_to FROM synthetic_persons WHERE revise_at < $1",
    )
    .bind(seconds(cut.end))
    .fetch_all(&mut *connection)
    .await?;
    for row in due {
        let person: i64 = integer(&row, "person")?;
        let window = cut.release.window(time(&row, "revise_at")?);
        sqlx::query(
            "UPDATE diagnosis_keys SET revised_report_type = $1, revised_days = days_since_onset, \
             revised_window = $2 WHERE synthetic_person = $3 AND revised_report_type IS NULL",
        )
        .bind(integer::<i64>(&row, "revise_to")?)
        .bind(seconds(window))
        .bind(person)
        .execute(&mut *connection)
        .await?;
        sqlx::query("UPDATE synthetic_persons SET revise_at = NULL WHERE person = $1")
            .bind(person)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Gives due keys to one more file, and the revised ones to the first. Returns how many.
async fn mark_due(
    connection: &mut AnyConnection,
    cut: &Cut<'_>,
    start: UnixTime,
    file_number: u32,
    with_revised: bool,
) -> Result<u64, StoreError> {
    let row = sqlx::query(
        "INSERT INTO batches (region, start_at, end_at, file_number) VALUES ($1, $2, $3, $4) \
         RETURNING batch",
    )
    .bind(cut.region)
    .bind(seconds(start))
    .bind(seconds(cut.end))
    .bind(i64::from(file_number))
    .fetch_one(&mut *connection)
    .await?;
    let batch: i64 = integer(&row, "batch")?;
    let mut marked = 0;
    if with_revised {
        marked += sqlx::query(
            "UPDATE diagnosis_keys SET revised_batch = $1 WHERE revised_report_type IS NOT NULL \
             AND revised_batch IS NULL AND batch IS NOT NULL AND revised_window < $2",
        )
        .bind(batch)
        .bind(seconds(cut.end))
        .execute(&mut *connection)
        .await?
        .rows_affected();
    }
    // A case that was taken back before anyone heard of it is never published. One that was
    // confirmed before is published once, as confirmed: it belongs to this batch twice over.
    marked += sqlx::query(
        "UPDATE diagnosis_keys SET batch = $1, \
         revised_batch = CASE WHEN revised_report_type IS NULL THEN NULL ELSE $1 END \
         WHERE key_data IN (SELECT key_data FROM diagnosis_keys \
         WHERE batch IS NULL AND release_at <= $2 AND received_window < $2 \
         AND COALESCE(revised_report_type, 0) <> 5 ORDER BY key_data LIMIT $3)",
    )
    .bind(batch)
    .bind(seconds(cut.end))
    .bind(i64::from(cut.max_keys_per_file))
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if marked == 0 {
        sqlx::query("DELETE FROM batches WHERE batch = $1")
            .bind(batch)
            .execute(&mut *connection)
            .await?;
    }
    Ok(marked)
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
