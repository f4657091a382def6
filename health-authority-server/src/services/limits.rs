//! Limits on attempts: counted in this process, shown in the log, in the totals and to staff.

use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use crate::domain::throttle::{Attempt, Limit};
use crate::storage::StoreError;

/// Counts an attempt before it is made. The first one in a window that is refused is logged and noted.
pub async fn attempt(app: &App, limit: Limit, subject: &str) -> Attempt {
    let now = app.clock.now();
    let (attempt, reached) = app.limits.attempt(limit, subject, now);
    if let Some(reached) = reached {
        tracing::warn!(limit = limit.name(), "a limit on attempts is reached");
        if let Err(error) = app.store.limit_reached(reached, now).await {
            tracing::error!(%error, "that a limit is reached could not be noted");
        }
    }
    attempt
}

/// Until when short codes are stopped, also by a server that is another process.
pub async fn short_codes_stopped(app: &App) -> Result<Option<UnixTime>, StoreError> {
    let reached = app.store.reached_limits(app.clock.now()).await?;
    Ok(reached.into_iter().find(|(limit, _)| *limit == Limit::ShortCodes).map(|(_, until)| until))
}
