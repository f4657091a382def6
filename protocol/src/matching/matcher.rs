//! The matcher: derives every identifier of a key and looks it up among the heard ones.

use std::collections::HashMap;

use crate::diagnosis_key::DiagnosisKey;
use crate::exposure_key::{IdentifierKey, RollingProximityIdentifier};
use crate::interval::Interval;

/// An identifier heard in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighted {
    /// What was heard.
    pub identifier: RollingProximityIdentifier,
    /// When.
    pub interval: Interval,
}

/// A key made an identifier that was heard in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The interval for which the key made the identifier.
    pub derived: Interval,
    /// Which of the sightings handed to [`Matcher::new`].
    pub sighting: usize,
}

/// Heard identifiers, ready to be matched against any number of keys.
#[derive(Debug)]
pub struct Matcher {
    by_identifier: HashMap<RollingProximityIdentifier, Vec<(Interval, usize)>>,
    earliest: Interval,
    latest: Interval,
    tolerance: u32,
}

impl Matcher {
    /// Takes the sightings. A match counts when sighting and derived interval are at most
    /// `tolerance` intervals apart (12 in Google's reference matcher: two hours either way).
    pub fn new(sightings: impl IntoIterator<Item = Sighted>, tolerance: u32) -> Self {
        let mut matcher = Self {
            by_identifier: HashMap::new(),
            earliest: Interval::new(u32::MAX),
            latest: Interval::new(0),
            tolerance,
        };
        for (index, sighted) in sightings.into_iter().enumerate() {
            matcher.earliest = matcher.earliest.min(sighted.interval);
            matcher.latest = matcher.latest.max(sighted.interval);
            matcher
                .by_identifier
                .entry(sighted.identifier)
                .or_default()
                .push((sighted.interval, index));
        }
        matcher
    }

    /// Hands every match of `key` to `found`, by derived interval.
    pub fn match_key(&self, key: &DiagnosisKey, mut found: impl FnMut(Match)) {
        let first = key.rolling_start.max(self.earliest.minus(self.tolerance));
        let end = key.rolling_end().min(self.latest.plus(self.tolerance).plus(1));
        if first >= end {
            return;
        }
        let identifiers = IdentifierKey::from_key(&key.key);
        for derived in (first.number()..end.number()).map(Interval::new) {
            let Some(heard) = self.by_identifier.get(&identifiers.identifier(derived)) else {
                continue;
            };
            for &(interval, sighting) in heard {
                if interval.distance(derived) <= self.tolerance {
                    found(Match { derived, sighting });
                }
            }
        }
    }
}
