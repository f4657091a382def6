//! Whether a store of published files works, by what was last asked of it.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How a store does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreHealth {
    /// For how long nothing has worked any more, if the last thing asked of it failed.
    pub failing_for: Option<Duration>,
    /// How long ago something last worked; none if nothing did since the server started.
    pub last_success: Option<Duration>,
    /// How long ago something last failed, and with what.
    pub last_error: Option<(Duration, String)>,
}

impl StoreHealth {
    /// Whether the last thing asked of the store succeeded, or nothing was asked yet.
    pub const fn works(&self) -> bool {
        self.failing_for.is_none()
    }
}

/// Remembers what [`StoreHealth`] says.
#[derive(Debug, Default)]
pub(super) struct HealthRecord(Mutex<Events>);

#[derive(Debug, Default)]
struct Events {
    success: Option<Instant>,
    error: Option<(Instant, String)>,
    failing_since: Option<Instant>,
}

impl HealthRecord {
    /// Remembers how it went and hands it on.
    pub(super) fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        let now = Instant::now();
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &result {
            Ok(_) => {
                events.success = Some(now);
                if let Some(since) = events.failing_since.take() {
                    let seconds = since.elapsed().as_secs();
                    tracing::info!(seconds, "the store of published files works again");
                }
            }
            Err(error) => {
                events.error = Some((now, error.to_string()));
                if events.failing_since.is_none() {
                    events.failing_since = Some(now);
                    tracing::error!(%error, "the store of published files does not work");
                }
            }
        }
        result
    }

    pub(super) fn now(&self) -> StoreHealth {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        StoreHealth {
            failing_for: events.failing_since.map(|at| at.elapsed()),
            last_success: events.success.map(|at| at.elapsed()),
            last_error: events.error.as_ref().map(|(at, error)| (at.elapsed(), error.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_fails_from_the_first_error_until_the_next_success() {
        let record = HealthRecord::default();
        assert!(record.now().works(), "nothing was asked yet");
        let fail = || record.note::<()>(Err(io::Error::other("gone"))).unwrap_err();
        fail();
        let first = record.now();
        assert!(!first.works());
        assert_eq!(first.last_success, None);
        fail();
        assert!(record.now().failing_for >= first.failing_for, "counted from the first error");
        record.note(Ok(())).unwrap();
        let after = record.now();
        assert!(after.works() && after.last_success.is_some());
        assert_eq!(after.last_error.unwrap().1, "gone");
    }
}
