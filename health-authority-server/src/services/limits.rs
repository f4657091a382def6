//! Limits on attempts: counted in the database, shown in the log, in the totals and to staff.

use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use crate::domain::throttle::{Attempt, Limit, Tried};
use crate::storage::StoreError;

/// Counts an attempt before it is made. The first one in a window that is refused is logged and noted.
pub async fn attempt(app: &App, limit: Limit, subject: &str) -> Result<Attempt, StoreError> {
    let now = app.clock.now();
    let tried = app.limits.tried(limit, subject, now);
    if let Some(attempt) = app.limits.known(&tried) {
        return Ok(attempt);
    }
    let judged = app.store.count_attempt(&tried, now).await?;
    app.limits.learn(&tried, judged.attempt, judged.left);
    if judged.is_first_refused {
        warn(app, limit);
    }
    Ok(judged.attempt)
}

/// The attempt just made was right, or not made: it alone is not counted.
pub async fn retract(app: &App, limit: Limit, subject: &str) -> Result<(), StoreError> {
    let tried = app.limits.tried(limit, subject, app.clock.now());
    app.store.take_back_attempts(&tried, 1).await
}

/// The attempt just made was right: nothing of what was tried before it counts.
pub async fn reset(app: &App, limit: Limit, subject: &str) -> Result<(), StoreError> {
    let tried = app.limits.tried(limit, subject, app.clock.now());
    app.store.take_back_attempts(&tried, u32::MAX).await
}

/// A guess at a short code, which counts only if it is wrong: the database judges it with the code itself.
/// None while short codes are known to be stopped.
pub fn guess(app: &App) -> Option<Tried> {
    let tried = app.limits.tried(Limit::ShortCodes, "", app.clock.now());
    app.limits.known(&tried).is_none().then_some(tried)
}

/// That a guess was refused by the database.
pub fn guesses_stopped(app: &App, guess: &Tried, is_first: bool) {
    app.limits.learn(guess, Attempt::TooManyOfThis, 0);
    if is_first {
        warn(app, guess.limit);
    }
}

fn warn(app: &App, limit: Limit) {
    app.metrics.limit_reached(limit.name());
    tracing::warn!(limit = limit.name(), "a limit on attempts is reached");
}

/// Until when short codes are stopped.
pub async fn short_codes_stopped(app: &App) -> Result<Option<UnixTime>, StoreError> {
    let reached = app.store.reached_limits(app.clock.now()).await?;
    Ok(reached.into_iter().find(|(limit, _)| *limit == Limit::ShortCodes).map(|(_, until)| until))
}
