//! How the keys of a batch are divided among its files: by their first bytes, into parts of one size.

use std::ops::Range;

use vungxanh_protocol::exposure_key::KEY_BYTES;

/// The first two bytes of a key; 65,536 is the end.
pub type Bucket = u32;

const BUCKETS: usize = 1 << 16;

/// Counts keys by their first bytes, then divides them.
#[derive(Debug, Clone)]
pub struct FileShares {
    counts: Vec<u32>,
    total: u64,
    /// Where each file ends.
    ends: Vec<Bucket>,
}

impl Default for FileShares {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0, ends: Vec::new() }
    }
}

impl FileShares {
    pub fn bucket(key: &[u8; KEY_BYTES]) -> Bucket {
        Bucket::from(u16::from_be_bytes([key[0], key[1]]))
    }

    pub fn count(&mut self, key: &[u8; KEY_BYTES]) {
        if let Some(count) = self.counts.get_mut(Self::bucket(key) as usize) {
            *count = count.saturating_add(1);
        }
        self.total += 1;
    }

    /// As many files as are needed for at most `max` keys each, of about one size: none has only a few keys
    /// because the limit was missed narrowly. Keys with the same two bytes stay together.
    pub fn divide(&mut self, max: u32) {
        let max = u64::from(max.max(1));
        let mut files = self.total.div_ceil(max);
        while files > 0 {
            self.ends = self.ends_of(files);
            // Chance, or an upload of chosen keys, can make parts uneven.
            if self.largest() <= max || files >= BUCKETS as u64 {
                return;
            }
            files += 1;
        }
    }

    fn ends_of(&self, files: u64) -> Vec<Bucket> {
        let mut ends = Vec::new();
        let mut before = 0;
        for (bucket, count) in (0..).zip(&self.counts) {
            before += u64::from(*count);
            // The part of this bucket's last key.
            let done = before * files / self.total.max(1);
            if *count > 0 && done > ends.len() as u64 {
                ends.resize(usize::try_from(done).unwrap_or(BUCKETS), bucket + 1);
            }
        }
        ends.dedup();
        ends
    }

    fn largest(&self) -> u64 {
        let ranges = self.ranges();
        let size = |range: &Range<Bucket>| {
            let counts = self.counts.get(range.start as usize..range.end as usize);
            counts.unwrap_or_default().iter().map(|count| u64::from(*count)).sum::<u64>()
        };
        ranges.iter().map(size).max().unwrap_or_default()
    }

    fn ranges(&self) -> Vec<Range<Bucket>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter().copied()).map(|(start, end)| start..end).collect()
    }

    /// The first bytes of each file's keys. At least one file if `even_empty`.
    pub fn files(&self, even_empty: bool) -> Vec<Range<Bucket>> {
        let mut ranges = self.ranges();
        if let Some(last) = ranges.last_mut() {
            last.end = BUCKETS as Bucket;
        } else if even_empty {
            ranges.push(0..BUCKETS as Bucket);
        }
        ranges
    }

    /// Where the keys of a file begin and, unless they are the last, what comes after them.
    pub fn bounds(buckets: &Range<Bucket>) -> (Vec<u8>, Option<Vec<u8>>) {
        let [_, _, start @ ..] = buckets.start.to_be_bytes();
        let end = u16::try_from(buckets.end).ok().map(|end| end.to_be_bytes().to_vec());
        (start.to_vec(), end)
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn divided(keys: &[[u8; KEY_BYTES]], max: u32) -> Vec<usize> {
        let mut shares = FileShares::default();
        for key in keys {
            shares.count(key);
        }
        shares.divide(max);
        let files = shares.files(false);
        let sizes: Vec<usize> = files
            .iter()
            .map(|file| keys.iter().filter(|key| file.contains(&FileShares::bucket(key))).count())
            .collect();
        assert_eq!(sizes.iter().sum::<usize>(), keys.len(), "each key in one file");
        sizes
    }

    fn keys(count: usize) -> Vec<[u8; KEY_BYTES]> {
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        (0..count).map(|_| rng.random()).collect()
    }

    #[test]
    fn files_are_as_few_as_the_limit_allows_and_of_one_size() {
        assert!(divided(&[], 10).is_empty());
        assert_eq!(divided(&keys(1), 10), [1]);
        assert_eq!(divided(&keys(10), 10), [10]);
        assert_eq!(divided(&keys(11), 10), [6, 5]);
        let sizes = divided(&keys(100_001), 50_000);
        assert_eq!(sizes.len(), 3, "{sizes:?}");
        assert!(sizes.iter().all(|size| (33_300..33_400).contains(size)), "{sizes:?}");
    }

    #[test]
    fn a_limit_that_is_just_reached_is_not_exceeded() {
        for count in [99_990, 99_999, 100_000] {
            let sizes = divided(&keys(count), 50_000);
            assert!(sizes.iter().all(|size| (25_000..=50_000).contains(size)), "{sizes:?}");
        }
    }

    #[test]
    fn chosen_keys_make_one_large_file_at_worst() {
        let mut chosen = keys(50);
        for key in &mut chosen {
            key[..2].fill(7);
        }
        assert_eq!(divided(&chosen, 10), [50]);
    }

    #[test]
    fn without_keys_there_is_a_file_only_for_revisions() {
        let mut shares = FileShares::default();
        shares.divide(10);
        assert!(shares.files(false).is_empty());
        assert_eq!(shares.files(true).first(), Some(&(0..65_536)));
        assert_eq!(FileShares::bounds(&(0..65_536)), (vec![0, 0], None));
        assert_eq!(FileShares::bounds(&(256..513)), (vec![1, 0], Some(vec![2, 1])));
    }
}
