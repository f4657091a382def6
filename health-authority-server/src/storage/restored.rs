//! Copies of the database, and what becomes of one that is used again.

use std::path::Path;

use vungxanh_protocol::interval::UnixTime;

use super::{Store, StoreError, make_private, seconds};

impl Store {
    /// Writes a copy as of this moment, without what was deleted, to a file that is missing or empty.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        make_private(path)?;
        let name = path.to_str().ok_or_else(|| {
            sqlx::Error::Io(std::io::Error::other("the path of the copy is not UTF-8"))
        })?;
        sqlx::query("VACUUM INTO $1").bind(name).execute(&self.pool).await?;
        Ok(())
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
            "DELETE FROM sessions",
        ] {
            sqlx::query(sql).execute(&mut *connection).await?;
        }
        write.commit().await
    }
}
