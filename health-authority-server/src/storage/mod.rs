//! Named transactions: one function for each thing that happens.
//!
//! Plain SQL with `$n`, integer Unix seconds and blobs through sqlx's `Any`: the same statements on
//! SQLite and on PostgreSQL. Where the two differ stands in `opening`, `migrate` and `transfer`. What
//! statements must keep to: a sum is cast (`CAST(SUM(n) AS BIGINT)`), a comparison is not selected
//! (`CASE WHEN`), and no statement of a transaction may fail and the transaction go on
//! (`ON CONFLICT`).

pub mod accounts;
pub mod audit;
pub mod batches;
pub(crate) mod codes;
mod column;
pub mod cutting;
pub mod declaration_codes;
pub(crate) mod declarations;
pub mod doors;
mod error;
pub mod intake_officers;
pub mod key_memory;
mod key_places;
mod keys;
pub mod leases;
mod limits;
pub(crate) mod migrate;
mod opening;
pub mod period_revocation;
pub(crate) mod phone_codes;
pub mod posters;
mod restored;
pub(crate) mod sessions;
pub(crate) mod shapes;
pub mod share_requests;
pub(crate) mod statistics;
mod temporary;
pub(crate) mod units;
pub mod uploads;
pub(crate) mod venues;
pub mod warning_batches;

use std::time::Duration;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use self::column::{array, integer, named, nullable, nullable_array, nullable_time, seconds, time};
pub use self::error::StoreError;
use self::opening::{Dialect, make_private};

/// How long a request waits for its turn to read or to write before it is refused as one too many.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
    /// There is one writer at a time; waiting here is fair and takes no connection, waiting in SQLite's
    /// busy handler is not, and for PostgreSQL's lock only processes wait.
    writer: Mutex<()>,
}

/// A statement with its values.
type Statement<'q> = Query<'q, Any, AnyArguments>;

/// A write transaction and the turn that it waited for.
pub struct Write<'s> {
    transaction: Transaction<'static, Any>,
    _turn: MutexGuard<'s, ()>,
}

impl Store {
    /// Waits for running statements and closes the files.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a transaction that writes. Readers go on; other writers wait.
    async fn write(&self) -> Result<Write<'_>, StoreError> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.writer.lock()).await;
        let turn = turn.map_err(|_| StoreError::Busy)?;
        let transaction = self.pool.begin_with(self.dialect.begin_write()).await?;
        Ok(Write { transaction, _turn: turn })
    }

    /// One statement as a transaction; says how many rows it changed.
    async fn execute(&self, statement: Statement<'_>) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let changed = write.execute(statement).await?;
        write.commit().await?;
        Ok(changed)
    }

    /// Moves what is in SQLite's write-ahead log into the database file and empties the log, so that
    /// deleted rows are gone from both. PostgreSQL's log is its own affair: what is deleted goes from it
    /// and from the tables when their space is used again.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        if self.dialect == Dialect::Sqlite {
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
        }
        Ok(())
    }
}

impl Write<'_> {
    /// Says how many rows the statement changed.
    async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, StoreError> {
        Ok(statement.execute(&mut *self.transaction).await?.rows_affected())
    }

    async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    async fn savepoint(&mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("SAVEPOINT request").execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Keeps or takes back what was done since the savepoint.
    async fn settle(&mut self, keep: bool) -> Result<(), StoreError> {
        let sql = if keep { "RELEASE request" } else { "ROLLBACK TO request; RELEASE request" };
        sqlx::raw_sql(sql).execute(&mut *self.transaction).await?;
        Ok(())
    }
}

/// `$first, $first+1, ...`
fn placeholders(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|n| format!("${n}")).collect();
    names.join(", ")
}

/// Placeholders for several rows: `($1, $2), ($3, $4)`.
fn rows(rows: usize, columns: usize) -> String {
    let rows: Vec<String> =
        (0..rows).map(|row| format!("({})", placeholders(1 + row * columns, columns))).collect();
    rows.join(", ")
}
