//! Named transactions: one function for each thing that happens.
//!
//! Plain SQL with `$n`, integer Unix seconds and blobs through sqlx's `Any`: the same statements on
//! SQLite and on PostgreSQL. Where the two differ stands in `opening`, `migrate` and `transfer`. What
//! statements must keep to: a sum is cast (`CAST(SUM(n) AS BIGINT)`), a comparison is not selected
//! (`CASE WHEN`), and no statement of a transaction may fail and the transaction go on
//! (`ON CONFLICT`).

pub mod accounts;
pub mod api_keys;
pub mod audit;
mod audit_chain;
pub(crate) mod audit_search;
pub mod batches;
pub(crate) mod code_states;
pub(crate) mod codes;
mod column;
mod columns;
pub mod cutting;
pub mod declaration_codes;
pub(crate) mod declarations;
mod dialect;
pub mod document_drafts;
pub mod doors;
mod error;
pub(crate) mod first_starts;
mod health;
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
mod recovery_codes;
pub mod request_history;
mod restored;
pub(crate) mod sessions;
pub(crate) mod shapes;
pub mod share_requests;
mod staff_accounts;
pub mod statistics;
mod temporary;
pub(crate) mod transfer;
pub(crate) mod unit_places;
pub(crate) mod units;
pub mod uploads;
pub mod venue_changes;
mod venue_search;
pub(crate) mod venues;
pub mod warning_batches;
pub mod work_runs;
mod write;

use std::time::Duration;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyPool};

use self::column::{array, integer, named, nullable, nullable_array, nullable_time, seconds, time};
use self::dialect::Dialect;
pub use self::error::StoreError;
pub use self::health::DatabaseTimes;
use self::opening::make_private;
use self::write::{Write, Writer};

/// How long a request waits for its turn to read or to write before it is refused as one too many.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
    writer: Writer,
    times: DatabaseTimes,
}

/// A statement with its values.
type Statement<'q> = Query<'q, Any, AnyArguments>;

impl Store {
    /// Waits for running statements and closes the files.
    pub async fn close(&self) {
        self.pool.close().await;
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
