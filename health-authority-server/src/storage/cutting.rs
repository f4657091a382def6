//! Fixes which keys a batch has.
//!
//! Keys are divided among the files of a period by their bytes, which are random, so that which file a key is
//! in shows nothing. A file's keys are in memory at once, those of others are not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sqlx::{AnyConnection, Row};
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use super::key_memory::newest_version;
use super::key_places::read_block;
use super::keys::insert_keys;
use super::statistics::{Counter, count_all};
use super::{Store, StoreError, array, integer, seconds, time};
use crate::domain::file_shares::{Bucket, FileShares};
use crate::domain::key_block::{FULL_BLOCK_KEYS, KeyBlock, encode};
use crate::domain::release::{ReleaseRule, TimedKey};
use crate::domain::upload_shape::SyntheticPerson;

/// Keys in one row of `published_keys`: one row is read to find a key.
const PUBLISHED_BLOCK_KEYS: usize = 512;

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

impl Store {
    /// Until when batches have been cut.
    pub async fn cut_until(&self, region: &str) -> Result<Option<UnixTime>, StoreError> {
        let row = sqlx::query("SELECT cut_until FROM publication_state WHERE region = $1")
            .bind(region)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| time(&row, "cut_until")).transpose()
    }

    /// Fixes which keys the batches up to `cut.end` contain: adds the padding, gives every due
    /// key to its batch. Nothing happens when that time was cut already. Returns the keys cut.
    pub async fn cut_batch(&self, cut: &Cut<'_>, now: UnixTime) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let Some(start) = advance(connection, cut).await? else { return Ok(0) };
        insert_persons(connection, cut).await?;
        revise_persons(connection, cut).await?;
        let mut cutting = Cutting::begin(connection, cut, start).await?;
        let (files, keys) = cutting.cut(connection).await?;
        let counters = [
            (Counter::SyntheticPersons, cut.persons.len()),
            (Counter::Batches, files),
            (Counter::KeysPublished, usize::try_from(keys).unwrap_or(usize::MAX)),
        ];
        count_all(connection, &counters, now).await?;
        write.commit().await?;
        Ok(keys)
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

/// Which keys with a row of their own are due at `$1`. A case that was taken back before anyone heard of it
/// is never published.
const DUE_ROWS: &str = "batch IS NULL AND release_at <= $1 AND received_window < $1 \
                        AND COALESCE(revised_report_type, 0) <> 5";
/// Revisions of published keys that are due at `$1`.
const DUE_REVISIONS: &str = "revised_report_type IS NOT NULL AND revised_batch IS NULL \
                             AND batch IS NOT NULL AND revised_window < $1";

/// A cut under way.
struct Cutting<'a> {
    cut: &'a Cut<'a>,
    start: UnixTime,
    version: i64,
    /// The staged blocks that may hold due keys.
    blocks: Vec<i64>,
    /// Keys that are staged and have a row too, since they were revised: the row counts.
    with_row: BTreeSet<[u8; KEY_BYTES]>,
    shares: FileShares,
    revisions: i64,
}

impl<'a> Cutting<'a> {
    async fn begin(
        connection: &mut AnyConnection,
        cut: &'a Cut<'a>,
        start: UnixTime,
    ) -> Result<Self, StoreError> {
        let version = newest_version(connection).await? + 1;
        sqlx::query("UPDATE key_changes SET version = $1")
            .bind(version)
            .execute(&mut *connection)
            .await?;
        let rows = sqlx::query(
            "SELECT key_data FROM diagnosis_keys WHERE batch IS NULL AND synthetic_person IS NULL",
        )
        .fetch_all(&mut *connection)
        .await?;
        let with_row = rows.iter().map(|row| array(row, "key_data")).collect::<Result<_, _>>()?;
        let rows =
            sqlx::query("SELECT block FROM staged_keys WHERE received_window < $1 ORDER BY block")
                .bind(seconds(cut.end))
                .fetch_all(&mut *connection)
                .await?;
        let blocks = rows.iter().map(|row| integer(row, "block")).collect::<Result<_, _>>()?;
        let sql = format!("SELECT COUNT(*) AS revisions FROM diagnosis_keys WHERE {DUE_REVISIONS}");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(seconds(cut.end))
            .fetch_one(&mut *connection)
            .await?;
        let revisions = integer(&row, "revisions")?;
        let shares = FileShares::default();
        let mut cutting = Self { cut, start, version, blocks, with_row, shares, revisions };
        cutting.shares = cutting.count(connection).await?;
        Ok(cutting)
    }

    /// How the due keys are divided among files.
    async fn count(&mut self, connection: &mut AnyConnection) -> Result<FileShares, StoreError> {
        let mut shares = FileShares::default();
        let sql = format!("SELECT key_data FROM diagnosis_keys WHERE {DUE_ROWS}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(seconds(self.cut.end))
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            shares.count(&array(&row, "key_data")?);
        }
        let mut with_due = Vec::new();
        for block in &self.blocks {
            let keys = staged_block(connection, *block).await?;
            // What has a row leaves its block.
            let mut changes = false;
            for timed in keys.keys() {
                let has_row = self.with_row.contains(&timed.key.key);
                let due = timed.release_at <= self.cut.end;
                changes |= has_row || due;
                if due && !has_row {
                    shares.count(&timed.key.key);
                }
            }
            if changes || keys.keys().is_empty() {
                with_due.push(*block);
            }
        }
        self.blocks = with_due;
        shares.divide(self.cut.max_keys_per_file);
        Ok(shares)
    }

