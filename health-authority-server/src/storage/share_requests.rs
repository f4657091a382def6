//! Share requests: reduced with their publication, forgotten.

use sqlx::AnyConnection;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::slot::Hour;

use super::{Store, StoreError, seconds};
use crate::domain::share_requests::oldest_kept;

impl Store {
    /// Forgets requests, warnings and shares of hours that no device keeps any more.
    pub async fn expire_share_requests(
        &self,
        retention_days: u32,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let connection = &mut *write.transaction;
        let oldest = Hour::at(oldest_kept(retention_days, now));
        sqlx::query("DELETE FROM advance_shares WHERE hour < $1")
            .bind(i64::from(oldest.number()))
            .execute(&mut *connection)
            .await?;
        for sql in [
            "DELETE FROM due_warnings WHERE request IN \
             (SELECT request FROM share_requests WHERE forget_at <= $1)",
            "DELETE FROM share_requests WHERE forget_at <= $1",
        ] {
            sqlx::query(sql).bind(seconds(now)).execute(&mut *connection).await?;
        }
        write.commit().await
    }
}

/// Requests whose last warning has just been cut: what led to the venue and the time is emptied.
pub(super) async fn settle_published(connection: &mut AnyConnection) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE share_requests SET state = 'published', poster = NULL, from_at = NULL, \
         until_at = NULL, report_type = NULL, infectiousness = NULL, reason = '', \
         notice_text = '' WHERE state = 'approved' \
         AND request NOT IN (SELECT request FROM due_warnings)",
    )
    .execute(connection)
    .await?;
    Ok(())
}
