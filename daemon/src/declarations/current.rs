//! Which pass is shown. What says so stands in memory only, so that a device that is taken away does not say which passes
//! were used.

use std::collections::BTreeSet;

use rand::seq::IteratorRandom;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

/// After so long another pass is taken: the stay at a place is over.
const STAY_SECONDS: u64 = 4 * 3_600;
/// Passes whose showing is remembered.
const MAX_SHOWN: usize = 4_096;

/// Which pass is shown, and which were, since this machine was started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Current {
    /// Submission and place of the pass, and since when.
    shown: Option<(String, usize, UnixTime)>,
    used: BTreeSet<(String, usize)>,
}

impl Current {
    pub(super) fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The place of the pass to show of a bundle.
    pub(super) fn choose(
        &mut self,
        bundle: &str,
        places: &[usize],
        next: bool,
        now: UnixTime,
    ) -> Option<usize> {
        if let Some((of, place, since)) = &self.shown
            && !next
            && of == bundle
            && places.contains(place)
            && now.since(*since) < STAY_SECONDS
            && *since <= now
        {
            return Some(*place);
        }
        let before = self.shown.take().map(|(_, place, _)| place);
        let rng = &mut rand::rng();
        let unused = |place: &&usize| !self.used.contains(&(bundle.to_owned(), **place));
        // When all were shown: any but the last one.
        let place = places
            .iter()
            .filter(unused)
            .choose(rng)
            .or_else(|| places.iter().filter(|place| Some(**place) != before).choose(rng));
        let place = *place.or(places.first())?;
        if self.used.len() >= MAX_SHOWN {
            self.used.clear();
        }
        self.used.insert((bundle.to_owned(), place));
        self.shown = Some((bundle.to_owned(), place, now));
        Some(place)
    }

    /// The stay at a place is over: another pass is shown next.
    pub(super) fn end_stay(&mut self) {
        self.shown = None;
    }

    pub(super) fn unused(&self, bundle: &str, places: &[usize]) -> usize {
        places.iter().filter(|place| !self.used.contains(&(bundle.to_owned(), **place))).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixTime = UnixTime::from_secs(1_800_000_000);

    #[test]
    fn one_pass_for_one_stay_and_none_twice_until_all_were_shown() {
        let places: Vec<usize> = (0..12).collect();
        let mut current = Current::default();
        let mut seen = BTreeSet::new();
        for stay in 0..12 {
            let now = NOON.plus(stay * STAY_SECONDS);
            let place = current.choose("a", &places, false, now).unwrap();
            assert_eq!(current.choose("a", &places, false, now.plus(60)), Some(place));
            assert!(seen.insert(place), "{place} was shown before");
            assert_eq!(current.unused("a", &places), 11 - stay as usize);
        }
        let last = current.choose("a", &places, false, NOON.plus(11 * STAY_SECONDS)).unwrap();
        assert_ne!(current.choose("a", &places, true, NOON.plus(12 * STAY_SECONDS)), Some(last));
        assert_eq!(current.unused("b", &places), 12, "another bundle");
        assert_eq!(current.choose("a", &[], true, NOON), None);
        let bytes = serde_json::to_vec(&current).unwrap();
        assert_eq!(Current::read(&bytes), current);
        assert_eq!(Current::read(b"damaged"), Current::default());
    }

    #[test]
    fn a_clock_that_was_set_back_takes_another_pass() {
        let mut current = Current::default();
        let places = [0, 1];
        let first = current.choose("a", &places, false, NOON);
        assert_ne!(current.choose("a", &places, false, NOON.minus(1)), first);
    }
}
