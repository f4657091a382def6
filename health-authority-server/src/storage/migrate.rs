//! Versions of the schema: one SQL file for each step, none ever changed after a release.
//!
//! The same version is the same schema on both databases; a test compares them.

use sqlx::{AnyConnection, Row};

use super::dialect::Dialect;
use super::{Store, StoreError};

const SQLITE: &[&str] = &[
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
    include_str!("../../migrations/sqlite/0012_accounts.sql"),
    include_str!("../../migrations/sqlite/0013_codes_and_requests.sql"),
    include_str!("../../migrations/sqlite/0015_statistics.sql"),
    include_str!("../../migrations/sqlite/0017_document_drafts.sql"),
    include_str!("../../migrations/sqlite/0018_venue_changes.sql"),
];

const POSTGRES: &[&str] = &[
    include_str!("../../migrations/postgres/0009_initial.sql"),
    include_str!("../../migrations/postgres/0010_key_blocks.sql"),
    include_str!("../../migrations/postgres/0011_leases.sql"),
    include_str!("../../migrations/postgres/0012_accounts.sql"),
    include_str!("../../migrations/postgres/0013_codes_and_requests.sql"),
    include_str!("../../migrations/postgres/0015_statistics.sql"),
    include_str!("../../migrations/postgres/0017_document_drafts.sql"),
    include_str!("../../migrations/postgres/0018_venue_changes.sql"),
];
/// What the first of PostgreSQL's steps makes at once.
const POSTGRES_FIRST: i64 = 8;

/// The steps, each with the version that it leads to.
fn steps(dialect: Dialect) -> impl Iterator<Item = (i64, &'static str)> {
    let (first, steps) = match dialect {
        Dialect::Sqlite => (1, SQLITE),
        Dialect::Postgres => (POSTGRES_FIRST, POSTGRES),
    };
    (first..).zip(steps.iter().copied())
}

/// The version that this program brings a schema to.
pub(super) fn newest(dialect: Dialect) -> i64 {
    steps(dialect).last().map_or(0, |(version, _)| version)
}

/// Brings the schema up to date in one transaction, or refuses a newer one. A role that may not make
/// tables does for a schema that is up to date.
pub(super) async fn run(store: &Store) -> Result<(), StoreError> {
    let known = newest(store.dialect);
    let mut write = store.write().await?;
    let connection = write.connection()?;
    let found = version(connection, store.dialect).await?;
    match found {
        Some(found) if found > known => return Err(StoreError::NewerSchema { found, known }),
        Some(_) => {}
        None => {
            sqlx::raw_sql("CREATE TABLE schema_version (version BIGINT NOT NULL)")
                .execute(&mut *connection)
                .await?;
        }
    }
    let missing = steps(store.dialect).filter(|(version, _)| *version > found.unwrap_or(0));
    for (version, step) in missing {
        sqlx::raw_sql(step).execute(&mut *connection).await?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *connection)
            .await?;
    }
    write.commit().await
}

/// The version of the schema; none when there is no schema.
async fn version(
    connection: &mut AnyConnection,
    dialect: Dialect,
) -> Result<Option<i64>, StoreError> {
    let table = match dialect {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE name = 'schema_version'",
        Dialect::Postgres => {
            "SELECT 'there' AS name WHERE to_regclass('schema_version') IS NOT NULL"
        }
    };
    if sqlx::query(table).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(None);
    }
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version")
        .fetch_one(connection)
        .await?;
    Ok(Some(row.try_get("version")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_know_the_same_versions() {
        assert_eq!(newest(Dialect::Sqlite), newest(Dialect::Postgres));
    }
}
