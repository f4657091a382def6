//! The axis of values.

/// Values at which lines are drawn, from 0 to at least `longest`: whole numbers, five at most beside 0.
pub(super) fn ticks(longest: f64) -> Vec<u64> {
    let longest = longest.max(1.0);
    let mut power = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step as f64 * 5.0 >= longest {
                let count = (longest / step as f64).ceil() as u64;
                return (0..=count).map(|number| number * step).collect();
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return vec![0, u64::MAX],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_at_round_numbers() {
        assert_eq!(ticks(0.0), [0, 1]);
        assert_eq!(ticks(1.0), [0, 1]);
        assert_eq!(ticks(5.0), [0, 1, 2, 3, 4, 5]);
        assert_eq!(ticks(6.0), [0, 2, 4, 6]);
        assert_eq!(ticks(23.0), [0, 5, 10, 15, 20, 25]);
        assert_eq!(ticks(101.0), [0, 50, 100, 150]);
        assert_eq!(ticks(1_000_000.0), [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]);
        for longest in [2.5, 3.0, 7.0, 9.9, 99.0, 12_345.0] {
            let ticks = ticks(longest);
            assert!(ticks.len() <= 6 && ticks[ticks.len() - 1] as f64 >= longest, "{ticks:?}");
        }
        assert_eq!(ticks(f64::MAX).len(), 2);
    }
}
