//! What scan windows heard lately: a short memory of which identifiers were there before, and
//! which metadata each had first.

use std::collections::HashMap;

use rand::seq::SliceRandom;

use crate::identifier::RollingProximityIdentifier;
use crate::interval::UnixTime;
use crate::metadata::EncryptedMetadata;

/// Seconds for which a device remembers what it heard: longer than an identifier is on the air
/// (15 minutes at most), plus a gap between two windows.
pub const MEMORY_SECONDS: u64 = 1_200;
/// Identifiers that are remembered at most.
pub const MAX_REMEMBERED: usize = 32_768;
/// Metadata that are remembered of one identifier: those heard first.
pub const FIRST_METADATA: usize = 2;

/// Identifiers of the last [`MEMORY_SECONDS`], in memory only.
#[derive(Debug, Default)]
pub struct RecentlyHeard {
    identifiers: HashMap<RollingProximityIdentifier, Memory>,
}

#[derive(Debug)]
struct Memory {
    last: UnixTime,
    several_windows: bool,
    first: Vec<EncryptedMetadata>,
}

impl RecentlyHeard {
    /// Whether an earlier window heard `identifier`.
    pub fn knows(&self, identifier: &RollingProximityIdentifier) -> bool {
        self.identifiers.contains_key(identifier)
    }

    /// The metadata that `identifier` had first, at most [`FIRST_METADATA`].
    pub fn first_metadata(&self, identifier: &RollingProximityIdentifier) -> &[EncryptedMetadata] {
        self.identifiers.get(identifier).map_or(&[], |memory| &memory.first)
    }

    /// Forgets what is older than [`MEMORY_SECONDS`] at `now`, or of a time to come (the clock was
    /// set back).
    pub(crate) fn forget_old(&mut self, now: UnixTime) {
        self.identifiers
            .retain(|_, heard| heard.last <= now && now.since(heard.last) <= MEMORY_SECONDS);
    }

    /// Remembers that a window at `now` heard `identifier`, with `metadata` in the order in which
    /// they were first received.
    pub(crate) fn note(
        &mut self,
        identifier: RollingProximityIdentifier,
        now: UnixTime,
        metadata: impl IntoIterator<Item = EncryptedMetadata>,
    ) {
        let known = self.knows(&identifier);
        let memory = self.identifiers.entry(identifier).or_insert_with(|| Memory {
            last: now,
            several_windows: false,
            first: Vec::new(),
        });
        memory.last = now;
        memory.several_windows |= known;
        for one in metadata {
            if memory.first.len() >= FIRST_METADATA {
                break;
            }
            if !memory.first.contains(&one) {
                memory.first.push(one);
            }
        }
    }

    /// Keeps the memory within [`MAX_REMEMBERED`]: identifiers of one window give way first, drawn
    /// at random.
    pub(crate) fn shrink(&mut self, rng: &mut impl rand::Rng) {
        for several_too in [false, true] {
            let Some(excess) = self.identifiers.len().checked_sub(MAX_REMEMBERED + 1) else {
                return;
            };
            let mut candidates: Vec<_> = (self.identifiers.iter())
                .filter(|(_, memory)| several_too || !memory.several_windows)
                .map(|(identifier, _)| *identifier)
                .collect();
            candidates.sort_unstable();
            candidates.shuffle(rng);
            for identifier in candidates.iter().take(excess + 1) {
                self.identifiers.remove(identifier);
            }
        }
    }
}
