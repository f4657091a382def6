//! Which keys are stored and when they came: what an upload is compared with before the database is asked.

use std::collections::HashMap;

use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{Interval, UnixTime};

/// As many bytes of a key as make chance meetings rare: among 20 million keys one pair meets in half of all
/// cases.
const PREFIX_BYTES: usize = 6;

/// Some 18 bytes for each key; whose first bytes another one has too is found under both of their times.
#[derive(Debug, Default)]
pub struct KnownKeys {
    /// The interval of arrival, modulo 2^16: 455 days.
    arrivals: HashMap<[u8; PREFIX_BYTES], [u8; 2]>,
    /// Further intervals of arrival of the rare keys that begin like another one.
    further: HashMap<[u8; PREFIX_BYTES], Vec<[u8; 2]>>,
}

impl KnownKeys {
    pub fn insert(&mut self, key: &[u8; KEY_BYTES], arrival: UnixTime) {
        let (prefix, arrival) = (prefix(key), short(arrival.interval()));
        let first = *self.arrivals.entry(prefix).or_insert(arrival);
        if first != arrival {
            let further = self.further.entry(prefix).or_default();
            if !further.contains(&arrival) {
                further.push(arrival);
            }
        }
    }

    /// The intervals in which a key may have come. None if it is not stored; if there are some, it is not sure
    /// that it is.
    pub fn arrivals(&self, key: &[u8; KEY_BYTES], now: UnixTime) -> Vec<Interval> {
        let prefix = prefix(key);
        let Some(first) = self.arrivals.get(&prefix) else { return Vec::new() };
        let further = self.further.get(&prefix).into_iter().flatten();
        std::iter::once(first).chain(further).map(|short| long(*short, now)).collect()
    }

    /// Forgets keys that came before `oldest`.
    pub fn forget_before(&mut self, oldest: UnixTime, now: UnixTime) {
        let oldest = oldest.interval();
        for further in self.further.values_mut() {
            further.retain(|arrival| long(*arrival, now) >= oldest);
        }
        self.further.retain(|_, arrivals| !arrivals.is_empty());
        let further = &self.further;
        self.arrivals.retain(|prefix, arrival| {
            long(*arrival, now) >= oldest || further.contains_key(prefix)
        });
        if self.arrivals.capacity() / 4 > self.arrivals.len() {
            self.arrivals.shrink_to_fit();
        }
    }
}

fn prefix(key: &[u8; KEY_BYTES]) -> [u8; PREFIX_BYTES] {
    let mut prefix = [0; PREFIX_BYTES];
    prefix.copy_from_slice(&key[..PREFIX_BYTES]);
    prefix
}

fn short(arrival: Interval) -> [u8; 2] {
    let [_, _, high, low] = arrival.number().to_be_bytes();
    [high, low]
}

/// The last interval up to an hour after `now` that has these low bits: clocks of several servers differ.
fn long(short: [u8; 2], now: UnixTime) -> Interval {
    let newest = now.plus(3_600).interval().number();
    let back = (newest as u16).wrapping_sub(u16::from_be_bytes(short));
    Interval::new(newest.saturating_sub(u32::from(back)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_600_000_200);

    fn key(first: u8, last: u8) -> [u8; KEY_BYTES] {
        let mut key = [first; KEY_BYTES];
        key[KEY_BYTES - 1] = last;
        key
    }

    #[test]
    fn a_key_is_found_under_its_arrival_until_it_is_forgotten() {
        let mut known = KnownKeys::default();
        let day = 86_400;
        let (old, new) = (NOW.minus(20 * day), NOW.minus(day));
        known.insert(&key(1, 0), old);
        known.insert(&key(2, 0), new);
        assert_eq!(known.arrivals(&key(1, 0), NOW), [old.interval()]);
        assert_eq!(known.arrivals(&key(2, 0), NOW), [new.interval()]);
        assert!(known.arrivals(&key(3, 0), NOW).is_empty());
        known.forget_before(NOW.minus(18 * day), NOW);
        assert!(known.arrivals(&key(1, 0), NOW).is_empty());
        assert_eq!(known.arrivals.len(), 1);
    }

    #[test]
    fn keys_that_begin_alike_are_found_under_both_times() {
        let mut known = KnownKeys::default();
        let earlier = NOW.minus(7_200);
        known.insert(&key(1, 0), earlier);
        known.insert(&key(1, 9), NOW);
        known.insert(&key(1, 9), NOW);
        assert_eq!(known.arrivals(&key(1, 9), NOW), [earlier.interval(), NOW.interval()]);
        known.forget_before(NOW.minus(3_600), NOW);
        assert_eq!(known.arrivals(&key(1, 9), NOW).last(), Some(&NOW.interval()));
        known.forget_before(NOW.plus(3_600), NOW.plus(3_600));
        assert_eq!(known.arrivals.len(), 0);
    }
}
