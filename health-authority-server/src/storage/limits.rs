//! Limits that were reached: what staff and commands see of them.

use sqlx::Row;
use vungxanh_protocol::interval::UnixTime;

use super::statistics::{Counter, count};
use super::{Store, StoreError, seconds, time};
use crate::domain::throttle::{Limit, Reached};

impl Store {
    /// Notes that a limit was reached, and counts it.
    pub async fn limit_reached(&self, reached: Reached, now: UnixTime) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO reached_limits (name, until_at) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET until_at = excluded.until_at",
        )
        .bind(reached.limit.name())
        .bind(seconds(reached.until))
        .execute(&mut *write.transaction)
        .await?;
        count(&mut write.transaction, Counter::of_limit(reached.limit), 1, now).await?;
        write.commit().await
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
