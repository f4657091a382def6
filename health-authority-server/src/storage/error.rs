//! What went wrong with the database.

use std::sync::Arc;

use sqlx::error::DatabaseError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is gone.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// A commit that it shared with other requests failed.
    #[error("{0}")]
    Together(Arc<Self>),
    /// Too many wait to write.
    #[error("the database is busy: other writers take too long")]
    Busy,
    /// There is no connection to the database's server.
    #[error(
        "the database's server cannot be reached: {0}; see whether it runs, and storage.database in config.toml"
    )]
    Unreachable(String),
    /// It wants another password, or does not let this role in from here.
    #[error(
        "the database's server refused the login: {0}; the password is in keys/database.password or \
         PGPASSWORD, and pg_hba.conf must let the role in"
    )]
    LoginRefused(String),
    #[error("there is no such database: {0}; make it with createdb, owned by the role of the URL")]
    NoDatabase(String),
    /// The role may not do this.
    #[error(
        "the database's role lacks a right: {0}; it must own the database, or have CREATE on the schema \
         and all rights on its tables"
    )]
    NoRight(String),
    #[error("the database's encoding is {0}; make it again with the encoding UTF8")]
    Encoding(String),
    /// What is copied would be mixed with what is there.
    #[error("the database to copy into has rows in {0} already; give an empty one")]
    NotEmpty(String),
    #[error("what arrived of {0} is not what was sent; nothing was copied")]
    CopyDiffers(String),
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

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let known = match &error {
            // Of its files SQLite says itself what is wrong: this is the network.
            sqlx::Error::Io(source) => Some(Self::Unreachable(source.to_string())),
            sqlx::Error::Tls(source) => Some(Self::Unreachable(format!("TLS: {source}"))),
            sqlx::Error::PoolTimedOut => Some(Self::Unreachable("no free connection".into())),
            sqlx::Error::Database(refusal) => of_refusal(refusal.as_ref()),
            _ => None,
        };
        known.unwrap_or(Self::Database(error))
    }
}

/// By PostgreSQL's codes, which have five characters; those of SQLite are shorter.
fn of_refusal(refusal: &dyn DatabaseError) -> Option<StoreError> {
    let message = refusal.message().to_owned();
    match refusal.code().as_deref() {
        Some("28000" | "28P01") => Some(StoreError::LoginRefused(message)),
        Some("3D000") => Some(StoreError::NoDatabase(message)),
        Some("42501") => Some(StoreError::NoRight(message)),
        // Too many connections; shut down by the administrator; starting up or shutting down.
        Some("53300" | "57P01" | "57P02" | "57P03") => Some(StoreError::Unreachable(message)),
        _ => None,
    }
}
