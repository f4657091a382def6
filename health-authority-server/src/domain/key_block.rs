//! Many keys in one row of the database, in ascending order.

use rand::seq::index::sample;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};

use super::release::TimedKey;

/// A key: its bytes, rolling start (4), rolling period, report type, days since onset, transmission risk
/// (1 each), start of the period in which it came (8), time of release (8); numbers are big-endian.
pub const ENTRY_BYTES: usize = KEY_BYTES + 24;
/// A block with so many keys takes no more.
pub const FULL_BLOCK_KEYS: usize = 4_096;
/// So many keys of a full block begin the next one, so that no upload's keys ever are there alone.
const MIXED_KEYS: usize = 512;
/// Days since onset that are not known.
const NO_ONSET: i8 = i8::MIN;

/// Keys in ascending order, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyBlock(Vec<TimedKey>);

impl KeyBlock {
    /// Of several entries for a key the first is taken.
    pub fn new(mut keys: Vec<TimedKey>) -> Self {
        keys.sort_by_key(|timed| timed.key.key);
        keys.dedup_by_key(|timed| timed.key.key);
        Self(keys)
    }

    pub fn keys(&self) -> &[TimedKey] {
        &self.0
    }

    pub fn into_keys(self) -> Vec<TimedKey> {
        self.0
    }

    pub fn find(&self, key: &[u8; KEY_BYTES]) -> Option<&TimedKey> {
        let at = self.0.binary_search_by_key(key, |timed| timed.key.key).ok()?;
        self.0.get(at)
    }

    /// Adds keys of the same period.
    pub fn merge(&mut self, keys: &[TimedKey]) {
        let mut all = std::mem::take(&mut self.0);
        all.extend_from_slice(keys);
        *self = Self::new(all);
    }

    /// The beginning of another block, if this one is full: some of its keys, drawn at random.
    pub fn split_if_full(&mut self, rng: &mut impl rand::Rng) -> Option<Self> {
        if self.0.len() < FULL_BLOCK_KEYS {
            return None;
        }
        let mut chosen = vec![false; self.0.len()];
        for index in sample(rng, self.0.len(), MIXED_KEYS) {
            if let Some(chosen) = chosen.get_mut(index) {
                *chosen = true;
            }
        }
        let mut chosen = chosen.into_iter();
        let (taken, left) = self.0.iter().partition(|_| chosen.next() == Some(true));
        self.0 = left;
        Some(Self(taken))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&self.0)
    }

    /// `None` for bytes that [`Self::to_bytes`] does not make.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (entries, []) = bytes.as_chunks::<ENTRY_BYTES>() else { return None };
        let keys: Vec<TimedKey> = entries.iter().map(read_entry).collect::<Option<_>>()?;
        keys.is_sorted_by(|one, next| one.key.key < next.key.key).then_some(Self(keys))
    }
}

/// The bytes of keys that are in ascending order already.
pub fn encode(keys: &[TimedKey]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(keys.len() * ENTRY_BYTES);
    for TimedKey { key, received_window, release_at } in keys {
        // Uploads are checked before: each of these fits its byte.
        let days = key.days_since_onset.and_then(|days| i8::try_from(days).ok());
        bytes.extend_from_slice(&key.key);
        bytes.extend_from_slice(&key.rolling_start.number().to_be_bytes());
        bytes.push(u8::try_from(key.rolling_period.intervals()).unwrap_or(u8::MAX));
        bytes.push(key.report_type as u8);
        bytes.extend_from_slice(&days.unwrap_or(NO_ONSET).to_be_bytes());
        bytes.push(u8::try_from(key.transmission_risk).unwrap_or_default());
        bytes.extend_from_slice(&received_window.as_secs().to_be_bytes());
        bytes.extend_from_slice(&release_at.as_secs().to_be_bytes());
    }
    bytes
}

