//! The chain of the audit log in the database: written with each entry, in its transaction. Who writes holds
//! the one turn of all writers, so that two entries never follow the same one.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::{Store, StoreError, array, integer, nullable, nullable_array, time};
use crate::domain::audit_chain::{Content, EntryHash, Head};
use crate::domain::audit_check::{Check, Link, Report};

/// Entries in memory at a time.
const PIECE: i64 = 1_000;

impl Store {
    /// The newest entry; none while nothing was logged.
    pub async fn audit_head(&self) -> Result<Option<Head>, StoreError> {
        let row =
            sqlx::query("SELECT entry, at, hash FROM audit_head").fetch_one(&self.pool).await?;
        let head = read_head(&row)?;
        Ok((head.entry > 0).then_some(head))
    }

    /// Looks at the whole chain, and whether it continues `asked`.
    pub async fn check_audit(&self, asked: Option<Head>) -> Result<Report, StoreError> {
        let head = self.audit_head().await?;
        let end = head.map_or(0, |head| head.entry);
        let mut check = Check::new(asked);
        let mut after = 0;
        loop {
            let links = links(&self.pool, ALL, after, end).await?;
            let Some(last) = links.last() else { break };
            after = last.content.entry;
            links.into_iter().for_each(|link| check.take(link));
        }
        // As of one moment, since others go on writing.
        let row = sqlx::query(
            "SELECT MIN(a.entry) AS entry FROM audit a, audit_head h WHERE a.entry > h.entry",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(check.end(head, nullable(&row, "entry")?))
    }

    /// Chains what an older program logged, in the order of its entries: at the first start of this one.
    pub(super) async fn chain_audit(&self) -> Result<(), StoreError> {
        let waiting = sqlx::query(
            "SELECT 1 AS there FROM audit a, audit_head h WHERE a.entry > h.entry AND a.hash IS NULL \
             LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        if waiting.is_none() {
            return Ok(());
        }
        let mut write = self.write().await?;
        chain(write.connection()?).await?;
        write.commit().await
    }
}

/// Chains the entries after the end of the chain that have no hash yet, as part of the caller's transaction:
/// the one that was just written, and those of an older program that works beside this one.
pub(super) async fn chain(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let row =
        sqlx::query("SELECT entry, at, hash FROM audit_head").fetch_one(&mut *connection).await?;
    let mut head = read_head(&row)?;
    let before = head.entry;
    loop {
        let links = links(&mut *connection, UNCHAINED, head.entry, i64::MAX).await?;
        if links.is_empty() {
            break;
        }
        for Link { content, .. } in links {
            let hash = content.hash(&head.hash);
            put(connection, &content, &head.hash, &hash).await?;
            let at = u64::try_from(content.at).map_err(|_| StoreError::Corrupt("at"))?;
            head = Head { entry: content.entry, at: UnixTime::from_secs(at), hash };
        }
    }
    if head.entry == before {
        return Ok(());
    }
    sqlx::query("UPDATE audit_head SET entry = $1, at = $2, hash = $3")
        .bind(head.entry)
        .bind(super::seconds(head.at))
        .bind(head.hash.to_vec())
        .execute(connection)
        .await?;
    Ok(())
}

async fn put(
    connection: &mut AnyConnection,
    content: &Content,
    previous: &EntryHash,
    hash: &EntryHash,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE audit SET previous = $1, hash = $2 WHERE entry = $3")
        .bind(previous.to_vec())
        .bind(hash.to_vec())
        .bind(content.entry)
        .execute(connection)
        .await?;
    Ok(())
}

const ALL: &str = "SELECT entry, at, account, actor, action, subject, detail, previous, hash FROM audit \
                   WHERE entry > $1 AND entry <= $2 ORDER BY entry LIMIT $3";
const UNCHAINED: &str = "SELECT entry, at, account, actor, action, subject, detail, previous, hash \
                         FROM audit WHERE entry > $1 AND entry <= $2 AND hash IS NULL \
                         ORDER BY entry LIMIT $3";

/// The next entries after one, up to another.
async fn links<'c>(
    executor: impl sqlx::Executor<'c, Database = sqlx::Any>,
    select: &'static str,
    after: i64,
    until: i64,
) -> Result<Vec<Link>, StoreError> {
    let rows = sqlx::query(select).bind(after).bind(until).bind(PIECE).fetch_all(executor).await?;
    rows.iter().map(link).collect()
}

fn link(row: &AnyRow) -> Result<Link, StoreError> {
    let content = Content {
        entry: integer(row, "entry")?,
        at: integer(row, "at")?,
        account: nullable(row, "account")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
    };
    // A value of another length is no hash: the check says so.
    let previous = nullable_array(row, "previous").unwrap_or_default();
    let hash = nullable_array(row, "hash").unwrap_or_default();
    Ok(Link { content, previous, hash })
}

fn read_head(row: &AnyRow) -> Result<Head, StoreError> {
    Ok(Head { entry: integer(row, "entry")?, at: time(row, "at")?, hash: array(row, "hash")? })
}
