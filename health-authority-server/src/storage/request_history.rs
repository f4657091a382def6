//! Requests as staff look back on them: found by state and time, cancelled, reminded of.

use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject};
use super::share_requests::{RequestState, SELECT, ShareRequest, read_request};
use super::{Store, StoreError, seconds};
use crate::domain::share_requests::RequestId;

/// Which requests are looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestFilter {
    /// None: in any.
    pub state: Option<RequestState>,
    /// Asked from this time on.
    pub from: Option<UnixTime>,
    /// Asked before this time.
    pub until: Option<UnixTime>,
}

impl Store {
    /// At most `count` requests after the first `skipped`, those asked last first.
    pub async fn find_share_requests(
        &self,
        filter: &RequestFilter,
        skipped: u32,
        count: u32,
    ) -> Result<Vec<ShareRequest>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE ($1 = '' OR r.state = $1) AND r.requested_at >= $2 \
             AND r.requested_at < $3 ORDER BY r.requested_at DESC, r.request DESC \
             LIMIT $4 OFFSET $5"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(filter.state.map_or("", RequestState::name))
            .bind(filter.from.map_or(0, seconds))
            .bind(filter.until.map_or(i64::MAX, seconds))
            .bind(i64::from(count))
            .bind(i64::from(skipped))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_request).collect()
    }

    pub async fn share_request(
        &self,
        request: RequestId,
    ) -> Result<Option<ShareRequest>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE r.request = $1"));
        let row = sqlx::query(sql).bind(request).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_request).transpose()
    }

    /// Takes back a request that waits, or whose warnings are not all published; those that wait for a
    /// batch are deleted. `false` when there is nothing to take back any more.
    pub async fn cancel_share_request(
        &self,
        request: RequestId,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let cancel = sqlx::query(
            "UPDATE share_requests SET state = 'cancelled', state_reason = '', slots_given = 0 \
             WHERE request = $1 AND state IN ('waiting', 'approved')",
        );
        if write.execute(cancel.bind(request)).await? == 0 {
            return Ok(false);
        }
        for sql in [
            "DELETE FROM due_warnings WHERE request = $1",
            "DELETE FROM due_pass_notices WHERE request = $1",
        ] {
            write.execute(sqlx::query(sql).bind(request)).await?;
        }
        let cancelled = actor.did(Action::RequestCancelled, Subject::Request(request), "");
        write.commit_audited(cancelled, now).await?;
        Ok(true)
    }

    /// Notes that the venue of a request that waits was reminded.
    pub async fn note_reminder(
        &self,
        request: RequestId,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let note = sqlx::query(
            "UPDATE share_requests SET reminders = reminders + 1, reminded_at = $2 \
             WHERE request = $1",
        );
        write.execute(note.bind(request).bind(seconds(now))).await?;
        let reminded = actor.did(Action::VenueReminded, Subject::Request(request), "");
        write.commit_audited(reminded, now).await
    }
}
