//! The device's own keys while the daemon runs: every new key is in the store before it is
//! broadcast, every published one is out of the broadcast before it leaves the device. Which
//! interval's identifier was shown last is stored before it is shown, so that after a restart no
//! identifier comes back after its successor.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};
use vungxanh_protocol::metadata::Metadata;
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::rotation::Rotation;

use crate::platform::threads::lock;
use crate::store::{EncounterStore, StoreError, put_state, state};
use crate::sync::KeyAccess;

/// The record that holds the interval whose identifier was shown last.
pub(super) const LAST_SHOWN: &str = "last-shown-interval";

/// Own keys and the state of their broadcast.
pub struct KeyRing {
    store: Arc<dyn EncounterStore>,
    /// Notified when the broadcast must change at once.
    changed: Notify,
    held: Mutex<Held>,
}

struct Held {
    keys: OwnKeys,
    rotation: Rotation,
}

impl KeyRing {
    /// Loads the keys from the store; nothing is broadcast yet.
    pub fn load(store: Arc<dyn EncounterStore>) -> Result<Self, StoreError> {
        let last_shown = state(store.as_ref(), LAST_SHOWN)?.flatten();
        let held = Held { keys: store.own_keys()?, rotation: Rotation::resume(last_shown) };
        Ok(Self { store, changed: Notify::new(), held: Mutex::new(held) })
    }

    /// Steps the rotation. Returns the advertisement if it changed; a key that had to be made for
    /// it has been stored.
    pub fn step(
        &self,
        now: UnixTime,
        metadata: Metadata,
        rolling_period: RollingPeriod,
    ) -> Result<Option<Advertisement>, StoreError> {
        let mut held = self.lock();
        let (mut keys, mut rotation) = (held.keys.clone(), held.rotation);
        let changed = rotation.step(now, metadata, &mut keys, rolling_period, &mut rand::rng());
        if keys != held.keys {
            self.store.put_own_keys(&keys)?;
            held.keys = keys;
        }
        if rotation.last_shown() != held.rotation.last_shown()
            && let Err(error) = put_state(self.store.as_ref(), LAST_SHOWN, &rotation.last_shown())
        {
            // A full disk silences no device whose keys are stored.
            tracing::warn!(%error, "after a restart an identifier may come back");
        }
        held.rotation = rotation;
        Ok(changed)
    }

    /// When [`KeyRing::step`] is due.
    pub fn next_change(&self) -> Option<UnixTime> {
        self.lock().rotation.next_change()
    }

    /// What is broadcast now.
    pub fn advertisement(&self) -> Option<Advertisement> {
        self.lock().rotation.advertisement()
    }

    /// The broadcast ended, for lack of a radio or an authority; the next step begins afresh.
    pub fn pause(&self) {
        self.lock().rotation.reset();
    }

    /// Returns when what is broadcast must be replaced at once: its key has been retired.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// A copy of all own keys.
    pub fn keys(&self) -> OwnKeys {
        self.lock().keys.clone()
    }

