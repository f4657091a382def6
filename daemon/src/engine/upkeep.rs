//! Once a day: a key for the new day, and the destruction of what has expired.

use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::Engine;
use super::problems::Kind;
use crate::store::{EncounterStore, StoreError, put_state, state};

/// Days for which encounters are kept while no authority says otherwise.
const DEFAULT_RETENTION_DAYS: u32 = 14;

/// The record that holds the latest time known, for noticing a clock that was set back.
const LATEST_KNOWN: &str = "latest-known-time";

/// The latest time that earlier runs have seen.
pub(super) fn latest_known(store: &dyn EncounterStore) -> Result<UnixTime, StoreError> {
    Ok(state(store, LATEST_KNOWN)?.unwrap_or_default())
}

pub(super) async fn run(engine: &Engine) {
    loop {
        let tomorrow = engine.clock.now().day().plus(1).start();
        // A clock that was set is noticed within the hour.
        let next = tomorrow.min(engine.clock.now().plus(3_600));
        engine.wait_until(next).await;
        begin_day(engine).await;
    }
}

/// Makes today's key if it is not there, and destroys the days beyond retention. Under an
/// untrusted clock nothing is destroyed: who can set it must not be able to erase.
pub(super) async fn begin_day(engine: &Engine) {
    let now = engine.clock.now();
    let trusted = engine.live().clock_watch.is_trusted();
    let retention = if trusted { engine.retention_days() } else { u32::MAX };
    let begun = engine
        .on_store(move |store| {
            if trusted {
                put_state(store, LATEST_KNOWN, &now)?;
            }
            store.begin_day(now.day(), retention)
        })
        .await;
    match begun {
        Ok(_) => engine.mended(Kind::Store),
        Err(error) => return engine.problem(Kind::Store, error),
    }
    let oldest: UtcDay = now.day().minus(retention);
    if let Err(error) = engine.keys.expire(oldest.first_interval()) {
        engine.problem(Kind::Store, error);
    }
}

impl Engine {
    pub(super) fn retention_days(&self) -> u32 {
        self.sync.authority().map_or(DEFAULT_RETENTION_DAYS, |enrolled| {
            enrolled.authority.document().tracing.retention_days
        })
    }
}
