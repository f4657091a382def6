//! A database of an older program is brought up to date; one of a newer program is refused.

use health_authority_server::storage::{Store, StoreError};
use sqlx::Row;

const FIRST: &str = include_str!("../../migrations/sqlite/0001_initial.sql");

async fn open(path: &std::path::Path) -> sqlx::AnyPool {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    sqlx::AnyPool::connect(&url).await.unwrap()
}

/// The schema as text, sorted, without the bookkeeping of SQLite.
async fn schema(path: &std::path::Path) -> Vec<String> {
    let pool = open(path).await;
    let rows = sqlx::query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY sql")
        .fetch_all(&pool)
        .await
        .unwrap();
    pool.close().await;
    rows.iter().map(|row| row.get("sql")).collect()
}

#[tokio::test]
async fn a_database_of_version_1_keeps_its_rows_and_gets_the_newest_schema() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.db");
    let pool = open(&old).await;
    for sql in [
        "CREATE TABLE schema_version (version BIGINT NOT NULL)",
        FIRST,
        "INSERT INTO schema_version (version) VALUES (1)",
        "INSERT INTO statistics (name, day, total) VALUES ('codes_issued', 18871, 7)",
    ] {
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    }
    pool.close().await;

    for _ in 0..2 {
        let store = Store::open(&old).await.unwrap();
        assert_eq!(store.statistics().await.unwrap()["codes_issued"], 7);
        store.close().await;
    }
    let new = folder.path().join("new.db");
    Store::open(&new).await.unwrap().close().await;
    let tables = schema(&new).await;
    assert!(tables.iter().any(|sql| sql.starts_with("CREATE TABLE venues")));
    assert_eq!(schema(&old).await, tables);
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.db");
    Store::open(&path).await.unwrap().close().await;
    let pool = open(&path).await;
    let sql = "INSERT INTO schema_version (version) VALUES (4000)";
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
    let refused = Store::open(&path).await.unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 4000, .. }), "{refused}");
}
