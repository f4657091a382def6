//! Small numbers of people in tables that may be given away.
//!
//! A number of 1 to 4 people is shown as "fewer than 5". The total is always known, so that a single such
//! number could be computed: it is shown so only if, as far as the reader knows, each of the small numbers can
//! be anything from 1 to 4. Otherwise rows are joined by fixed steps that do not depend on the numbers (days to
//! weeks, classes two by two) until that holds or none is small; at the end there is the total alone.

/// The smallest number of people that is shown.
pub const SHOWN_FROM: u64 = 5;

/// A number as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Exact(u64),
    /// 1 to 4.
    Few,
}

impl Shown {
    /// A number that stands alone.
    pub const fn of(number: u64) -> Self {
        if is_few(number) { Self::Few } else { Self::Exact(number) }
    }

    /// In tables and files.
    pub fn text(self) -> String {
        match self {
            Self::Exact(number) => number.to_string(),
            Self::Few => format!("<{SHOWN_FROM}"),
        }
    }
}

const fn is_few(number: u64) -> bool {
    1 <= number && number < SHOWN_FROM
}

/// A table with its rows joined as far as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Of each row the first and the last of the numbers that it joins.
    pub rows: Vec<(usize, usize)>,
    pub shown: Vec<Shown>,
    pub total: Shown,
}

/// Numbers that are about nobody, as they are.
pub fn exact(numbers: &[u64]) -> Joined {
    Joined {
        rows: (0..numbers.len()).map(|at| (at, at)).collect(),
        shown: numbers.iter().map(|number| Shown::Exact(*number)).collect(),
        total: Shown::Exact(numbers.iter().sum()),
    }
}

/// Numbers of people. Each of `steps` says of each number which row it is in, in ascending order; the first
/// step that protects everybody is taken, and all in one row if none does.
pub fn protected(numbers: &[u64], steps: &[Vec<usize>]) -> Joined {
    let total = Shown::of(numbers.iter().sum());
    let all = vec![0; numbers.len()];
    let mut joined = (Vec::new(), Vec::new());
    for step in steps.iter().chain([&all]) {
        joined = join(numbers, step);
        if protects(&joined.1) {
            break;
        }
    }
    let (rows, sums) = joined;
    Joined { rows, shown: sums.into_iter().map(Shown::of).collect(), total }
}

/// Rows of so many numbers each.
pub fn by_size(count: usize, size: usize) -> Vec<usize> {
    (0..count).map(|at| at / size.max(1)).collect()
}

fn join(numbers: &[u64], rows: &[usize]) -> (Vec<(usize, usize)>, Vec<u64>) {
    let (mut bounds, mut sums): (Vec<(usize, usize)>, Vec<u64>) = (Vec::new(), Vec::new());
    let mut last = None;
    for (at, (number, row)) in numbers.iter().zip(rows).enumerate() {
        match (bounds.last_mut(), sums.last_mut()) {
            (Some(bound), Some(sum)) if last == Some(row) => (bound.1, *sum) = (at, *sum + number),
            _ => {
                bounds.push((at, at));
                sums.push(*number);
            }
        }
        last = Some(row);
    }
    (bounds, sums)
}

/// Whether who knows the sum of all can compute no small number: of `k` numbers from 1 to 4 each can be
/// anything while their sum is from `k + 3` to `4k - 3`.
fn protects(sums: &[u64]) -> bool {
    let small: Vec<u64> = sums.iter().copied().filter(|sum| is_few(*sum)).collect();
    let (count, sum) = (small.len() as u64, small.iter().sum::<u64>());
    count == 0 || (count + 3 <= sum && sum + 3 <= 4 * count)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn small_numbers_are_not_shown_and_cannot_be_computed() {
        let steps = [by_size(4, 1), by_size(4, 2)];
        let of = |numbers: &[u64]| {
            let Joined { shown, total, .. } = protected(numbers, &steps);
            let shown: Vec<String> = shown.into_iter().map(Shown::text).collect();
            (shown.join(" "), total.text())
        };
        let said = |rows: &str, total: &str| (rows.to_owned(), total.to_owned());
        assert_eq!(of(&[0, 0, 0, 0]), said("0 0 0 0", "0"));
        assert_eq!(of(&[5, 9, 0, 12]), said("5 9 0 12", "26"));
        // One alone would be 26 - 24.
        assert_eq!(of(&[2, 9, 3, 12]), said("<5 9 <5 12", "26"));
        assert_eq!(of(&[2, 9, 0, 12]), said("11 12", "23"));
        assert_eq!(of(&[1, 1, 6, 12]), said("20", "20"));
        assert_eq!(of(&[1, 0, 2, 0]), said("<5", "<5"));
        assert_eq!(protected(&[], &[]).total, Shown::Exact(0));
    }

    /// Every table with a total of 15 at most: whoever knows this program, and sees what it shows, finds at
    /// least three possibilities for every number from 1 to 4.
    #[test]
    fn whoever_knows_the_rule_has_three_possibilities_at_least() {
        const MOST: u64 = 15;
        let steps = [by_size(4, 1), by_size(4, 2)];
        let mut tables: BTreeMap<String, Vec<[u64; 4]>> = BTreeMap::new();
        let all = 0..=MOST;
        for a in all.clone() {
            for b in 0..=MOST - a {
                for c in 0..=MOST - a - b {
                    for d in 0..=MOST - a - b - c {
                        let joined = protected(&[a, b, c, d], &steps);
                        tables.entry(format!("{joined:?}")).or_default().push([a, b, c, d]);
                    }
                }
            }
        }
        assert!(tables.len() > 300, "{}", tables.len());
        for (shown, possible) in tables {
            for at in 0..4 {
                let mut values: Vec<u64> = possible.iter().map(|table| table[at]).collect();
                values.sort_unstable();
                values.dedup();
                let small = values.iter().any(|value| is_few(*value));
                assert!(!small || values.len() >= 3, "{shown}: number {at} is one of {values:?}");
            }
        }
    }
}
