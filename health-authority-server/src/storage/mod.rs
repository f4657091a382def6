//! Named transactions: one function for each thing that happens.
//!
//! Plain SQL with `$n`, integer Unix seconds and blobs through sqlx's `Any`, so that another
//! database needs another folder of migrations and another way to begin, nothing else.

pub mod accounts;
pub mod audit;
pub mod batches;
pub(crate) mod codes;
mod column;
pub mod cutting;
pub mod declaration_codes;
pub(crate) mod declarations;
pub mod doors;
pub mod intake_officers;
pub mod key_memory;
mod key_places;
mod keys;
pub mod leases;
mod limits;
pub(crate) mod migrate;
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

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyArguments, AnyConnectOptions, AnyPoolOptions};
use sqlx::query::Query;
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use self::column::{array, integer, named, nullable, nullable_array, nullable_time, seconds, time};

/// Only for the owner.
const PRIVATE_MODE: u32 = 0o600;

/// How long a request waits for its turn to read or to write before it is refused as one too many.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// What went wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is gone.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Too many wait to write.
    #[error("the database is busy: other writers take too long")]
    Busy,
    /// Made by a newer program.
    #[error(
        "the database has schema version {found}, this program knows up to {known}; use a newer program"
    )]
    NewerSchema {
        /// Version in the database.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
    /// A value that this program never writes.
    #[error("the database holds a {0} that this program never wrote; restore a backup")]
    Corrupt(&'static str),
}

#[derive(Debug)]
pub struct Store {
    pool: AnyPool,
    /// SQLite has one writer; waiting here is fair, waiting in its busy handler is not.
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
    /// Opens the SQLite database at `path`, makes it when missing, and brings its schema up to
    /// date. Refuses a schema newer than this program.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        make_private(path).map_err(sqlx::Error::Io)?;
        let url = format!("sqlite://{}?mode=rwc", escape_path(path));
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(TURN_TIMEOUT)
            // A file does not go away like a network peer; the test costs each request a query.
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // FULL: a reply means that the change survives a power cut. secure_delete:
                    // what is deleted does not stay readable in the file.
                    sqlx::raw_sql(
                        "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                         PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
                         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
                    )
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        let store = Self { pool, writer: Mutex::new(()) };
        migrate::run(&store).await?;
        Ok(store)
    }

    /// Waits for running statements and closes the files.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a transaction that writes. Readers go on; other writers wait.
    async fn write(&self) -> Result<Write<'_>, StoreError> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.writer.lock()).await;
        let turn = turn.map_err(|_| StoreError::Busy)?;
        let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Write { transaction, _turn: turn })
    }

    /// One statement as a transaction; says how many rows it changed.
    async fn execute(&self, statement: Statement<'_>) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let changed = write.execute(statement).await?;
        write.commit().await?;
        Ok(changed)
    }

    /// Moves what is in the write-ahead log into the database file and empties the log, so that
    /// deleted rows are gone from both.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
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

/// No one but the owner reads the database, whatever the process's umask. Files that SQLite puts beside
/// it get its mode. A file that exists is not opened: closing it would end the locks that SQLite holds
/// on it in this process.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind::{AlreadyExists, NotFound};
    match OpenOptions::new().write(true).create_new(true).mode(PRIVATE_MODE).open(path) {
        Err(error) if error.kind() != AlreadyExists => return Err(error),
        _ => {}
    }
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::metadata(&name) {
            Ok(metadata) if metadata.mode() & 0o077 != 0 => {
                std::fs::set_permissions(&name, Permissions::from_mode(PRIVATE_MODE))?;
            }
            Err(error) if error.kind() != NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Characters that mean something in the URL are percent-encoded.
fn escape_path(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().iter().fold(String::new(), |mut url, byte| {
        match byte {
            b'/' | b'.' | b'-' | b'_' => url.push(char::from(*byte)),
            b if b.is_ascii_alphanumeric() => url.push(char::from(*b)),
            b => url.push_str(&format!("%{b:02X}")),
        }
        url
    })
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
