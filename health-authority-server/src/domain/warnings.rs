//! From which hours decoys are drawn: hours as real warnings have them.
//!
//! How old a warning's hour is and which hour of the day it was are counted apart, over the last
//! weeks, on top of a prior, so that the first batches look like later ones. Every hour that a real
//! warning can have has a weight above zero: none could be distinguished from a decoy by its hour alone.

use std::collections::BTreeMap;

use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::batch::HourHistogram;
use vungxanh_protocol::venue::slot::Hour;

/// For how many days counts are retained.
pub const SHAPE_DAYS: u32 = 28;
/// Longest time from an hour to the batch that warns about it, in days, beyond the retention: a
/// warning can wait a batch or two.
const SPARE_DAYS: u32 = 1;
const HOURS_PER_DAY: u32 = 24;
/// By hour of the day in Vietnam (UTC+7): people are at venues from morning to evening.
const DAYTIME: std::ops::RangeInclusive<u32> = 7..=21;
const DAYTIME_WEIGHT: u32 = 8;
const NIGHT_WEIGHT: u32 = 1;
/// A case is found some days after the visits that matter.
const PRIOR_BY_AGE: [u32; 8] = [4, 10, 12, 12, 10, 8, 6, 5];
const OLDER_WEIGHT: u32 = 3;

/// What is counted of a real warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShapeProperty {
    /// Whole days from the hour's end to the end of the batch.
    AgeDays,
    /// Hour of the day, UTC.
    HourOfDay,
}

impl ShapeProperty {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgeDays => "age_days",
            Self::HourOfDay => "hour_of_day",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::AgeDays, Self::HourOfDay].into_iter().find(|property| property.name() == name)
    }
}

/// What to count of a real warning about `hour` in a batch that ends at `end`.
pub fn observe(hour: Hour, end: UnixTime) -> [(ShapeProperty, u32); 2] {
    [(ShapeProperty::AgeDays, age_days(hour, end)), (ShapeProperty::HourOfDay, of_day(hour))]
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningShapes {
    by_age: Vec<u32>,
    by_hour: [u32; HOURS_PER_DAY as usize],
}

impl WarningShapes {
    /// The prior, for ages up to a day beyond the retention.
    pub fn prior(retention_days: u32) -> Self {
        let ages = 0..=(retention_days + SPARE_DAYS) as usize;
        let by_age = ages.map(|age| PRIOR_BY_AGE.get(age).copied().unwrap_or(OLDER_WEIGHT));
        let by_hour = std::array::from_fn(|hour| {
            let local = (hour as u32 + 7) % HOURS_PER_DAY;
            if DAYTIME.contains(&local) { DAYTIME_WEIGHT } else { NIGHT_WEIGHT }
        });
        Self { by_age: by_age.collect(), by_hour }
    }

    /// Adds what was counted; what has no place is left out.
    pub fn add(&mut self, property: ShapeProperty, bucket: u32, warnings: u32) {
        let weights: &mut [u32] = match property {
            ShapeProperty::AgeDays => &mut self.by_age,
            ShapeProperty::HourOfDay => &mut self.by_hour,
        };
        if let Some(weight) = weights.get_mut(bucket as usize) {
            *weight = weight.saturating_add(warnings);
        }
    }

    /// The hours that were over at the end of a batch, by weight.
    pub fn histogram(&self, end: UnixTime) -> Result<HourHistogram, VenueError> {
        let newest = Hour::at(end).number();
        let hours = self.by_age.len() as u32 * HOURS_PER_DAY;
        let weights: BTreeMap<Hour, u32> = (newest.saturating_sub(hours)..newest)
            .map(Hour::new)
            .filter_map(|hour| {
                let age = self.by_age.get(age_days(hour, end) as usize)?;
                Some((hour, age.saturating_mul(self.by_hour[of_day(hour) as usize])))
            })
            .collect();
        HourHistogram::new(weights)
    }
}

fn age_days(hour: Hour, end: UnixTime) -> u32 {
    u32::try_from(end.since(hour.end()) / DAY_SECONDS).unwrap_or(u32::MAX)
}

const fn of_day(hour: Hour) -> u32 {
    hour.number() % HOURS_PER_DAY
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use vungxanh_protocol::venue::batch::WarningBatch;

    use super::*;

    const END: UnixTime = UnixTime::from_secs(1_784_160_000);

    fn drawn(shapes: &WarningShapes, seed: u64) -> BTreeMap<Hour, usize> {
        let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
        let hours = shapes.histogram(END).unwrap();
        let batch = WarningBatch::assemble("VN", END.minus(1), END, Vec::new(), &hours, &mut rng);
        let mut counts = BTreeMap::new();
        for warning in batch.unwrap().warnings() {
            *counts.entry(warning.hour()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn decoys_of_an_empty_history_are_of_hours_that_are_over_and_kept() {
        for seed in 0..20 {
            for hour in drawn(&WarningShapes::prior(14), seed).keys() {
                assert!(hour.end() <= END, "{hour:?}");
                assert!(END.since(hour.end()) < 16 * DAY_SECONDS, "{hour:?}");
            }
        }
    }

    #[test]
    fn every_hour_of_a_real_warning_can_be_a_decoys() {
        let shapes = WarningShapes::prior(14);
        let night = (0..24).filter(|hour| shapes.by_hour[*hour] == NIGHT_WEIGHT).count();
        assert_eq!(night, 9);
        assert!(shapes.by_age.iter().chain(&shapes.by_hour).all(|weight| *weight > 0));
        assert_eq!(shapes.by_age.len(), 16);
        // 02:00 UTC is 09:00 in Vietnam, 18:00 UTC is 01:00.
        assert_eq!((shapes.by_hour[2], shapes.by_hour[18]), (DAYTIME_WEIGHT, NIGHT_WEIGHT));
    }

    #[test]
    fn what_was_warned_about_lately_shapes_decoys() {
        let mut shapes = WarningShapes::prior(14);
        let night = Hour::at(END.minus(3 * DAY_SECONDS)).number() / 24 * 24 + 18;
        for (property, bucket) in observe(Hour::new(night), END) {
            shapes.add(property, bucket, 100_000);
        }
        let counts = drawn(&shapes, 1);
        // Their stays begin there, and last a few hours.
        assert!(
            counts.keys().all(|hour| (night..night + 4).contains(&hour.number())),
            "{counts:?}"
        );
        assert_eq!(counts.values().max(), counts.get(&Hour::new(night)), "{counts:?}");
        shapes.add(ShapeProperty::AgeDays, 400, 1);
        assert!(ShapeProperty::from_name("age_days").is_some());
    }
}
