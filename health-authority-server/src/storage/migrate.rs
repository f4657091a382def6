//! Versions of the schema: one SQL file for each step, none ever changed after a release.

use sqlx::Row;

use super::{Store, StoreError};

const STEPS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_venues.sql"),
    include_str!("../../migrations/sqlite/0003_warnings.sql"),
    include_str!("../../migrations/sqlite/0004_reached_limits.sql"),
    include_str!("../../migrations/sqlite/0005_declarations.sql"),
    include_str!("../../migrations/sqlite/0006_doors.sql"),
    include_str!("../../migrations/sqlite/0007_intake_officers.sql"),
    include_str!("../../migrations/sqlite/0009_declaration_codes.sql"),
    include_str!("../../migrations/sqlite/0010_key_blocks.sql"),
    include_str!("../../migrations/sqlite/0011_leases.sql"),
];

/// Brings the schema up to date in one transaction, or refuses a newer one.
pub(super) async fn run(store: &Store) -> Result<(), StoreError> {
    let known = STEPS.len() as i64;
    let mut write = store.write().await?;
    let connection = &mut *write.transaction;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version")
        .fetch_one(&mut *connection)
        .await?;
    let found: i64 = row.try_get("version")?;
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    for (version, step) in (1..).zip(STEPS.iter().copied()).filter(|(version, _)| *version > found)
    {
        sqlx::raw_sql(step).execute(&mut *connection).await?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *connection)
            .await?;
    }
    write.commit().await
}