    /// Returns the number of files and that of keys in them.
    async fn cut(&mut self, connection: &mut AnyConnection) -> Result<(usize, u64), StoreError> {
        let (mut files, mut keys) = (0, 0);
        let mut revisions = u64::try_from(self.revisions).unwrap_or_default();
        for buckets in self.shares.files(revisions > 0) {
            files += 1;
            let batch = self.insert_batch(connection, files).await?;
            if revisions > 0 {
                keys += mark_revised(connection, batch, self.cut.end).await?;
                revisions = 0;
            }
            keys += mark_rows(connection, batch, self.cut.end, &buckets).await?;
            keys += self.move_due(connection, batch, &buckets).await?;
        }
        self.rewrite_blocks(connection).await?;
        Ok((files, keys))
    }

    async fn insert_batch(
        &self,
        connection: &mut AnyConnection,
        file_number: usize,
    ) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "INSERT INTO batches (region, start_at, end_at, file_number, cut_version) \
             VALUES ($1, $2, $3, $4, $5) RETURNING batch",
        )
        .bind(self.cut.region)
        .bind(seconds(self.start))
        .bind(seconds(self.cut.end))
        .bind(i64::try_from(file_number).unwrap_or(i64::MAX))
        .bind(self.version)
        .fetch_one(connection)
        .await?;
        integer(&row, "batch")
    }

    fn is_due(&self, timed: &TimedKey) -> bool {
        timed.release_at <= self.cut.end && !self.with_row.contains(&timed.key.key)
    }

    /// Gives a batch the due keys of `buckets`, from all blocks.
    async fn move_due(
        &self,
        connection: &mut AnyConnection,
        batch: i64,
        buckets: &Range<Bucket>,
    ) -> Result<u64, StoreError> {
        let mut due = Vec::new();
        for block in &self.blocks {
            let keys = staged_block(connection, *block).await?;
            let of_file = keys.keys().iter().filter(|timed| {
                buckets.contains(&FileShares::bucket(&timed.key.key)) && self.is_due(timed)
            });
            due.extend(of_file.copied());
        }
        let due = KeyBlock::new(due);
        for keys in due.keys().chunks(PUBLISHED_BLOCK_KEYS) {
            let first = keys.first().map(|timed| timed.key.key.to_vec());
            sqlx::query("INSERT INTO published_keys (batch, first_key, keys) VALUES ($1, $2, $3)")
                .bind(batch)
                .bind(first)
                .bind(encode(keys))
                .execute(&mut *connection)
                .await?;
        }
        Ok(due.keys().len() as u64)
    }

    /// Keys that are not due yet stay, in new blocks of their period.
    async fn rewrite_blocks(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let mut left: BTreeMap<UnixTime, Vec<TimedKey>> = BTreeMap::new();
        for block in &self.blocks {
            let keys = staged_block(connection, *block).await?;
            sqlx::query("DELETE FROM staged_keys WHERE block = $1")
                .bind(*block)
                .execute(&mut *connection)
                .await?;
            for timed in keys.into_keys() {
                if timed.release_at > self.cut.end && !self.with_row.contains(&timed.key.key) {
                    let of_window = left.entry(timed.received_window).or_default();
                    of_window.push(timed);
                    if of_window.len() >= FULL_BLOCK_KEYS {
                        let full = std::mem::take(of_window);
                        self.insert_staged(connection, full).await?;
                    }
                }
            }
        }
        for keys in left.into_values() {
            self.insert_staged(connection, keys).await?;
        }
        Ok(())
    }

    async fn insert_staged(
        &self,
        connection: &mut AnyConnection,
        keys: Vec<TimedKey>,
    ) -> Result<(), StoreError> {
        let Some(window) = keys.first().map(|timed| timed.received_window) else { return Ok(()) };
        sqlx::query("INSERT INTO staged_keys (version, received_window, keys) VALUES ($1, $2, $3)")
            .bind(self.version)
            .bind(seconds(window))
            .bind(KeyBlock::new(keys).to_bytes())
            .execute(connection)
            .await?;
        Ok(())
    }
}

async fn staged_block(connection: &mut AnyConnection, block: i64) -> Result<KeyBlock, StoreError> {
    let row = sqlx::query("SELECT keys FROM staged_keys WHERE block = $1")
        .bind(block)
        .fetch_one(connection)
        .await?;
    read_block(row.try_get("keys")?)
}

/// Gives the due revisions of published keys to a batch. Returns how many.
async fn mark_revised(
    connection: &mut AnyConnection,
    batch: i64,
    end: UnixTime,
) -> Result<u64, StoreError> {
    let sql = format!("UPDATE diagnosis_keys SET revised_batch = $2 WHERE {DUE_REVISIONS}");
    let marked =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(seconds(end)).bind(batch).execute(connection);
    Ok(marked.await?.rows_affected())
}

/// Gives due keys with a row to a batch. A case that was confirmed before it was published is published once,
/// as confirmed: it belongs to this batch twice over.
async fn mark_rows(
    connection: &mut AnyConnection,
    batch: i64,
    end: UnixTime,
    buckets: &Range<Bucket>,
) -> Result<u64, StoreError> {
    let sql = format!(
        "UPDATE diagnosis_keys SET batch = $2, \
         revised_batch = CASE WHEN revised_report_type IS NULL THEN NULL ELSE $2 END \
         WHERE {DUE_ROWS} AND key_data >= $3 AND ($4 = 1 OR key_data < $5)"
    );
    let (from, until) = FileShares::bounds(buckets);
    let marked = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(seconds(end))
        .bind(batch)
        .bind(from)
        .bind(i64::from(until.is_none()))
        .bind(until.unwrap_or_default())
        .execute(connection);
    Ok(marked.await?.rows_affected())
}
