//! Keys by the days for which something has to be derived of them.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::index::Index;
use super::kernel::{Candidate, Kernel, Task};
use super::matcher::Match;
use crate::diagnosis_key::DiagnosisKey;

/// Keys that a kernel is handed at once: their tasks stay in the first-level cache, and there are
/// enough pieces for all threads.
const PIECE: usize = 256;

/// A match of the key at a place among those handed in.
pub(super) type MatchOfKey = (u32, Match);

/// The tasks of a batch, by day.
struct Buckets {
    tasks: Vec<Task>,
    /// Where each day's tasks end, by the day's place in the index.
    ends: Vec<usize>,
}

impl Buckets {
    /// Sorts by counting. Keys that need no derivation are gone after this.
    fn new(index: &Index, keys: &[DiagnosisKey]) -> Self {
        let mut ends = vec![0; index.days().len()];
        let mut unsorted = Vec::with_capacity(keys.len());
        for (place, key) in (0..).zip(keys) {
            for (day, segment) in index.segments(key) {
                ends[day] += 1;
                unsorted.push((day as u32, Task { key: key.key, index: place, segment }));
            }
        }
        let mut before = 0;
        for end in &mut ends {
            before += std::mem::replace(end, before);
        }
        let nothing = unsorted.first().map(|(_, task)| *task);
        let mut tasks = nothing.map_or_else(Vec::new, |task| vec![task; unsorted.len()]);
        for (day, task) in unsorted {
            let next = &mut ends[day as usize];
            tasks[*next] = task;
            *next += 1;
        }
        Self { tasks, ends }
    }

    /// Runs of tasks of one day each: the day's place and the tasks.
    fn pieces(&self) -> impl Iterator<Item = (usize, &[Task])> {
        let mut begin = 0;
        self.ends.iter().enumerate().flat_map(move |(day, end)| {
            let tasks = &self.tasks[std::mem::replace(&mut begin, *end)..*end];
            tasks.chunks(PIECE).map(move |piece| (day, piece))
        })
    }
}

/// All matches of `keys`, by key, derived interval and sighting.
pub(super) fn match_all(
    kernel: Kernel,
    index: &Index,
    tolerance: u32,
    keys: &[DiagnosisKey],
    threads: NonZero<usize>,
) -> Vec<MatchOfKey> {
    let buckets = Buckets::new(index, keys);
    let pieces: Vec<(usize, &[Task])> = buckets.pieces().collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut candidates, mut found) = (Vec::new(), Vec::new());
        while let Some((day, tasks)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let day = &index.days()[*day];
            kernel.probe(day, tasks, &mut candidates);
            for candidate in candidates.drain(..) {
                confirm(day, &candidate, tolerance, &mut found);
            }
        }
        found
    };
    let helpers = threads.get().min(pieces.len()).saturating_sub(1);
    let mut found = thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(work)).collect();
        let mut found = work();
        for helper in helpers {
            match helper.join() {
                Ok(more) => found.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    });
    found.sort_unstable_by_key(|(key, found)| (*key, found.derived, found.sighting));
    found
}

/// Looks a candidate up, and compares the times.
fn confirm(
    day: &super::index::DayIndex,
    candidate: &Candidate,
    tolerance: u32,
    found: &mut Vec<MatchOfKey>,
) {
    let heard = day.find(&candidate.identifier);
    if heard.is_empty() {
        return;
    }
    let derived = day.interval(candidate.position);
    for entry in heard.iter().filter(|entry| entry.interval.distance(derived) <= tolerance) {
        found.push((candidate.key, Match { derived, sighting: entry.sighting as usize }));
    }
}
