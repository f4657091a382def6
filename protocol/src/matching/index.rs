//! Heard identifiers by UTC day: two bitmaps that turn away nearly everything else, an exact
//! table behind them, and the intervals worth deriving at all.

use std::collections::BTreeMap;

use super::kernel::{BLOCK_BYTES, Block, PADDING_BLOCKS, Segment};
use super::matcher::Sighting;
use crate::diagnosis_key::DiagnosisKey;
use crate::exposure_key::identifier_plaintext;
use crate::identifier::IDENTIFIER_BYTES;
use crate::interval::{INTERVALS_PER_DAY, Interval, UtcDay};

/// 64-bit words of a bitmap: 32 KiB, the first-level cache of small processors.
const BITMAP_WORDS: usize = 4_096;
/// The exact table has at most 2 to the power of this many buckets a day.
const MAX_BUCKET_BITS: u32 = 14;

/// All days on which something was heard, in order.
#[derive(Debug)]
pub(super) struct Index {
    days: Vec<DayIndex>,
}

/// What was heard within the tolerance of one UTC day.
#[derive(Debug)]
pub(super) struct DayIndex {
    day: UtcDay,
    pub(super) filter: Filter,
    pub(super) plan: Plan,
    table: Table,
}

/// A heard identifier, once for each interval in which it was heard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    identifier: [u8; IDENTIFIER_BYTES],
    pub(super) interval: Interval,
    pub(super) sighting: u32,
}

impl Index {
    /// Goes over the sightings twice, so that nothing needs to be held beside the tables.
    pub(super) fn new(sightings: impl Iterator<Item = Sighting> + Clone, tolerance: u32) -> Self {
        let sightings = || sightings.clone().zip(0..=u32::MAX);
        let mut counts = BTreeMap::<UtcDay, usize>::new();
        for (sighted, _) in sightings() {
            for day in days_near(sighted.interval, tolerance) {
                *counts.entry(day).or_default() += 1;
            }
        }
        let mut days: Vec<(UtcDay, Vec<Entry>)> =
            counts.into_iter().map(|(day, count)| (day, Vec::with_capacity(count))).collect();
        for (Sighting { identifier, interval }, sighting) in sightings() {
            let entry = Entry { identifier: identifier.0, interval, sighting };
            for near in days_near(interval, tolerance) {
                if let Ok(slot) = days.binary_search_by_key(&near, |(day, _)| *day) {
                    days[slot].1.push(entry);
                }
            }
        }
        let index_day = |(day, entries)| DayIndex::new(day, entries, tolerance);
        Self { days: days.into_iter().map(index_day).collect() }
    }

    pub(super) fn days(&self) -> &[DayIndex] {
        &self.days
    }

    /// What has to be derived of `key`: the days, by their places in [`Index::days`], and which
    /// of their planned blocks. Nothing if nothing was heard near its intervals.
    pub(super) fn segments(&self, key: &DiagnosisKey) -> impl Iterator<Item = (usize, Segment)> {
        let (start, end) = (key.rolling_start, key.rolling_end());
        let first_day = self.days.partition_point(|index| index.day < start.day());
        self.days[first_day..]
            .iter()
            .enumerate()
            .take_while(move |(_, index)| index.day.first_interval() < end)
            .map(move |(slot, index)| (first_day + slot, index.segment(start, end)))
            .filter(|(_, segment)| !segment.is_empty())
    }
}

/// The days whose intervals a sighting can belong to.
fn days_near(interval: Interval, tolerance: u32) -> impl Iterator<Item = UtcDay> {
    let (first, last) = (interval.minus(tolerance).day(), interval.plus(tolerance).day());
    (first.number()..=last.number()).map(UtcDay::new)
}

impl DayIndex {
    fn new(day: UtcDay, entries: Vec<Entry>, tolerance: u32) -> Self {
        let mut filter = Filter::new();
        let mut wanted = [false; INTERVALS_PER_DAY as usize];
        let midnight = day.first_interval();
        let mut marked = None;
        for entry in &entries {
            filter.insert(&entry.identifier);
            if marked.replace(entry.interval) == Some(entry.interval) {
                continue;
            }
            let first = entry.interval.minus(tolerance).number().saturating_sub(midnight.number());
            let past = entry.interval.plus(tolerance).number() - midnight.number() + 1;
            wanted[first as usize..past.min(INTERVALS_PER_DAY) as usize].fill(true);
        }
        Self { day, filter, plan: Plan::new(day, &wanted), table: Table::new(entries) }
    }

    fn segment(&self, start: Interval, end: Interval) -> Segment {
        let midnight = self.day.first_interval().number();
        let offset = |at: Interval| at.number().saturating_sub(midnight).min(INTERVALS_PER_DAY);
        self.plan.segment(offset(start), offset(end))
    }

    /// For which interval the planned block at `position` makes an identifier.
    pub(super) fn interval(&self, position: u8) -> Interval {
        self.day.first_interval().plus(u32::from(self.plan.offsets[usize::from(position)]))
    }