    /// Replaces the keys by `change` of them, in the store first. The broadcast starts afresh.
    pub fn update(&self, change: impl FnOnce(&mut OwnKeys)) -> Result<(), StoreError> {
        let mut held = self.lock();
        let mut keys = held.keys.clone();
        change(&mut keys);
        if keys != held.keys {
            self.store.put_own_keys(&keys)?;
            held.keys = keys;
            held.rotation.reset();
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Drops the keys that ended before `oldest`; the broadcast goes on.
    pub fn expire(&self, oldest: Interval) -> Result<(), StoreError> {
        let mut held = self.lock();
        let mut keys = held.keys.clone();
        keys.expire(oldest);
        if keys != held.keys {
            self.store.put_own_keys(&keys)?;
            held.keys = keys;
        }
        Ok(())
    }

    /// Lets `change` put other keys into the store, or destroy some (import, forget). Meanwhile no one stores
    /// those that were known before: that would bring back what is destroyed. The broadcast starts afresh.
    pub fn change_store<T>(
        &self,
        change: impl FnOnce(&dyn EncounterStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut held = self.lock();
        let changed = change(self.store.as_ref());
        // Also after a failure: a part of it may have been done.
        held.keys = self.store.own_keys()?;
        held.rotation.reset();
        changed
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }
}

impl KeyAccess for KeyRing {
    fn publishable(&self, now: UnixTime) -> Result<Vec<TemporaryExposureKey>, StoreError> {
        Ok(self.lock().keys.publishable(now).into_iter().cloned().collect())
    }

    fn retire(&self, now: UnixTime) -> Result<(), StoreError> {
        self.update(|keys| keys.retire(now))
    }

    fn restore(&self, restored: &[TemporaryExposureKey]) -> Result<(), StoreError> {
        self.update(|keys| {
            let changed = keys.iter().map(|own| OwnKey {
                retired: own.retired && !restored.contains(&own.key),
                ..own.clone()
            });
            *keys = OwnKeys::new(changed.collect());
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use vungxanh_protocol::metadata::CalibrationConfidence;

    use super::*;
    use crate::store::{Forget, MemoryStore};

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
    const METADATA: Metadata = Metadata { confidence: CalibrationConfidence::Low, tx_power: -10 };

    fn ring() -> (Arc<MemoryStore>, KeyRing) {
        let store = Arc::new(MemoryStore::new());
        let _ = store.begin_day(NOW.day(), 14).unwrap();
        let ring = KeyRing::load(Arc::clone(&store) as Arc<dyn EncounterStore>).unwrap();
        (store, ring)
    }

    fn step(ring: &KeyRing, now: UnixTime) -> Option<Advertisement> {
        ring.step(now, METADATA, RollingPeriod::SIX_HOURS).unwrap()
    }

    #[test]
    fn a_key_is_stored_before_its_identifiers_are_broadcast() {
        let (store, ring) = ring();
        let shown = step(&ring, NOW).unwrap();
        let stored = store.own_keys().unwrap();
        let derived = stored.iter().next().unwrap().key.derive();
        let close = [NOW.interval(), NOW.interval().plus(1)];
        assert!(close.iter().any(|i| derived.identifiers.identifier(*i) == shown.identifier));
        assert_eq!(step(&ring, NOW), None, "nothing changes within one step");
    }

    #[test]
    fn a_restart_continues_with_the_same_key() {
        let (store, ring) = ring();
        step(&ring, NOW).unwrap();
        let again = KeyRing::load(store).unwrap();
        step(&again, NOW.plus(10)).unwrap();
        assert_eq!(again.keys(), ring.keys());
    }

    #[test]
    fn no_identifier_comes_back_after_its_successor() {
        let (store, first) = ring();
        let before = step(&first, NOW).unwrap();
        let changes = first.next_change().unwrap();
        let next = step(&first, changes).unwrap();
        assert_ne!(next.identifier, before.identifier);
        for _ in 0..64 {
            let again = KeyRing::load(Arc::clone(&store) as Arc<dyn EncounterStore>).unwrap();
            assert_eq!(step(&again, changes).unwrap().identifier, next.identifier);
            again.pause();
            assert_eq!(step(&again, changes).unwrap().identifier, next.identifier);
            again.change_store(|_| Ok(())).unwrap();
            assert_eq!(step(&again, changes).unwrap().identifier, next.identifier);
        }
    }

    #[test]
    fn a_step_while_the_store_is_changed_brings_nothing_back() {
        let (store, ring) = ring();
        step(&ring, NOW).unwrap();
        let forgotten = ring.keys();
        let (sender, stepped) = mpsc::channel();
        std::thread::scope(|scope| {
            let forget = |store: &dyn EncounterStore| {
                let expired = store.forget(Forget::AllDays);
                scope.spawn(|| {
                    // At the edge of a rolling period: a key is made and all are stored.
                    step(&ring, NOW.plus(6 * 3_600));
                    sender.send(()).unwrap();
                });
                assert!(stepped.recv_timeout(Duration::from_millis(100)).is_err(), "it waits");
                expired
            };
            ring.change_store(forget).unwrap();
        });
        let kept = store.own_keys().unwrap();
        assert_eq!(kept, ring.keys());
        assert_eq!(kept.iter().count(), 1);
        assert!(forgotten.iter().all(|own| kept.iter().all(|kept| kept.key != own.key)));
    }

    #[test]
    fn after_a_publication_nothing_of_the_published_keys_is_broadcast() {
        let (_, ring) = ring();
        step(&ring, NOW).unwrap();
        ring.update(|keys| keys.retire(NOW)).unwrap();
        let shown = step(&ring, NOW.plus(1)).unwrap();
        for own in ring.keys().iter().filter(|own| own.retired) {
            let derived = own.key.derive();
            let mut interval = own.key.rolling_start();
            while interval < own.key.rolling_end() {
                assert_ne!(derived.identifiers.identifier(interval), shown.identifier);
                interval = interval.plus(1);
            }
        }
        assert_eq!(ring.keys().iter().filter(|own| own.retired).count(), 1);
    }
}
