//! What the writer of uploads remembers between transactions: which keys are stored, and the block that takes
//! new ones.
//!
//! Other processes store uploads and cut batches too. Each change of staged keys raises the version in
//! `key_changes`; what was changed since the version seen last is read at the start of each transaction, when
//! nobody else writes.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime, UtcDay};

use super::key_places::read_block;
use super::{StoreError, array, integer, seconds, time};
use crate::domain::key_block::KeyBlock;
use crate::domain::known_keys::KnownKeys;
use crate::domain::release::TimedKey;

/// Keys that came earlier are not stored any more, and no upload may name them.
const REMEMBERED_DAYS: u64 = 18;
/// Rows that are read at once.
const PAGE: i64 = 64;

#[derive(Debug, Default)]
pub struct KeyMemory {
    known: KnownKeys,
    /// The version up to which all changes are known. `None`: nothing was read yet.
    seen: Option<i64>,
    open: Option<OpenBlock>,
    /// On which day old keys were forgotten.
    tidied: UtcDay,
}

/// The block that takes new keys of its period.
#[derive(Debug, Clone)]
struct OpenBlock {
    block: i64,
    version: i64,
    window: UnixTime,
    keys: KeyBlock,
}

/// What is remembered once it is committed.
#[derive(Debug)]
pub(super) struct Staged {
    version: i64,
    open: OpenBlock,
}

impl KeyMemory {
    pub(super) const fn known(&self) -> &KnownKeys {
        &self.known
    }

