//! Copies of the database, and what becomes of one that is used again.

use std::path::Path;

use sqlx::Row;
use vungxanh_protocol::interval::UnixTime;

use super::dialect::Dialect;
use super::{Store, StoreError, make_private, seconds};

impl Store {
    /// Writes a copy as of this moment, without what was deleted, to a file that is missing or empty: a
    /// database of SQLite.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        if self.dialect == Dialect::Postgres {
            // Backups have one form, whatever database they are of.
            let copy = Self::open(path).await?;
            let copied = self.copy_snapshot_to(&copy).await;
            copy.close().await;
            return copied.map(|_| ());
        }
        make_private(path)?;
        let name = path.to_str().ok_or_else(|| {
            sqlx::Error::Io(std::io::Error::other("the path of the copy is not UTF-8"))
        })?;
        sqlx::query("VACUUM INTO $1").bind(name).execute(&self.pool).await?;
        Ok(())
    }

    /// Whether no table has rows, but for those whose one row the schema makes: they have no key.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let tables = match self.dialect {
            Dialect::Sqlite => {
                "SELECT m.name AS name FROM sqlite_master m WHERE m.type = 'table' AND EXISTS \
                 (SELECT 1 FROM pragma_table_info(m.name) WHERE pk > 0)"
            }
            Dialect::Postgres => {
                "SELECT CAST(relname AS TEXT) AS name FROM pg_class JOIN pg_constraint \
                 ON conrelid = pg_class.oid AND contype = 'p' \
                 WHERE relnamespace = CAST(CAST(current_schema() AS TEXT) AS regnamespace)"
            }
        };
        for row in sqlx::query(tables).fetch_all(&self.pool).await? {
            let table: String = row.try_get("name")?;
            let sql = sqlx::AssertSqlSafe(format!("SELECT 1 AS there FROM \"{table}\" LIMIT 1"));
            if sqlx::query(sql).fetch_optional(&self.pool).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// After an older copy was put in place: batches begin at `now`, so that their names are new; codes,
    /// tokens and whatever admits somebody end, because they may have been used since.
    pub async fn begin_anew(&self, region: &str, now: UnixTime) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        for sql in [
            "INSERT INTO publication_state (region, cut_until) VALUES ($1, $2) \
             ON CONFLICT (region) DO UPDATE SET cut_until = excluded.cut_until",
            "INSERT INTO warning_state (region, cut_until) VALUES ($1, $2) \
             ON CONFLICT (region) DO UPDATE SET cut_until = excluded.cut_until",
        ] {
            sqlx::query(sql).bind(region).bind(seconds(now)).execute(&mut *connection).await?;
        }
        for sql in [
            "DELETE FROM codes",
            "DELETE FROM tokens",
            "DELETE FROM phone_codes",
            "DELETE FROM declaration_codes",
            "DELETE FROM invitations",
            "DELETE FROM recovery_codes",
            "DELETE FROM first_starts",
            "DELETE FROM sessions",
        ] {
            sqlx::query(sql).execute(&mut *connection).await?;
        }
        write.commit().await
    }
}
