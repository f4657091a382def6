//! Once a day: a key for the new day, and the destruction of what has expired.

use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::Engine;
use super::problems::ProblemKind;
use crate::store::{EncounterStore, StoreError, put_state, state};

/// Days for which encounters are retained while no authority says otherwise.
const DEFAULT_RETENTION_DAYS: u32 = 14;

/// The record that holds the latest time known, for noticing a clock that was set back.
pub(super) const LATEST_KNOWN: &str = "latest-known-time";

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
    let now = engine.look_at_clock();
    let trusted = engine.clock_is_trusted();
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
        Ok(_) => engine.resolved(ProblemKind::Store),
        Err(error) => return engine.problem(ProblemKind::Store, error),
    }
    if trusted && let Err(error) = engine.declarations.expire().await {
        engine.problem(ProblemKind::Store, error);
    }
    let oldest: UtcDay = now.day().minus(retention);
    if let Err(error) = engine.keys.expire(oldest.first_interval()) {
        engine.problem(ProblemKind::Store, error);
    }
}

impl Engine {
    pub(crate) fn retention_days(&self) -> u32 {
        self.sync.authority().map_or(DEFAULT_RETENTION_DAYS, |enrolled| {
            enrolled.authority.document().tracing.retention_days
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vungxanh_protocol::advertisement::Advertisement;
    use vungxanh_protocol::encounter::ScanInstance;
    use vungxanh_protocol::exposure_key::TemporaryExposureKey;
    use vungxanh_protocol::interval::{DAY_SECONDS, RollingPeriod};
    use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
    use vungxanh_protocol::secret::SecretBytes;

    use super::*;
    use crate::radio::RadioState;
    use crate::store::MemoryStore;
    use crate::test_support::{EngineFixture, NOON};

    /// Ten days, today the last, with an encounter and a key each.
    fn ten_days() -> EngineFixture {
        let store = Arc::new(MemoryStore::new());
        let keys = (0..10).map(|age| {
            let day = NOON.day().minus(age);
            store.begin_day(day, DEFAULT_RETENTION_DAYS).unwrap();
            let interval = day.first_interval();
            let _ = store.record_scan(interval, &[heard(interval.start())]).unwrap();
            let (key, start) = (SecretBytes::new([age as u8; 16]), interval);
            let key = TemporaryExposureKey::new(key, start, RollingPeriod::SIX_HOURS);
            OwnKey::new(key)
        });
        store.put_own_keys(&OwnKeys::new(keys.collect())).unwrap();
        EngineFixture::new(store, RadioState::SwitchedOff)
    }

    fn heard(time: UnixTime) -> (Advertisement, ScanInstance) {
        let scan = ScanInstance {
            time,
            typical_rssi: -60,
            strongest_rssi: -58,
            count: 3,
            seconds_since_last_scan: 60,
            clock_trusted: true,
        };
        (Advertisement::from_service_data(&[1; 20]).unwrap(), scan)
    }

    /// Days with encounters, own keys, and the last day of check-ins.
    fn left(bench: &EngineFixture) -> (usize, usize, UtcDay) {
        let days = bench.engine.store.scan_summary().unwrap().len();
        let (cells, _) = bench.engine.check_ins.cells(bench.engine.clock.now());
        (days, bench.engine.keys.keys().iter().count(), cells.newest().start().day())
    }

    #[tokio::test]
    async fn a_clock_set_forward_destroys_nothing_though_nobody_scans() {
        let bench = ten_days();
        let today = NOON.day();
        bench.run(3_600).await;
        assert_eq!(left(&bench), (10, 10, today));
        bench.clock.set(20 * DAY_SECONDS as i64);
        bench.run(2 * 3_600).await;
        bench.engine.stop().await;
        assert_eq!(left(&bench), (10, 10, today));
        assert!(latest_known(bench.engine.store.as_ref()).unwrap() < today.plus(1).start());
        // The authority confirms that it is twenty days later.
        let now = bench.engine.look_at_clock();
        bench.engine.runtime_state().clock_watch.compare(now, now);
        begin_day(&bench.engine).await;
        assert_eq!(left(&bench).0, 0, "what is old goes again");
    }

    #[tokio::test]
    async fn who_writes_check_ins_first_looks_at_the_clock_first() {
        let bench = ten_days();
        bench.run(3_600).await;
        bench.clock.set(20 * DAY_SECONDS as i64);
        super::super::check_ins::rewrite(&bench.engine, true).await.unwrap();
        assert_eq!(left(&bench).2, NOON.day());
    }
}