    /// Reads all keys, unless that was done. Others may write meanwhile: a key that is moved while this
    /// reads is in what is read later, and what is new has a newer version.
    pub(super) async fn load(&mut self, pool: &AnyPool, now: UnixTime) -> Result<(), StoreError> {
        if self.seen.is_some() {
            return Ok(());
        }
        let mut connection = pool.acquire().await?;
        let version = newest_version(&mut connection).await?;
        let mut after = -1;
        loop {
            let rows = sqlx::query(
                "SELECT block, keys FROM staged_keys WHERE block > $1 ORDER BY block LIMIT $2",
            )
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut *connection)
            .await?;
            let Some(last) = rows.last() else { break };
            after = integer(last, "block")?;
            self.know_blocks(&rows)?;
        }
        let batches = sqlx::query("SELECT batch FROM batches").fetch_all(&mut *connection).await?;
        for row in batches {
            self.know_published(&mut connection, integer(&row, "batch")?).await?;
        }
        let mut after = Vec::new();
        loop {
            let rows = sqlx::query(
                "SELECT key_data, received_window FROM diagnosis_keys WHERE key_data > $1 \
                 ORDER BY key_data LIMIT $2",
            )
            .bind(after)
            .bind(PAGE * PAGE)
            .fetch_all(&mut *connection)
            .await?;
            let Some(last) = rows.last() else { break };
            after = last.try_get("key_data")?;
            self.know_rows(&rows)?;
        }
        self.seen = Some(version);
        self.tidied = now.day();
        Ok(())
    }

    /// Reads what others changed.
    pub(super) async fn catch_up(
        &mut self,
        connection: &mut AnyConnection,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        if self.tidied != now.day() {
            self.known.forget_before(now.minus(REMEMBERED_DAYS * DAY_SECONDS), now);
            self.tidied = now.day();
        }
        let seen = self.seen.unwrap_or_default();
        let newest = newest_version(connection).await?;
        if newest == seen {
            return Ok(());
        }
        let rows = sqlx::query("SELECT keys FROM staged_keys WHERE version > $1")
            .bind(seen)
            .fetch_all(&mut *connection)
            .await?;
        self.know_blocks(&rows)?;
        self.catch_up_with_batches(connection, seen).await?;
        self.seen = Some(newest);
        Ok(())
    }

    /// The keys of a batch were staged before it was cut: they are read only if that was not seen. Those of
    /// synthetic persons come with the batch.
    async fn catch_up_with_batches(
        &mut self,
        connection: &mut AnyConnection,
        seen: i64,
    ) -> Result<(), StoreError> {
        let batches = sqlx::query(
            "SELECT batch, cut_version FROM batches WHERE cut_version > $1 ORDER BY cut_version",
        )
        .bind(seen)
        .fetch_all(&mut *connection)
        .await?;
        let mut all_seen_until = seen;
        for row in batches {
            let (batch, cut): (i64, i64) = (integer(&row, "batch")?, integer(&row, "cut_version")?);
            if cut <= all_seen_until + 1 {
                all_seen_until = cut;
            } else {
                self.know_published(connection, batch).await?;
            }
        }
        // They may be in no batch yet.
        let rows = sqlx::query(
            "SELECT key_data, received_window FROM diagnosis_keys WHERE synthetic_person IS NOT NULL \
             AND (batch IS NULL OR batch IN (SELECT batch FROM batches WHERE cut_version > $1))",
        )
        .bind(seen)
        .fetch_all(connection)
        .await?;
        self.know_rows(&rows)
    }

    async fn know_published(
        &mut self,
        connection: &mut AnyConnection,
        batch: i64,
    ) -> Result<(), StoreError> {
        let mut after = Vec::new();
        loop {
            let rows = sqlx::query(
                "SELECT first_key, keys FROM published_keys WHERE batch = $1 AND first_key > $2 \
                 ORDER BY first_key LIMIT $3",
            )
            .bind(batch)
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut *connection)
            .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.try_get("first_key")?;
            self.know_blocks(&rows)?;
        }
    }

    fn know_blocks(&mut self, rows: &[AnyRow]) -> Result<(), StoreError> {
        for row in rows {
            for timed in read_block(row.try_get("keys")?)?.keys() {
                self.known.insert(&timed.key.key, timed.received_window);
            }
        }
        Ok(())
    }

    fn know_rows(&mut self, rows: &[AnyRow]) -> Result<(), StoreError> {
        for row in rows {
            self.known.insert(&array(row, "key_data")?, time(row, "received_window")?);
        }
        Ok(())
    }

    /// Stores new keys of the period that began at `window`: with those that the open block has, or in a new
    /// block. One is written even when there are no keys, so that dummy uploads write as much as real ones.
    pub(super) async fn stage(
        &self,
        connection: &mut AnyConnection,
        keys: &[TimedKey],
        window: UnixTime,
    ) -> Result<Staged, StoreError> {
        let version = self.seen.unwrap_or_default() + 1;
        sqlx::query("UPDATE key_changes SET version = $1")
            .bind(version)
            .execute(&mut *connection)
            .await?;
        // One that is gone was cut into a batch by another process.
        if let Some(open) = self.open.as_ref().filter(|open| open.window == window)
            && take_block(connection, open).await?
        {
            let mut merged = open.keys.clone();
            merged.merge(keys);
            let next = merged.split_if_full(&mut rand::rng());
            let full = insert_block(connection, merged, window, version).await?;
            let open = match next {
                Some(next) => insert_block(connection, next, window, version).await?,
                None => full,
            };
            return Ok(Staged { version, open });
        }
        let block = KeyBlock::new(keys.to_vec());
        Ok(Staged { version, open: insert_block(connection, block, window, version).await? })
    }

    /// What was staged is on the disk.
    pub(super) fn committed(&mut self, staged: Staged, keys: &[TimedKey]) {
        self.seen = Some(staged.version);
        self.open = Some(staged.open);
        for timed in keys {
            self.known.insert(&timed.key.key, timed.received_window);
        }
    }
}

pub(super) async fn newest_version(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT version FROM key_changes").fetch_one(connection).await?;
    integer(&row, "version")
}

/// Deletes a block, to be inserted again with what is new; whether it was still there. An update would write less
/// when nothing is new: SQLite leaves out pages that stay the same, and a dummy upload would be answered sooner.
async fn take_block(connection: &mut AnyConnection, open: &OpenBlock) -> Result<bool, StoreError> {
    let deleted = sqlx::query("DELETE FROM staged_keys WHERE block = $1 AND version = $2")
        .bind(open.block)
        .bind(open.version)
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

async fn insert_block(
    connection: &mut AnyConnection,
    keys: KeyBlock,
    window: UnixTime,
    version: i64,
) -> Result<OpenBlock, StoreError> {
    let row = sqlx::query(
        "INSERT INTO staged_keys (version, received_window, keys) VALUES ($1, $2, $3) \
         RETURNING block",
    )
    .bind(version)
    .bind(seconds(window))
    .bind(keys.to_bytes())
    .fetch_one(connection)
    .await?;
    Ok(OpenBlock { block: integer(&row, "block")?, version, window, keys })
}
