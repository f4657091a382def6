//! What one fetch may cost, whatever an authority, a cache or somebody in between lists. The next
//! fetch goes on where one stopped.

use std::time::Duration;

use tokio::time::Instant;

use super::index::ListedName;

/// Bounds of a fetch as a whole.
#[derive(Debug, Clone, Copy)]
pub struct FetchBudget {
    /// Names in all lists together: 64 regions with hourly files of 21 days.
    pub names: usize,
    /// Bytes of these names, which are remembered once their files are done.
    pub name_bytes: usize,
    /// Bytes downloaded, beside lists and document; exceeded by one file at most. At 100,000 cases a
    /// day and 60 keys each, five days' files.
    pub bytes: u64,
    /// Files refused one after the other before no more are asked for.
    pub refusals_in_a_row: u32,
    /// Files refused in all.
    pub refusals: u32,
    /// Real time; exceeded by one request at most.
    pub time: Duration,
}

impl Default for FetchBudget {
    fn default() -> Self {
        Self {
            names: 32_768,
            name_bytes: 2 * 1024 * 1024,
            bytes: 1024 * 1024 * 1024,
            refusals_in_a_row: 16,
            refusals: 64,
            time: Duration::from_secs(3_600),
        }
    }
}

/// What a fetch has cost so far.
#[derive(Debug)]
pub(super) struct Spending {
    budget: FetchBudget,
    began: Instant,
    names: usize,
    name_bytes: usize,
    pub(super) bytes: u64,
    refused_in_a_row: u32,
    refused: u32,
}

impl Spending {
    pub(super) fn begin(budget: FetchBudget) -> Self {
        Self {
            budget,
            began: Instant::now(),
            names: 0,
            name_bytes: 0,
            bytes: 0,
            refused_in_a_row: 0,
            refused: 0,
        }
    }

    /// Whether a list of so many names can be taken, too. One that cannot costs nothing.
    pub(super) fn take_names(&mut self, listed: &[ListedName]) -> bool {
        let names = self.names + listed.len();
        let bytes = self.name_bytes + listed.iter().map(|name| name.as_str().len()).sum::<usize>();
        let affordable = names <= self.budget.names && bytes <= self.budget.name_bytes;
        if affordable {
            (self.names, self.name_bytes) = (names, bytes);
        }
        affordable
    }

    pub(super) fn accepted(&mut self) {
        self.refused_in_a_row = 0;
    }

    pub(super) fn refused(&mut self) {
        self.refused_in_a_row += 1;
        self.refused += 1;
    }

    pub(super) fn is_out_of_time(&self) -> bool {
        self.began.elapsed() >= self.budget.time
    }

    /// What is used up, so that nothing more is asked for in this fetch.
    pub(super) fn used_up(&self) -> Option<&'static str> {
        let refused = self.refused_in_a_row >= self.budget.refusals_in_a_row
            || self.refused >= self.budget.refusals;
        if refused {
            Some("too many files were refused")
        } else if self.bytes >= self.budget.bytes {
            Some("the bytes for one fetch")
        } else if self.is_out_of_time() {
            Some("the time for one fetch")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100,000 cases a day with 60 keys each, in hourly files; a key takes about 34 bytes and hardly
    /// deflates.
    #[test]
    fn an_honest_country_stays_within_the_budget() {
        let budget = FetchBudget::default();
        let of_a_day = 100_000 * 60 * 34;
        assert!(5 * of_a_day <= budget.bytes, "five days at once");
        let region = |region: u32| -> Vec<ListedName> {
            let name = |hour| {
                let line = format!("1772456{hour:03}-1772460{hour:03}-00001.zip");
                ListedName::of_line(&format!("VN-{region:02}"), &line).unwrap()
            };
            (0..24 * 21).map(name).collect()
        };
        let mut spending = Spending::begin(budget);
        assert!((0..63).all(|number| spending.take_names(&region(number))));
        assert!(spending.used_up().is_none());
    }

    #[test]
    fn a_good_file_between_refused_ones_does_not_make_them_free() {
        let mut spending = Spending::begin(FetchBudget::default());
        let mut refused = 0;
        while spending.used_up().is_none() {
            spending.refused();
            spending.accepted();
            refused += 1;
        }
        assert_eq!(refused, FetchBudget::default().refusals);
    }
}
