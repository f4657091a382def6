//! Leases: of several servers on one database, one at a time does what is done by the clock.
//!
//! A lease ends by the database's time, so that the servers' clocks need not agree. Each holder gets a
//! higher number than the one before: who stalled past the end finds, when it renews, that the number is
//! no longer its own.

use sqlx::AnyConnection;

use super::{Store, StoreError, integer};

/// How long a lease lasts unless it is renewed: so long after a server was killed in the middle of its
/// work another one takes over.
pub const LEASE_MILLISECONDS: i64 = 10_000;

/// What one server at a time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Batches of keys.
    Keys,
    /// Batches of warnings.
    Warnings,
    /// Destroying keys and rows of days that are over.
    CleanUp,
    /// Changing the signed document, the files that it is made from, and keys.
    Document,
}

impl Work {
    /// Its name in the database and the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keys => "batches",
            Self::Warnings => "warnings",
            Self::CleanUp => "clean-up",
            Self::Document => "document",
        }
    }
}

/// A lease as its holder has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub work: Work,
    /// Grows with each holder.
    pub fence: i64,
}

/// What came of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Now(Lease),
    /// Another holds it, for so many milliseconds more.
    ByOther(u64),
}

impl Store {
    /// Takes a lease that no one holds. `holder` is for people who look at the database.
    pub async fn take_lease(&self, work: Work, holder: &str) -> Result<Taken, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let now = database_time(connection).await?;
        let row = sqlx::query("SELECT ends_at, fence FROM leases WHERE name = $1")
            .bind(work.name())
            .fetch_optional(&mut *connection)
            .await?;
        let (ends_at, fence) = match row {
            Some(row) => (integer::<i64>(&row, "ends_at")?, integer::<i64>(&row, "fence")?),
            None => (0, 0),
        };
        let left = ends_at.saturating_sub(now);
        // One that ends later than any could is of a clock that was set back since.
        if (1..=LEASE_MILLISECONDS).contains(&left) {
            return Ok(Taken::ByOther(left.unsigned_abs()));
        }
        let fence = fence.saturating_add(1);
        sqlx::query(
            "INSERT INTO leases (name, holder, ends_at, fence) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
             ends_at = excluded.ends_at, fence = excluded.fence",
        )
        .bind(work.name())
        .bind(holder)
        .bind(now.saturating_add(LEASE_MILLISECONDS))
        .bind(fence)
        .execute(&mut *connection)
        .await?;
        write.commit().await?;
        Ok(Taken::Now(Lease { work, fence }))
    }

    /// Holds a lease for its whole time from now on; `false` when another has taken it since it ended.
    pub async fn renew_lease(&self, lease: &Lease) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let now = database_time(write.connection()?).await?;
        let ends_at = now.saturating_add(LEASE_MILLISECONDS);
        let changed = write.execute(end_lease_at(lease, ends_at)).await?;
        write.commit().await?;
        Ok(changed == 1)
    }

    /// Gives a lease back, unless another has taken it.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        self.execute(end_lease_at(lease, 0)).await?;
        Ok(())
    }
}

fn end_lease_at(lease: &Lease, ends_at: i64) -> super::Statement<'static> {
    sqlx::query("UPDATE leases SET ends_at = $1 WHERE name = $2 AND fence = $3")
        .bind(ends_at)
        .bind(lease.work.name())
        .bind(lease.fence)
}

/// The database's time in Unix milliseconds: the one clock that all servers share.
pub(super) async fn database_time(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let sql = match connection.backend_name() {
        "PostgreSQL" => {
            "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now"
        }
        _ => "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now",
    };
    integer(&sqlx::query(sql).fetch_one(connection).await?, "now")
}
