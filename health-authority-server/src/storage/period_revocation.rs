//! Takes back everything that was published in one period, whoever published it.

use std::collections::BTreeSet;

use sqlx::{AnyConnection, Row};
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject};
use super::key_memory::newest_version;
use super::key_places::read_block;
use super::keys::{Revision, insert_revised};
use super::{Store, StoreError, array, integer, placeholders, seconds};

/// Keys of a period that were taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct RevokedPeriod {
    /// They will never be published.
    pub dropped: u64,
    /// They are published; the next batch revokes them.
    pub revoked: u64,
}

impl Store {
    /// Revokes keys that came in the period from `from` to `until` and are not revised already. Those of
    /// synthetic persons stay: they do no harm.
    pub async fn revoke_period(
        &self,
        (from, until): (UnixTime, UnixTime),
        actor: &Actor,
        now: UnixTime,
    ) -> Result<RevokedPeriod, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let dropped = drop_unpublished(connection, from, until).await?;
        let mut revoked = revoke_published(connection, from, until).await?;
        revoked += revoke_rows(connection, from, until).await?;
        let revoked = RevokedPeriod { dropped, revoked };
        let count = (dropped + revoked.revoked).to_string();
        let entry = actor.did(Action::PeriodRevoked, Subject::Period(seconds(from)), &count);
        write.commit_audited(entry, now).await?;
        Ok(revoked)
    }
}

/// Of keys that are in no batch, in blocks or with a row. Returns how many.
async fn drop_unpublished(
    connection: &mut AnyConnection,
    from: UnixTime,
    until: UnixTime,
) -> Result<u64, StoreError> {
    let rows = sqlx::query(
        "SELECT keys FROM staged_keys WHERE received_window >= $1 AND received_window < $2",
    )
    .bind(seconds(from))
    .bind(seconds(until))
    .fetch_all(&mut *connection)
    .await?;
    let mut dropped = BTreeSet::new();
    for row in rows {
        let block = read_block(row.try_get("keys")?)?;
        dropped.extend(block.keys().iter().map(|timed| timed.key.key));
    }
    let rows = sqlx::query(
        "UPDATE diagnosis_keys SET revised_report_type = $1, revised_days = days_since_onset, \
         revised_window = received_window WHERE received_window >= $2 AND received_window < $3 \
         AND synthetic_person IS NULL AND batch IS NULL AND COALESCE(revised_report_type, 0) <> $1 \
         RETURNING key_data",
    )
    .bind(ReportType::Revoked as i64)
    .bind(seconds(from))
    .bind(seconds(until))
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        dropped.insert(array(&row, "key_data")?);
    }
    sqlx::query("DELETE FROM staged_keys WHERE received_window >= $1 AND received_window < $2")
        .bind(seconds(from))
        .bind(seconds(until))
        .execute(&mut *connection)
        .await?;
    // Whoever remembers one of these blocks sees that it is gone.
    let version = newest_version(connection).await? + 1;
    sqlx::query("UPDATE key_changes SET version = $1").bind(version).execute(connection).await?;
    Ok(dropped.len() as u64)
}

/// Gives each published key of the period a row that says that it is revoked.
async fn revoke_published(
    connection: &mut AnyConnection,
    from: UnixTime,
    until: UnixTime,
) -> Result<u64, StoreError> {
    let batches = sqlx::query("SELECT batch FROM batches WHERE end_at > $1")
        .bind(seconds(from))
        .fetch_all(&mut *connection)
        .await?;
    let mut revoked = 0;
    for row in batches {
        let batch: i64 = integer(&row, "batch")?;
        let blocks = sqlx::query("SELECT first_key FROM published_keys WHERE batch = $1")
            .bind(batch)
            .fetch_all(&mut *connection)
            .await?;
        for block in blocks {
            let first: Vec<u8> = block.try_get("first_key")?;
            revoked += revoke_block(connection, batch, first, (from, until)).await?;
        }
    }
    Ok(revoked)
}

async fn revoke_block(
    connection: &mut AnyConnection,
    batch: i64,
    first_key: Vec<u8>,
    (from, until): (UnixTime, UnixTime),
) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT keys FROM published_keys WHERE batch = $1 AND first_key = $2")
        .bind(batch)
        .bind(first_key)
        .fetch_one(&mut *connection)
        .await?;
    let block = read_block(row.try_get("keys")?)?;
    let of_period: Vec<_> = block
        .keys()
        .iter()
        .filter(|timed| (from..until).contains(&timed.received_window))
        .collect();
    if of_period.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "SELECT key_data FROM diagnosis_keys WHERE key_data IN ({})",
        placeholders(1, of_period.len())
    );
    let query = of_period.iter().fold(sqlx::query(sqlx::AssertSqlSafe(sql)), |query, timed| {
        query.bind(timed.key.key.to_vec())
    });
    let rows = query.fetch_all(&mut *connection).await?;
    let with_row: Vec<Vec<u8>> =
        rows.iter().map(|row| row.try_get("key_data")).collect::<Result<_, _>>()?;
    let mut revoked = 0;
    for timed in of_period {
        if with_row.iter().any(|key| *key == timed.key.key) {
            continue;
        }
        let revision = Revision {
            timed: *timed,
            to: ReportType::Revoked,
            days_since_onset: timed.key.days_since_onset,
            window: timed.received_window,
        };
        insert_revised(connection, &revision, Some(batch)).await?;
        revoked += 1;
    }
    Ok(revoked)
}

/// Of published keys that have a row, those that are not revised: each can be once.
async fn revoke_rows(
    connection: &mut AnyConnection,
    from: UnixTime,
    until: UnixTime,
) -> Result<u64, StoreError> {
    let revoked = sqlx::query(
        "UPDATE diagnosis_keys SET revised_report_type = $1, revised_days = days_since_onset, \
         revised_window = received_window WHERE received_window >= $2 AND received_window < $3 \
         AND synthetic_person IS NULL AND batch IS NOT NULL AND revised_report_type IS NULL",
    )
    .bind(ReportType::Revoked as i64)
    .bind(seconds(from))
    .bind(seconds(until))
    .execute(connection)
    .await?;
    Ok(revoked.rows_affected())
}
