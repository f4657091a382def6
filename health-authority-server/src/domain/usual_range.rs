//! Whether a day's figure is out of what is usual: beyond the median of the days before by more than chance and
//! weekends explain. Median and median deviation, so that a single earlier peak does not hide a new one.

/// So many days before are looked at.
pub const DAYS: usize = 28;
/// With fewer days nothing is called usual.
const FEWEST_DAYS: usize = 14;
/// The median deviation of a normal distribution times this is its standard deviation.
const TO_STANDARD_DEVIATION: f64 = 1.4826;
/// So many of them are usual.
const DEVIATIONS: f64 = 4.0;
/// And so much of the median, because a week has its shape.
const SHARE_OF_MEDIAN: f64 = 0.6;
/// Differences below this many are no news, however small a figure is.
const FLOOR: f64 = 10.0;

/// From and to, both usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    pub from: u64,
    pub to: u64,
}

impl Usual {
    /// What the days before, in any order, make usual; none of too few days.
    pub fn of(days: &[u64]) -> Option<Self> {
        if days.len() < FEWEST_DAYS {
            return None;
        }
        let middle = median(days.iter().map(|day| *day as f64).collect());
        let deviation = median(days.iter().map(|day| (*day as f64 - middle).abs()).collect());
        let spread = (DEVIATIONS * TO_STANDARD_DEVIATION * deviation)
            .max(SHARE_OF_MEDIAN * middle)
            .max(FLOOR);
        let from = (middle - spread).max(0.0).ceil();
        Some(Self { from: from as u64, to: (middle + spread).floor() as u64 })
    }

    /// Whether a whole day's figure is usual.
    pub const fn holds(self, figure: u64) -> bool {
        self.from <= figure && figure <= self.to
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual(days: &[u64]) -> (u64, u64) {
        let usual = Usual::of(days).unwrap();
        (usual.from, usual.to)
    }

    #[test]
    fn known_series_have_known_ranges() {
        // Always the same: 60 % on both sides.
        assert_eq!(usual(&[100; 28]), (40, 160));
        // Nothing ever: the floor.
        assert_eq!(usual(&[0; 28]), (0, 10));
        assert_eq!(usual(&[3; 14]), (0, 13));
        // 90 to 117: median 103.5, deviation 7; 4 x 1.4826 x 7 = 41.5 is less than 62.1.
        let rising: Vec<u64> = (90..118).collect();
        assert_eq!(usual(&rising), (42, 165));
        // Half 0, half 200: median 100, deviation 100; 593 on both sides.
        let unsteady: Vec<u64> = (0..28).map(|day| if day % 2 == 0 { 0 } else { 200 }).collect();
        assert_eq!(usual(&unsteady), (0, 693));
        // A week with a quiet weekend: median 100, deviation 0.
        let weeks: Vec<u64> = (0..28).map(|day| if day % 7 < 5 { 100 } else { 45 }).collect();
        assert_eq!(usual(&weeks), (40, 160));
        assert!(weeks.iter().all(|day| Usual::of(&weeks).unwrap().holds(*day)));
    }

    #[test]
    fn one_peak_before_hides_no_other() {
        let mut days = [50; 28];
        days[3] = 100_000;
        assert_eq!(usual(&days), (20, 80));
        let usual = Usual::of(&days).unwrap();
        assert!(!usual.holds(81) && usual.holds(80) && usual.holds(20) && !usual.holds(19));
    }

    #[test]
    fn of_thirteen_days_nothing_is_said() {
        assert_eq!(Usual::of(&[100; 13]), None);
        assert_eq!(Usual::of(&[]), None);
    }
}
