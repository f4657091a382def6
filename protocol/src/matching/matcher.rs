//! The matcher: heard identifiers once, keys in batches.

use std::num::NonZero;

use super::batch;
use super::index::Index;
use super::kernel::Kernel;
use crate::diagnosis_key::DiagnosisKey;
use crate::identifier::RollingProximityIdentifier;
use crate::interval::{INTERVALS_PER_DAY, Interval};

/// The largest clock tolerance in intervals, a day. More makes no sense for keys that live a day
/// at most, and is taken as this.
pub const MAX_CLOCK_TOLERANCE: u32 = INTERVALS_PER_DAY;

/// An identifier heard in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
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
    index: Index,
    tolerance: u32,
    kernel: Kernel,
}

impl Matcher {
    /// Takes the sightings, at most 2^32. A match counts when sighting and derived interval are at
    /// most `tolerance` intervals apart (12 in Google's reference matcher: two hours either way).
    /// Takes some 25 bytes a sighting and 64 KiB a day on which there are any.
    pub fn new<S>(sightings: S, tolerance: u32) -> Self
    where
        S: IntoIterator<Item = Sighting, IntoIter: Clone>,
    {
        let tolerance = tolerance.min(MAX_CLOCK_TOLERANCE);
        let index = Index::new(sightings.into_iter(), tolerance);
        Self { index, tolerance, kernel: Kernel::fastest() }
    }

    /// The same on other instructions.
    #[must_use]
    pub const fn with_kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    /// Hands every match of `key` to `found`, by derived interval.
    pub fn match_key(&self, key: &DiagnosisKey, mut found: impl FnMut(Match)) {
        self.match_batch(std::slice::from_ref(key), NonZero::<usize>::MIN, |_, matched| {
            found(matched);
        });
    }

    /// Hands every match of `keys`, at most 2^32, to `found`: the key's place among them and the
    /// match; by key, derived interval and sighting. Works on `threads` threads. Some thousands of
    /// keys at once are worth while; memory grows with their number and that of the matches.
    pub fn match_batch(
        &self,
        keys: &[DiagnosisKey],
        threads: NonZero<usize>,
        mut found: impl FnMut(usize, Match),
    ) {
        let all = batch::match_all(self.kernel, &self.index, self.tolerance, keys, threads);
        for (key, matched) in all {
            found(key as usize, matched);
        }
    }
}
