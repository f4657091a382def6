//! Which failures pass by themselves or once somebody makes room: the same request may succeed later.

use sqlx::error::DatabaseError;

use super::StoreError;

/// SQLite's primary result codes: busy, locked, read-only, input or output failed, full, cannot open.
const SQLITE: [u32; 6] = [5, 6, 8, 10, 13, 14];
/// Classes of PostgreSQL's states: connection, read-only, rollback, resources, a lock not had in time, shut down.
const POSTGRESQL: [&str; 6] = ["08", "25006", "40", "53", "55P03", "57P"];

impl StoreError {
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Busy | Self::Unreachable(_) => true,
            Self::Together(error) => error.is_temporary(),
            Self::Database(error) => is_temporary(error),
            _ => false,
        }
    }
}

fn is_temporary(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, WorkerCrashed};
    match error {
        Io(_) | PoolClosed | PoolTimedOut | WorkerCrashed => true,
        Database(error) => is_temporary_state(&**error),
        _ => false,
    }
}

fn is_temporary_state(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| is_temporary_code(&code))
}

/// States of PostgreSQL have five characters, extended codes of SQLite at most four digits.
fn is_temporary_code(code: &str) -> bool {
    if code.len() == 5 {
        return POSTGRESQL.iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|code| SQLITE.contains(&(code & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_disks_and_databases_that_are_away_pass_and_wrong_statements_do_not() {
        // SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_BUSY_SNAPSHOT; disk_full, admin_shutdown,
        // cannot_connect_now, connection_failure.
        for code in ["13", "778", "517", "53100", "57P01", "57P03", "08006"] {
            assert!(is_temporary_code(code), "{code}");
        }
        // SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_CONSTRAINT_UNIQUE; unique_violation, undefined_table.
        for code in ["1", "11", "2067", "23505", "42P01", ""] {
            assert!(!is_temporary_code(code), "{code}");
        }
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_temporary());
        assert!(!StoreError::Corrupt("row").is_temporary());
    }
}
