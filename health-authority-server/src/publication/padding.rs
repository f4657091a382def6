//! How many synthetic persons hide the real ones of a period.

use rand::RngExt;
use vungxanh_protocol::interval::UnixTime;

use crate::domain::upload_shape::{SyntheticPerson, UploadShapes};

/// Draws the synthetic persons of the period from `start` to `end`.
///
/// Their number is geometric with the given mean m: P(k) = (1 - a) a^k with a = m / (m + 1). Who
/// sees n persons in a batch learns little about how many of them are real, because for any k real
/// ones the chance to see n changes only by the factor a with each more or less: one person's
/// presence shifts the odds by at most (m + 1) / m (1.33 at the default mean of 3, a differential
/// privacy of 0.29), except that there are never more real persons than n. A fixed number, or
/// filling up to a fixed size, would give the number of real ones away.
///
/// Persons are drawn in every period, whether or not anyone real published: a batch that appears
/// only when there is a case would say so.
pub fn draw_persons(
    shapes: &UploadShapes,
    mean: f64,
    start: UnixTime,
    end: UnixTime,
    rng: &mut impl rand::CryptoRng,
) -> Vec<SyntheticPerson> {
    let seconds = end.since(start).max(1);
    (0..geometric(mean, rng))
        .map(|_| shapes.draw_person(start.plus(rng.random_range(0..seconds)), rng))
        .filter(|person| !person.keys.is_empty())
        .collect()
}

/// A geometric number with this mean, below 100 times the mean plus 10.
fn geometric(mean: f64, rng: &mut impl rand::CryptoRng) -> u32 {
    let (go_on, limit) = (mean / (mean + 1.0), (100.0 * mean) as u32 + 10);
    (0..limit).take_while(|_| rng.random_bool(go_on)).count() as u32
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn the_number_of_persons_is_geometric() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(5);
        let draws: Vec<u32> = (0..20_000).map(|_| geometric(3.0, &mut rng)).collect();
        let mean = f64::from(draws.iter().sum::<u32>()) / 20_000.0;
        assert!((mean - 3.0).abs() < 0.12, "{mean}");
        for k in 0..6 {
            let share = draws.iter().filter(|n| **n == k).count() as f64 / 20_000.0;
            let expected = 0.25 * 0.75_f64.powi(k as i32);
            assert!((share - expected).abs() < 0.02, "{k}: {share} instead of {expected}");
        }
        assert_eq!(geometric(0.0, &mut rng), 0);
    }
}
