//! Batches that come in several files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::header::ExportHeader;
use crate::interval::UnixTime;

/// A batch of which files are missing: its keys cannot be relied upon to be all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncompleteBatch {
    /// Begin of the batch's window.
    pub start: UnixTime,
    /// Its end.
    pub end: UnixTime,
    /// Its region.
    pub region: String,
    /// How many files it has.
    pub batch_size: u32,
    /// Which are missing.
    pub missing: Vec<RangeInclusive<u32>>,
}

impl std::fmt::Display for IncompleteBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { start, end, region, batch_size, .. } = self;
        write!(f, "batch {start}-{end} of region \"{region}\" has {batch_size} files; missing:")?;
        for (i, range) in self.missing.iter().enumerate() {
            f.write_str(if i == 0 { " " } else { ", " })?;
            if range.start() == range.end() {
                write!(f, "{}", range.start())?;
            } else {
                write!(f, "{} to {}", range.start(), range.end())?;
            }
        }
        Ok(())
    }
}

/// The batches of which not every file 1..=`batch_size` is there. A batch is what has the same
/// window, region and size; files that are there twice count once.
pub fn check_batches<'a>(
    headers: impl IntoIterator<Item = &'a ExportHeader>,
) -> Vec<IncompleteBatch> {
    let mut batches: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
    for header in headers {
        let id = (header.start, header.end, header.region.as_str(), header.batch_size);
        batches.entry(id).or_default().insert(header.batch_num);
    }
    batches
        .into_iter()
        .filter_map(|((start, end, region, batch_size), present)| {
            let missing = gaps(&present, batch_size);
            (!missing.is_empty()).then(|| IncompleteBatch {
                start,
                end,
                region: region.to_owned(),
                batch_size,
                missing,
            })
        })
        .collect()
}

/// The ranges of 1..=`last` that are not `present`.
fn gaps(present: &BTreeSet<u32>, last: u32) -> Vec<RangeInclusive<u32>> {
    let mut gaps = Vec::new();
    let mut next = 1;
    for &number in present.range(1..=last) {
        if number > next {
            gaps.push(next..=number - 1);
        }
        next = number + 1;
    }
    if next <= last {
        gaps.push(next..=last);
    }
    gaps
}
