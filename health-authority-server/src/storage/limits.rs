//! Limits on attempts: what was tried in the running windows, and which limits were reached.

use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::statistics::{Counter, count};
use super::{Store, StoreError, integer, seconds, time};
use crate::domain::throttle::{Attempt, Counts, Limit, Tried};

/// Stands for all subjects together.
const ALL: &[u8] = &[];
/// Stands for the number of subjects that have a row.
const SUBJECTS: &[u8] = &[0];
/// So many subjects are distinguished in a window; more count for all together only.
const MAX_SUBJECTS: u32 = 50_000;

/// What the database says of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    pub attempt: Attempt,
    /// So many more were counted with it and may be made.
    pub left: u32,
    /// It is the first in its window that is refused.
    pub is_first_refused: bool,
}

impl Store {
    /// Counts an attempt before it is made, with those of all servers.
    pub async fn count_attempt(&self, tried: &Tried, now: UnixTime) -> Result<Judged, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let counts = counts(connection, tried).await?;
        let (attempt, counted, left) = match tried.subject {
            Some(_) => {
                let (attempt, counted) = tried.rule.judge(counts);
                (attempt, counted, 0)
            }
            None => match tried.rule.part(counts.all) {
                0 => (Attempt::TooManyOfThis, counts, 0),
                part => {
                    let all = counts.all.saturating_add(part);
                    (Attempt::Allowed, Counts { this: all, all }, part - 1)
                }
            },
        };
        put(connection, tried, counts, counted).await?;
        let is_first_refused =
            attempt != Attempt::Allowed && note_reached(connection, tried, now).await?;
        write.commit().await?;
        Ok(Judged { attempt, left, is_first_refused })
    }

    /// The last attempts at this were right ones.
    pub async fn take_back_attempts(&self, tried: &Tried, attempts: u32) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let before = counts(write.connection()?, tried).await?;
        let after = before.take_back(attempts);
        put(write.connection()?, tried, before, after).await?;
        write.commit().await
    }

    /// Deletes what was counted in windows that are over.
    pub async fn expire_attempts(&self, now: UnixTime) -> Result<(), StoreError> {
        let statement = sqlx::query("DELETE FROM attempts WHERE until_at <= $1").bind(seconds(now));
        self.execute(statement).await?;
        Ok(())
    }

    /// The limits that hold at `now`, and until when.
    pub async fn reached_limits(
        &self,
        now: UnixTime,
    ) -> Result<Vec<(Limit, UnixTime)>, StoreError> {
        let rows = sqlx::query(
            "SELECT name, until_at FROM reached_limits WHERE until_at > $1 ORDER BY name",
        )
        .bind(seconds(now))
        .fetch_all(&self.pool)
        .await?;
        let mut limits = Vec::new();
        for row in rows {
            let name: String = row.try_get("name")?;
            if let Some(limit) = Limit::from_name(&name) {
                limits.push((limit, time(&row, "until_at")?));
            }
        }
        Ok(limits)
    }
}

/// What was counted of an attempt's window.
pub(super) async fn counts(
    connection: &mut AnyConnection,
    tried: &Tried,
) -> Result<Counts, StoreError> {
    let all = read(connection, tried, ALL).await?;
    let this = match &tried.subject {
        Some(subject) => read(connection, tried, subject).await?,
        None => all,
    };
    Ok(Counts { this, all })
}

async fn read(
    connection: &mut AnyConnection,
    tried: &Tried,
    subject: &[u8],
) -> Result<u32, StoreError> {
    let row = sqlx::query(
        "SELECT tried FROM attempts WHERE name = $1 AND window_start = $2 AND subject = $3",
    )
    .bind(tried.limit.name())
    .bind(seconds(tried.window))
    .bind(subject.to_vec())
    .fetch_optional(connection)
    .await?;
    row.map_or(Ok(0), |row| integer(&row, "tried"))
}

/// Counts one more attempt of anybody.
pub(super) async fn count_one(
    connection: &mut AnyConnection,
    tried: &Tried,
    before: Counts,
) -> Result<(), StoreError> {
    let all = before.all.saturating_add(1);
    put(connection, tried, before, Counts { this: all, all }).await
}

async fn put(
    connection: &mut AnyConnection,
    tried: &Tried,
    before: Counts,
    after: Counts,
) -> Result<(), StoreError> {
    if after.all != before.all {
        write(connection, tried, ALL, after.all).await?;
    }
    let Some(subject) = tried.subject.as_ref().filter(|_| after.this != before.this) else {
        return Ok(());
    };
    if before.this == 0 {
        let subjects = read(connection, tried, SUBJECTS).await?;
        if subjects >= MAX_SUBJECTS {
            return Ok(());
        }
        write(connection, tried, SUBJECTS, subjects + 1).await?;
    }
    write(connection, tried, subject, after.this).await
}

async fn write(
    connection: &mut AnyConnection,
    tried: &Tried,
    subject: &[u8],
    attempts: u32,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO attempts (name, window_start, subject, tried, until_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (name, window_start, subject) DO UPDATE SET tried = excluded.tried",
    )
    .bind(tried.limit.name())
    .bind(seconds(tried.window))
    .bind(subject.to_vec())
    .bind(i64::from(attempts))
    .bind(seconds(tried.until()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a limit is reached, and counts it; `false` when that is known of this window.
pub(super) async fn note_reached(
    connection: &mut AnyConnection,
    tried: &Tried,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let noted = sqlx::query(
        "INSERT INTO reached_limits (name, until_at) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET until_at = excluded.until_at \
         WHERE reached_limits.until_at < excluded.until_at",
    )
    .bind(tried.limit.name())
    .bind(seconds(tried.until()))
    .execute(&mut *connection)
    .await?;
    if noted.rows_affected() == 0 {
        return Ok(false);
    }
    count(connection, Counter::of_limit(tried.limit), 1, now).await?;
    Ok(true)
}