fn read_entry(entry: &[u8; ENTRY_BYTES]) -> Option<TimedKey> {
    let (key, rest) = entry.split_first_chunk::<KEY_BYTES>()?;
    let (rolling_start, rest) = rest.split_first_chunk::<4>()?;
    let (&[rolling_period, report_type, days, risk], rest) = rest.split_first_chunk::<4>()?;
    let (received_window, rest) = rest.split_first_chunk::<8>()?;
    let (release_at, []) = rest.split_first_chunk::<8>()? else { return None };
    let days = i8::from_be_bytes([days]);
    Some(TimedKey {
        key: DiagnosisKey {
            key: *key,
            rolling_start: Interval::new(u32::from_be_bytes(*rolling_start)),
            rolling_period: RollingPeriod::new(rolling_period.into()).ok()?,
            report_type: ReportType::from_number(report_type.into())?,
            days_since_onset: (days != NO_ONSET).then_some(days.into()),
            transmission_risk: risk.into(),
        },
        received_window: UnixTime::from_secs(u64::from_be_bytes(*received_window)),
        release_at: UnixTime::from_secs(u64::from_be_bytes(*release_at)),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::release::ReleaseRule;

    const NOW: UnixTime = UnixTime::from_secs(1_600_000_000);

    fn timed(number: u32) -> TimedKey {
        let mut key = [0; KEY_BYTES];
        key[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        let key = DiagnosisKey {
            key,
            rolling_start: Interval::new(2_600_000 + number % 144),
            rolling_period: RollingPeriod::DAY,
            report_type: ReportType::ClinicalDiagnosis,
            days_since_onset: (!number.is_multiple_of(3)).then_some(-7),
            transmission_risk: 8,
        };
        ReleaseRule::new(3_600, false).apply(key, NOW)
    }

    #[test]
    fn a_block_reads_back_as_it_was_in_ascending_order() {
        let mut block = KeyBlock::default();
        assert_eq!(KeyBlock::from_bytes(&block.to_bytes()), Some(block.clone()));
        block.merge(&[timed(3), timed(1)]);
        block.merge(&[timed(2), timed(3)]);
        let bytes = block.to_bytes();
        assert_eq!(bytes.len(), 3 * ENTRY_BYTES);
        assert_eq!(KeyBlock::from_bytes(&bytes), Some(block.clone()));
        assert!(block.keys().is_sorted_by_key(|timed| timed.key.key));
        assert_eq!(block.find(&timed(2).key.key), Some(&timed(2)));
        assert_eq!(block.find(&timed(4).key.key), None);

        let mut unsorted = bytes.clone();
        unsorted.rotate_left(ENTRY_BYTES);
        assert_eq!(KeyBlock::from_bytes(&unsorted), None);
        assert_eq!(KeyBlock::from_bytes(&bytes.repeat(2)), None, "a key twice");
        assert_eq!(KeyBlock::from_bytes(&bytes[1..]), None);
        let mut other_type = bytes;
        other_type[21] = 99;
        assert_eq!(KeyBlock::from_bytes(&other_type), None);
    }

    #[test]
    fn a_full_block_gives_some_of_its_keys_to_the_next_and_loses_none() {
        let mut block = KeyBlock::new((0..4_095).map(timed).collect());
        assert_eq!(block.split_if_full(&mut rand::rng()), None);
        block.merge(&[timed(4_095)]);
        let next = block.split_if_full(&mut rand::rng()).unwrap();
        assert_eq!((block.keys().len(), next.keys().len()), (3_584, 512));
        let all: BTreeSet<_> = block.keys().iter().chain(next.keys()).map(|k| k.key.key).collect();
        assert_eq!(all.len(), 4_096);
        assert!(next.keys().is_sorted_by_key(|timed| timed.key.key));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(block) = KeyBlock::from_bytes(&bytes) {
                prop_assert_eq!(block.to_bytes(), bytes);
            }
        }
    }
}
