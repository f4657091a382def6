//! What is done when: each act from a random source of its own, so that leaving one out changes no other.

use std::time::Duration;

use clap::ValueEnum;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

/// Something that a device, a cache, a browser or staff do. Each takes one or more requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A code from staff, and the three requests of a publication
    Case,
    /// The three requests of a dummy upload
    LookAlike,
    /// A cache asks whether document and lists have changed, and for new files
    CacheRefresh,
    /// A device fetches document, lists and new files
    DeviceFetch,
    /// The check-in page; one browser in five has none of its files yet
    CheckIn,
    /// The page of declarations and a declaration with 24 passes
    Declaration,
    /// A venue registers and confirms its telephone
    Registration,
    /// Staff log in, look at the venues that wait, and log out
    Login,
}

impl Act {
    pub const ALL: [Self; 8] = [
        Self::Case,
        Self::LookAlike,
        Self::CacheRefresh,
        Self::DeviceFetch,
        Self::CheckIn,
        Self::Declaration,
        Self::Registration,
        Self::Login,
    ];

    /// Requests of one, at most on average; for bounds.
    pub(super) const fn requests(self) -> u64 {
        match self {
            Self::Case => 4,
            Self::LookAlike => 3,
            Self::CacheRefresh => 4,
            Self::DeviceFetch => 6,
            Self::CheckIn => 3,
            Self::Declaration => 2,
            Self::Registration => 3,
            Self::Login => 4,
        }
    }

    /// How often it happens in each local hour, in relation to the others. Devices and caches do not
    /// sleep; people do. The peak hour of people has 1.7 times the average.
    const fn hours(self) -> [u32; 24] {
        match self {
            Self::LookAlike | Self::CacheRefresh | Self::DeviceFetch => [1; 24],
            Self::Case | Self::CheckIn | Self::Declaration | Self::Registration | Self::Login => {
                [1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 10, 10, 8, 8, 9, 9, 9, 9, 8, 7, 6, 4, 2, 1]
            }
        }
    }

    /// Its place among the acts, which separates its random source from those of others.
    fn index(self) -> u64 {
        Self::ALL.iter().position(|act| *act == self).unwrap_or_default() as u64
    }

    /// Its random source. `part` separates times from contents.
    pub(super) fn rng(self, seed: u64, part: u64, number: u64) -> StdRng {
        let mut bytes = [0; 32];
        let words = [seed, self.index(), part, number];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        StdRng::from_seed(bytes)
    }
}

/// One act at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// After the beginning.
    pub(super) due: Duration,
    pub(super) act: Act,
    /// Which of its kind it is, from 0.
    pub(super) number: u64,
}

/// A day of `counts` in its shape, in `length`.
pub(super) fn day(counts: &[(Act, u64)], length: Duration, seed: u64) -> Vec<Event> {
    spread(counts, seed, |act, rng| {
        let hours = act.hours();
        let mut drawn = rng.random_range(0..hours.iter().sum::<u32>());
        let hour = hours.iter().take_while(|weight| match drawn.checked_sub(**weight) {
            Some(rest) => {
                drawn = rest;
                true
            }
            None => false,
        });
        length.mul_f64((hour.count() as f64 + rng.random::<f64>()) / 24.0)
    })
}

/// The same counts at a constant rate.
pub(super) fn steady(counts: &[(Act, u64)], length: Duration, seed: u64) -> Vec<Event> {
    spread(counts, seed, |_, rng| length.mul_f64(rng.random::<f64>()))
}

fn spread(
    counts: &[(Act, u64)],
    seed: u64,
    mut at: impl FnMut(Act, &mut StdRng) -> Duration,
) -> Vec<Event> {
    let mut events = Vec::new();
    for (act, count) in counts {
        let mut rng = act.rng(seed, 0, 0);
        let mut times: Vec<Duration> = (0..*count).map(|_| at(*act, &mut rng)).collect();
        times.sort_unstable();
        events.extend((0..).zip(times).map(|(number, due)| Event { due, act: *act, number }));
    }
    events.sort_by_key(|event| event.due);
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(240);

    #[test]
    fn a_day_has_exactly_what_was_ordered_in_its_shape() {
        let counts = [(Act::CheckIn, 10_000), (Act::LookAlike, 5_000)];
        let events = day(&counts, LENGTH, 7);
        assert_eq!(events.len(), 15_000);
        assert!(events.is_sorted_by_key(|event| event.due) && events[14_999].due <= LENGTH);
        let in_hour = |act, hour: u64| {
            events.iter().filter(|one| one.act == act && one.due.as_secs() / 10 == hour).count()
        };
        // 10 and 1 of 139 parts.
        assert!((600..850).contains(&in_hour(Act::CheckIn, 9)));
        assert!((40..110).contains(&in_hour(Act::CheckIn, 2)));
        assert!((150..270).contains(&in_hour(Act::LookAlike, 2)));
    }

    #[test]
    fn leaving_one_act_out_changes_no_other() {
        let of = |counts: &[(Act, u64)]| -> Vec<Event> {
            let events = day(counts, LENGTH, 7).into_iter();
            events.filter(|event| event.act == Act::CheckIn).collect()
        };
        let alone = of(&[(Act::CheckIn, 100)]);
        assert_eq!(alone, of(&[(Act::Case, 50), (Act::CheckIn, 100)]));
        assert_ne!(alone, day(&[(Act::CheckIn, 100)], LENGTH, 8));
    }
}
