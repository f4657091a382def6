//! Keys with a row of their own: revised ones, those of synthetic persons, and those that came before
//! keys were stored in blocks.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};

use super::{StoreError, integer, nullable, rows, seconds, time};
use crate::domain::release::TimedKey;

/// A key's new report type and days since onset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Revision {
    /// As it was first published, or will be.
    pub timed: TimedKey,
    pub to: ReportType,
    pub days_since_onset: Option<i32>,
    /// Start of the period in which it was revised.
    pub window: UnixTime,
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

/// Notes the revision of a key that has a row. It is published again with the next batch if it has been
/// published already, else for the first time with its new type.
pub(super) async fn revise_row(
    connection: &mut AnyConnection,
    revision: &Revision,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE diagnosis_keys SET revised_report_type = $1, revised_days = $2, \
         revised_window = $3 WHERE key_data = $4",
    )
    .bind(i64::from(revision.to as u8))
    .bind(revision.days_since_onset.map(i64::from))
    .bind(seconds(revision.window))
    .bind(revision.timed.key.key.to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives a key of a block a row, with its revision. `batch` is the one that it is published in.
pub(super) async fn insert_revised(
    connection: &mut AnyConnection,
    revision: &Revision,
    batch: Option<i64>,
) -> Result<(), StoreError> {
    insert_keys(connection, &[revision.timed], None).await?;
    sqlx::query("UPDATE diagnosis_keys SET batch = $1 WHERE key_data = $2")
        .bind(batch)
        .bind(revision.timed.key.key.to_vec())
        .execute(&mut *connection)
        .await?;
    revise_row(connection, revision).await
}

/// A key as it was first published, with its times.
pub(super) fn read_timed(row: &AnyRow) -> Result<TimedKey, StoreError> {
    Ok(TimedKey {
        key: read_key(row)?,
        received_window: time(row, "received_window")?,
        release_at: time(row, "release_at")?,
    })
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
