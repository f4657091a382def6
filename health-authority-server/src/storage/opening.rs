//! Opening the database: SQLite in a file or PostgreSQL by URL.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Row};

use super::dialect::Dialect;
use super::write::Writer;
use super::{DatabaseTimes, Store, StoreError, TURN_TIMEOUT, migrate};
use crate::authority::database::{Database, DatabaseServer};

/// Only for the owner.
const PRIVATE_MODE: u32 = 0o600;

const SQLITE_CONNECTIONS: u32 = 4;
/// How long a database server is waited for at the start.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that lay idle for longer is tried before it is used: the server may have restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// FULL: a reply means that the change survives a power cut. secure_delete: what is deleted does not
/// stay readable in the file.
const SQLITE_SESSION: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                              PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
                              PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;";

/// A reply means that the change is on disk: a role's `synchronous_commit = off` does not hold here,
/// stricter settings do. The turn of writers ends with its connection: the server notices within a
/// minute that a machine is gone or that a process has stopped in the middle of a transaction.
const POSTGRES_SESSION: &str = "SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'; \
     SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
     SET tcp_user_timeout = '30s'; SET client_min_messages = 'warning';";

impl Store {
    /// Opens the database and brings its schema up to date. Refuses a schema newer than this program.
    pub async fn connect(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::File(path) => Self::open(path).await,
            Database::Server(server) => Self::log_in(server).await,
        }
    }

    /// Opens the SQLite database at `path`, makes it when missing, and brings its schema up to
    /// date. Refuses a schema newer than this program.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        make_private(path)?;
        let url = format!("sqlite://{}?mode=rwc", escape_path(path));
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS)
            .acquire_timeout(TURN_TIMEOUT)
            // A file does not go away like a network peer; the test costs each request a query.
            .test_before_acquire(false)
            // After a full disk SQLite has ended the transaction itself, and sqlx believes that it
            // still runs and begins no other: such a connection is replaced.
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
            .after_connect(|connection, _| Box::pin(begin_session(connection, SQLITE_SESSION)))
            .connect_with(options)
            .await?;
        Self::with_schema(pool, Dialect::Sqlite).await
    }

    async fn log_in(server: &DatabaseServer) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let options: AnyConnectOptions = server.url_with_password().parse()?;
        // The pool would try again and again, and not say why it failed.
        let first = tokio::time::timeout(CONNECT_TIMEOUT, first_connection(&options));
        first.await.map_err(|_| StoreError::Unreachable("no answer".into()))??;
        let pool = AnyPoolOptions::new()
            .max_connections(server.connections())
            .acquire_timeout(TURN_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(!connection.is_in_transaction())
                })
            })
            .after_connect(|connection, _| Box::pin(begin_session(connection, POSTGRES_SESSION)))
            .connect_with(options)
            .await?;
        Self::with_schema(pool, Dialect::Postgres).await
    }

    async fn with_schema(pool: AnyPool, dialect: Dialect) -> Result<Self, StoreError> {
        let store =
            Self { pool, dialect, writer: Writer::default(), times: DatabaseTimes::default() };
        migrate::run(&store).await?;
        store.chain_audit().await?;
        Ok(store)
    }
}

async fn begin_session(
    connection: &mut AnyConnection,
    settings: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(settings).execute(connection).await?;
    Ok(())
}

/// Logs in once and looks at what cannot be changed later.
async fn first_connection(options: &AnyConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    begin_session(&mut connection, POSTGRES_SESSION).await?;
    let row = sqlx::query("SELECT current_setting('server_encoding') AS encoding")
        .fetch_one(&mut connection)
        .await?;
    let encoding: String = row.try_get("encoding")?;
    connection.close().await?;
    if encoding == "UTF8" { Ok(()) } else { Err(StoreError::Encoding(encoding)) }
}

/// No one but the owner reads the database, whatever the process's umask. Files that SQLite puts beside
/// it get its mode. A file that exists is not opened: closing it would end the locks that SQLite holds
/// on it in this process.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    private_files(path).map_err(|error| StoreError::Database(sqlx::Error::Io(error)))
}

fn private_files(path: &Path) -> std::io::Result<()> {
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
