//! What really happened: who was how near to whom, for how long.

use std::collections::BTreeMap;

use vungxanh_protocol::interval::{Interval, UnixTime};

use super::{STEP_SECONDS, Spot};

/// Distances by which time is counted, in metres: a pair's time within each.
pub const WITHIN_M: [f64; 2] = [1.0, 2.0];

/// Nearness of all pairs. Walls do not count as distance, and people in different buildings are
/// not near.
#[derive(Debug, Clone)]
pub struct Truth {
    people: usize,
    /// Seconds within each of [`WITHIN_M`], by pair (smaller number first) and interval.
    near: BTreeMap<(usize, usize, Interval), [u32; 2]>,
    /// The least distance ever, whatever was in between.
    nearest_m: Vec<f64>,
}

impl Truth {
    pub(super) fn new(people: usize) -> Self {
        Self { people, near: BTreeMap::new(), nearest_m: vec![f64::INFINITY; people * people] }
    }

    pub(super) fn observe(&mut self, now: UnixTime, spots: &[Spot]) {
        for a in 0..self.people {
            for b in a + 1..self.people {
                let distance_m = spots[a].distance_m(spots[b]);
                let nearest_m = &mut self.nearest_m[a * self.people + b];
                *nearest_m = nearest_m.min(distance_m);
                if distance_m <= WITHIN_M[1] && spots[a].building == spots[b].building {
                    let seconds = self.near.entry((a, b, now.interval())).or_default();
                    for (within, seconds) in WITHIN_M.iter().zip(seconds) {
                        *seconds += if distance_m <= *within { STEP_SECONDS as u32 } else { 0 };
                    }
                }
            }
        }
    }

    /// Seconds that two people spent within 1 m and within 2 m of each other in an interval.
    pub fn seconds_near(&self, a: usize, b: usize, interval: Interval) -> [u32; 2] {
        self.near.get(&(a.min(b), a.max(b), interval)).copied().unwrap_or_default()
    }

    /// The least distance between two people in metres.
    pub fn nearest_m(&self, a: usize, b: usize) -> f64 {
        self.nearest_m[a.min(b) * self.people + a.max(b)]
    }
}
