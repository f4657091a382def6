//! Diagnosis keys as they come in.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};

use super::shapes::count_shape;
use super::statistics::{Counter, count_all};
use super::{Store, StoreError, integer, nullable, placeholders, rows, seconds, time};
use crate::domain::release::{ReleaseRule, TimedKey};
use crate::domain::revision::RevisableKey;
use crate::domain::upload_check::{Changes, RevisionRefused, StoredKey, UploadKind, changes};
use crate::domain::upload_shape::{Observation, delay_observations, observe};

/// Keys of one person, to be stored.
#[derive(Debug)]
pub struct KeyUpload<'a> {
    pub keys: &'a [DiagnosisKey],
    /// Keys of the revision token, if one was sent.
    pub token: Option<&'a [RevisableKey]>,
    /// Day of the onset of symptoms as an interval, if known.
    pub onset: Option<Interval>,
    /// When keys may be published.
    pub release: ReleaseRule,
    pub kind: UploadKind,
}

impl Store {
    /// Takes an upload: inserts new keys and revises stored ones, or refuses all of it.
    /// Returns the number of keys that are stored on its behalf.
    pub async fn publish_keys(
        &self,
        upload: &KeyUpload<'_>,
        now: UnixTime,
    ) -> Result<Result<usize, RevisionRefused>, StoreError> {
        let mut write = self.write().await?;
        write.savepoint().await?;
        let connection = &mut *write.transaction;
        let stored = stored_keys(connection, upload.keys).await?;
        let changes = match changes(&stored, upload.keys, upload.token) {
            Ok(changes) => changes,
            Err(_) if upload.kind == UploadKind::Dummy => Changes::default(),
            Err(refused) => return Ok(Err(refused)),
        };
        apply(connection, upload, &changes, &stored, now).await?;
        let real = upload.kind == UploadKind::Real;
        write.settle(real).await?;
        let taken = changes.insert.len() + changes.revise.len() + changes.unchanged;
        let counters = if real {
            [
                (Counter::Publications, 1),
                (Counter::KeysReceived, changes.insert.len()),
                (Counter::KeysRevised, changes.revise.len()),
            ]
        } else {
            // As many rows as above.
            [
                (Counter::DummyRequests, 1),
                (Counter::DummyPublications, 1),
                (Counter::KeysRevised, 0),
            ]
        };
        count_all(&mut write.transaction, &counters, now).await?;
        write.commit().await?;
        Ok(Ok(taken))
    }
}

async fn apply(
    connection: &mut AnyConnection,
    upload: &KeyUpload<'_>,
    changes: &Changes,
    stored: &BTreeMap<[u8; KEY_BYTES], StoredKey>,
    now: UnixTime,
) -> Result<(), StoreError> {
    let timed: Vec<TimedKey> =
        changes.insert.iter().map(|key| upload.release.apply(*key, now)).collect();
    insert_keys(connection, &timed, None).await?;
    revise_keys(connection, &changes.revise, upload.release.window(now)).await?;
    let mut observations: Vec<Observation> = observe(&changes.insert, upload.onset, now);
    if let Some(first) = changes.revise.first() {
        let received = received_window_of(connection, &first.key).await?;
        let from = stored.get(&first.key).map(|known| known.key.report_type);
        observations.extend(delay_observations(from, first.report_type, received, now));
    }
    count_shape(connection, &observations).await
}

/// The stored keys among `keys`.
async fn stored_keys(
    connection: &mut AnyConnection,
    keys: &[DiagnosisKey],
) -> Result<BTreeMap<[u8; KEY_BYTES], StoredKey>, StoreError> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql =
        format!("SELECT * FROM diagnosis_keys WHERE key_data IN ({})", placeholders(1, keys.len()));
    let query = keys
        .iter()
        .fold(sqlx::query(AssertSqlSafe(sql)), |query, key| query.bind(key.key.to_vec()));
    let found = query.fetch_all(connection).await?;
    found
        .iter()
        .map(|row| {
            let key = read_key(row)?;
            let stored = StoredKey {
                key,
                revised_to: nullable(row, "revised_report_type")?.map(report_type).transpose()?,
                released: nullable::<i64>(row, "batch")?.is_some(),
            };
            Ok((key.key, stored))
        })
        .collect()
}

/// Inserts keys, of a synthetic person if `person` is given. One statement for at most 64 keys.
pub(super) async fn insert_keys(
    connection: &mut AnyConnection,
    keys: &[TimedKey],
    person: Option<i64>,
) -> Result<(), StoreError> {
    const COLUMNS: usize = 9;
    for keys in keys.chunks(64) {
        let sql = format!(
            "INSERT INTO diagnosis_keys (key_data, rolling_start, rolling_period, report_type, \
             days_since_onset, transmission_risk, received_window, release_at, synthetic_person) \
             VALUES {}",
            rows(keys.len(), COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for timed in keys {
            query = query
                .bind(timed.key.key.to_vec())
                .bind(i64::from(timed.key.rolling_start.number()))
                .bind(i64::from(timed.key.rolling_period.intervals()))
                .bind(i64::from(timed.key.report_type as u8))
                .bind(timed.key.days_since_onset.map(i64::from))
                .bind(i64::from(timed.key.transmission_risk))
                .bind(seconds(timed.received_window))
                .bind(seconds(timed.release_at))
                .bind(person);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Notes the new report type. The key is published again with the next batch if it has been
/// published already, else for the first time with its new type.
async fn revise_keys(
    connection: &mut AnyConnection,
    keys: &[DiagnosisKey],
    window: UnixTime,
) -> Result<(), StoreError> {
    for key in keys {
        sqlx::query(
            "UPDATE diagnosis_keys SET revised_report_type = $1, revised_days = $2, \
             revised_window = $3 WHERE key_data = $4",
        )
        .bind(i64::from(key.report_type as u8))
        .bind(key.days_since_onset.map(i64::from))
        .bind(seconds(window))
        .bind(key.key.to_vec())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn received_window_of(
    connection: &mut AnyConnection,
    key: &[u8; KEY_BYTES],
) -> Result<UnixTime, StoreError> {
    let row = sqlx::query("SELECT received_window FROM diagnosis_keys WHERE key_data = $1")
        .bind(key.to_vec())
        .fetch_one(connection)
        .await?;
    time(&row, "received_window")
}

/// A key as it was first published.
pub(super) fn read_key(row: &AnyRow) -> Result<DiagnosisKey, StoreError> {
    Ok(DiagnosisKey {
        key: row
            .try_get::<Vec<u8>, _>("key_data")?
            .try_into()
            .map_err(|_| StoreError::Corrupt("key_data"))?,
        rolling_start: Interval::new(integer(row, "rolling_start")?),
        rolling_period: RollingPeriod::new(integer(row, "rolling_period")?)
            .map_err(|_| StoreError::Corrupt("rolling_period"))?,
        report_type: report_type(integer(row, "report_type")?)?,
        days_since_onset: nullable(row, "days_since_onset")?,
        transmission_risk: integer(row, "transmission_risk")?,
    })
}

/// A report type as the database has it.
pub(super) fn report_type(number: i64) -> Result<ReportType, StoreError> {
    ReportType::from_number(number).ok_or(StoreError::Corrupt("report_type"))
}
