//! Where the stored keys are that an upload names again.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AnyConnection, AssertSqlSafe, Row};
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{INTERVAL_SECONDS, Interval, UnixTime};

use super::columns::columns;
use super::keys::{read_timed, report_type};
use super::{StoreError, integer, nullable, placeholders, seconds};
use crate::domain::key_block::KeyBlock;
use crate::domain::known_keys::KnownKeys;
use crate::domain::release::TimedKey;

/// Keys in one question to the database.
const KEYS_ASKED_FOR: usize = 1_024;

/// A stored key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// As it was first published, or will be.
    pub timed: TimedKey,
    /// What it was revised to.
    pub revised_to: Option<ReportType>,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A row of its own, and the batch that it was published in.
    Row { batch: Option<i64> },
    /// A block of keys that are in no batch yet.
    Staged,
    /// A block of this batch.
    Batch(i64),
}

type Key = [u8; KEY_BYTES];

/// The stored keys among `keys`.
pub(super) async fn find_keys(
    connection: &mut AnyConnection,
    known: &KnownKeys,
    keys: impl Iterator<Item = Key>,
    now: UnixTime,
) -> Result<BTreeMap<Key, Found>, StoreError> {
    let mut arrivals: BTreeMap<Interval, BTreeSet<Key>> = BTreeMap::new();
    for key in keys {
        for arrival in known.arrivals(&key, now) {
            arrivals.entry(arrival).or_default().insert(key);
        }
    }
    let candidates: BTreeSet<Key> = arrivals.values().flatten().copied().collect();
    let mut found = with_row(connection, &candidates).await?;
    for (arrival, mut keys) in arrivals {
        keys.retain(|key| !found.contains_key(key));
        staged(connection, arrival, &mut keys, &mut found).await?;
        published(connection, arrival, &mut keys, &mut found).await?;
    }
    Ok(found)
}

async fn with_row(
    connection: &mut AnyConnection,
    keys: &BTreeSet<Key>,
) -> Result<BTreeMap<Key, Found>, StoreError> {
    let mut found = BTreeMap::new();
    let keys: Vec<_> = keys.iter().collect();
    for keys in keys.chunks(KEYS_ASKED_FOR) {
        let sql = format!(
            concat!(
                "SELECT ",
                columns!(diagnosis_keys),
                " FROM diagnosis_keys WHERE key_data IN ({})"
            ),
            placeholders(1, keys.len())
        );
        let query = keys
            .iter()
            .fold(sqlx::query(AssertSqlSafe(sql)), |query, key| query.bind(key.to_vec()));
        for row in query.fetch_all(&mut *connection).await? {
            let timed = read_timed(&row)?;
            let revised_to = nullable(&row, "revised_report_type")?.map(report_type).transpose()?;
            let place = Place::Row { batch: nullable(&row, "batch")? };
            found.insert(timed.key.key, Found { timed, revised_to, place });
        }
    }
    Ok(found)
}

/// Moves keys that came at `arrival` and are in no batch from `keys` to `found`.
async fn staged(
    connection: &mut AnyConnection,
    arrival: Interval,
    keys: &mut BTreeSet<Key>,
    found: &mut BTreeMap<Key, Found>,
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let from = arrival.start();
    let blocks = sqlx::query(
        "SELECT block FROM staged_keys WHERE received_window >= $1 AND received_window < $2",
    )
    .bind(seconds(from))
    .bind(seconds(from.plus(INTERVAL_SECONDS)))
    .fetch_all(&mut *connection)
    .await?;
    for row in blocks {
        let block: i64 = integer(&row, "block")?;
        let row = sqlx::query("SELECT keys FROM staged_keys WHERE block = $1")
            .bind(block)
            .fetch_one(&mut *connection)
            .await?;
        take_from(&read_block(row.try_get("keys")?)?, Place::Staged, keys, found);
    }
    Ok(())
}

/// Moves keys that came at `arrival` and were published from `keys` to `found`.
async fn published(
    connection: &mut AnyConnection,
    arrival: Interval,
    keys: &mut BTreeSet<Key>,
    found: &mut BTreeMap<Key, Found>,
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let batches =
        sqlx::query("SELECT batch FROM batches WHERE end_at > $1 ORDER BY end_at, file_number")
            .bind(seconds(arrival.start()))
            .fetch_all(&mut *connection)
            .await?;
    for row in batches {
        let batch: i64 = integer(&row, "batch")?;
        let mut last = KeyBlock::default();
        for key in keys.clone() {
            if last.keys().last().is_none_or(|newest| newest.key.key < key) {
                last = block_with(connection, batch, &key).await?;
            }
            take_from(&last, Place::Batch(batch), keys, found);
        }
        if keys.is_empty() {
            break;
        }
    }
    Ok(())
}

/// The block of a batch that holds `key`, if one does.
async fn block_with(
    connection: &mut AnyConnection,
    batch: i64,
    key: &Key,
) -> Result<KeyBlock, StoreError> {
    let row = sqlx::query(
        "SELECT keys FROM published_keys WHERE batch = $1 AND first_key <= $2 \
         ORDER BY first_key DESC LIMIT 1",
    )
    .bind(batch)
    .bind(key.to_vec())
    .fetch_optional(connection)
    .await?;
    row.map_or_else(|| Ok(KeyBlock::default()), |row| read_block(row.try_get("keys")?))
}

fn take_from(
    block: &KeyBlock,
    place: Place,
    keys: &mut BTreeSet<Key>,
    found: &mut BTreeMap<Key, Found>,
) {
    keys.retain(|key| {
        let Some(timed) = block.find(key) else { return true };
        found.insert(*key, Found { timed: *timed, revised_to: None, place });
        false
    });
}

pub(super) fn read_block(bytes: Vec<u8>) -> Result<KeyBlock, StoreError> {
    KeyBlock::from_bytes(&bytes).ok_or(StoreError::Corrupt("block of keys"))
}