    /// All entries of an identifier, by sighting.
    pub(super) fn find(&self, identifier: &[u8; IDENTIFIER_BYTES]) -> &[Entry] {
        self.table.find(identifier)
    }
}

/// Says of most identifiers that they were not heard: a bitmap on bytes 0 to 3 and a second on
/// bytes 4 to 7. What passes both must be looked up.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) first: Bitmap,
    second: Bitmap,
}

/// A bit for each value of 18 bits of a 32-bit word: the upper 12 choose the word of the bitmap
/// and the lower 6 its bit, which takes the fewest instructions.
#[derive(Debug)]
pub(super) struct Bitmap(Box<[u64; BITMAP_WORDS]>);

impl Bitmap {
    fn new() -> Self {
        Self(Box::new([0; BITMAP_WORDS]))
    }

    const fn slot(word: u32) -> usize {
        (word >> 20) as usize
    }

    fn insert(&mut self, word: u32) {
        self.0[Self::slot(word)] |= 1 << (word % 64);
    }

    /// 1 if the word may be in it, otherwise 0.
    #[inline(always)]
    pub(super) fn bit(&self, word: u32) -> u64 {
        self.0[Self::slot(word)] >> (word % 64) & 1
    }
}

impl Filter {
    fn new() -> Self {
        Self { first: Bitmap::new(), second: Bitmap::new() }
    }

    fn insert(&mut self, identifier: &[u8; IDENTIFIER_BYTES]) {
        self.first.insert(word(identifier, 0));
        self.second.insert(word(identifier, 4));
    }

    /// Whether bytes 4 to 7 may be of a heard identifier.
    #[inline(always)]
    pub(super) fn second_has(&self, identifier: &Block) -> bool {
        self.second.bit(word(identifier, 4)) != 0
    }
}

/// Four of an identifier's bytes.
#[inline(always)]
pub(super) const fn word(identifier: &Block, at: usize) -> u32 {
    let bytes = identifier;
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The intervals of a day that lie within the tolerance of any sighting, as the blocks whose
/// encryption gives their identifiers.
#[derive(Debug)]
pub(super) struct Plan {
    /// With [`PADDING_BLOCKS`] more than there are intervals, so that kernels can work in groups.
    pub(super) blocks: Vec<Block>,
    /// Interval of the day, for each of the blocks.
    offsets: Vec<u8>,
    /// How many planned intervals come before each interval of the day, and before its end.
    rank: [u8; INTERVALS_PER_DAY as usize + 1],
}

impl Plan {
    fn new(day: UtcDay, wanted: &[bool; INTERVALS_PER_DAY as usize]) -> Self {
        let mut plan = Self {
            blocks: Vec::new(),
            offsets: Vec::new(),
            rank: [0; INTERVALS_PER_DAY as usize + 1],
        };
        for (offset, wanted) in (0u8..).zip(wanted) {
            if *wanted {
                plan.offsets.push(offset);
                let interval = day.first_interval().plus(u32::from(offset));
                plan.blocks.push(identifier_plaintext(interval));
            }
            plan.rank[usize::from(offset) + 1] = plan.offsets.len() as u8;
        }
        plan.blocks.extend([[0; BLOCK_BYTES]; PADDING_BLOCKS]);
        plan
    }

    fn segment(&self, first: u32, past: u32) -> Segment {
        Segment { from: self.rank[first as usize], to: self.rank[past as usize] }
    }
}

/// Entries by identifier, sorted by counting.
#[derive(Debug)]
struct Table {
    shift: u32,
    /// Where each bucket begins in `entries`, and where the last one ends.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Table {
    fn new(unsorted: Vec<Entry>) -> Self {
        let bits = unsorted.len().checked_ilog2().unwrap_or(0).clamp(1, MAX_BUCKET_BITS);
        let shift = u32::BITS - bits;
        let bucket = |entry: &Entry| (word(&entry.identifier, 8) >> shift) as usize;
        let mut starts = vec![0u32; (1 << bits) + 1];
        for entry in &unsorted {
            starts[bucket(entry) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut entries = unsorted.clone();
        for entry in unsorted {
            let place = &mut next[bucket(&entry)];
            entries[*place as usize] = entry;
            *place += 1;
        }
        for bounds in starts.windows(2) {
            let bucket = &mut entries[bounds[0] as usize..bounds[1] as usize];
            // However many somebody puts into one bucket: match stays quick.
            bucket.sort_unstable_by_key(|entry| (entry.identifier, entry.sighting));
        }
        Self { shift, starts, entries }
    }

    fn find(&self, identifier: &[u8; IDENTIFIER_BYTES]) -> &[Entry] {
        let bucket = (word(identifier, 8) >> self.shift) as usize;
        let bounds = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        let candidates = &self.entries[bounds];
        let first = candidates.partition_point(|entry| entry.identifier < *identifier);
        let same = candidates[first..].partition_point(|entry| entry.identifier == *identifier);
        &candidates[first..first + same]
    }
}
