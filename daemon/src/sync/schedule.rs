//! When to fetch and when to send a dummy upload: at random moments, so that a device's requests
//! neither follow a pattern nor start together with a restart.

use std::ops::RangeInclusive;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use vungxanh_protocol::authority::TracingParameters;
use vungxanh_protocol::interval::UnixTime;

/// Shortest time between two fetches, in seconds.
const SHORTEST_FETCH_SECONDS: u64 = 60;
/// No wait is longer than this many times the mean.
const LONGEST_IN_MEANS: f64 = 4.0;
/// First wait after a failure, in seconds; it doubles with each further one.
const FIRST_RETRY_SECONDS: u64 = 60;
/// From when to when a clock that was set is compared with the authority's, in seconds.
const CONFIRMED_WITHIN_SECONDS: RangeInclusive<u64> = 60..=300;
/// A dummy upload that is overdue by more than this was missed: the device was off or asleep.
const MISSED_SECONDS: u64 = 900;

/// When the next exchanges are due. Stored, so that a restart neither resets nor bunches them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Schedule {
    pub(super) fetch: UnixTime,
    #[serde(rename = "look_alike")]
    pub(super) dummy_upload: UnixTime,
    pub(super) fetch_failures: u32,
    #[serde(rename = "look_alike_failures")]
    pub(super) dummy_upload_failures: u32,
}

impl Schedule {
    /// After enrolment: a fetch at once, a dummy upload at some time.
    pub(super) fn begin(now: UnixTime, parameters: &TracingParameters, rng: &mut impl Rng) -> Self {
        Self {
            fetch: now,
            dummy_upload: now.plus(dummy_upload_wait(parameters, rng)),
            fetch_failures: 0,
            dummy_upload_failures: 0,
        }
    }

    /// After a restart: what was missed meanwhile. A fetch follows within moments that differ
    /// from device to device; a dummy upload is drawn again, which an exponential distribution
    /// permits without a trace. So is everything beyond what this schedule can have drawn: the
    /// clock was set back.
    pub(super) fn resume(
        mut self,
        now: UnixTime,
        parameters: &TracingParameters,
        rng: &mut impl Rng,
    ) -> Self {
        let longest_fetch = longest(fetch_mean(parameters));
        if self.fetch < now {
            self.fetch = now.plus(rng.random_range(0..=fetch_mean(parameters).min(600) / 4));
        } else if self.fetch > now.plus(longest_fetch) {
            self.fetch = now.plus(fetch_wait(parameters, rng));
        }
        self.skip_missed_dummy_upload(now, parameters, rng);
        self
    }

    /// Draws the next dummy upload again if it was missed or lies impossibly far off. Returns
    /// whether it did.
    pub(super) fn skip_missed_dummy_upload(
        &mut self,
        now: UnixTime,
        parameters: &TracingParameters,
        rng: &mut impl Rng,
    ) -> bool {
        let missed = now > self.dummy_upload.plus(MISSED_SECONDS);
        let impossible = self.dummy_upload > now.plus(longest(dummy_upload_mean(parameters)));
        if missed || impossible {
            self.dummy_upload = now.plus(dummy_upload_wait(parameters, rng));
        }
        missed || impossible
    }

    /// The clock was set, forward or back: a fetch soon, which brings the authority's time. Not at
    /// once, so that devices whose clocks are set together do not ask together; not later than it
    /// was due anyway.
    pub(super) fn confirm_clock(&mut self, now: UnixTime, rng: &mut impl Rng) {
        let soon = now.plus(rng.random_range(CONFIRMED_WITHIN_SECONDS));
        self.fetch = if self.fetch < now { soon } else { self.fetch.min(soon) };
    }

    pub(super) fn fetched(
        &mut self,
        now: UnixTime,
        succeeded: bool,
        parameters: &TracingParameters,
        rng: &mut impl Rng,
    ) {
        self.fetch_failures = if succeeded { 0 } else { self.fetch_failures.saturating_add(1) };
        let wait = if succeeded {
            fetch_wait(parameters, rng)
        } else {
            retry_wait(self.fetch_failures, fetch_mean(parameters), rng)
        };
        self.fetch = now.plus(wait);
    }

    /// A dummy upload ended. A failed one is tried again soon, as a person would.
    pub(super) fn sent_dummy_upload(
        &mut self,
        now: UnixTime,
        succeeded: bool,
        parameters: &TracingParameters,
        rng: &mut impl Rng,
    ) {
        self.dummy_upload_failures =
            if succeeded { 0 } else { self.dummy_upload_failures.saturating_add(1) };
        let wait = if succeeded {
            dummy_upload_wait(parameters, rng)
        } else {
            retry_wait(self.dummy_upload_failures, dummy_upload_mean(parameters), rng)
        };
        self.dummy_upload = now.plus(wait);
    }
}

fn fetch_mean(parameters: &TracingParameters) -> u64 {
    u64::from(parameters.sync_mean_minutes) * 60
}

fn dummy_upload_mean(parameters: &TracingParameters) -> u64 {
    u64::from(parameters.look_alike_mean_hours) * 3_600
}

fn longest(mean: u64) -> u64 {
    (mean as f64 * LONGEST_IN_MEANS) as u64 + SHORTEST_FETCH_SECONDS
}

fn fetch_wait(parameters: &TracingParameters, rng: &mut impl Rng) -> u64 {
    exponential(fetch_mean(parameters) as f64, LONGEST_IN_MEANS, rng).max(SHORTEST_FETCH_SECONDS)
}

fn dummy_upload_wait(parameters: &TracingParameters, rng: &mut impl Rng) -> u64 {
    exponential(dummy_upload_mean(parameters) as f64, LONGEST_IN_MEANS, rng)
}

fn retry_wait(failures: u32, mean: u64, rng: &mut impl Rng) -> u64 {
    let doubled = FIRST_RETRY_SECONDS << failures.saturating_sub(1).min(12);
    let wait = doubled.min(mean.max(FIRST_RETRY_SECONDS));
    rng.random_range(wait / 2..=wait + wait / 2)
}

/// Whole seconds from an exponential distribution cut off at `longest` times `mean`.
pub(super) fn exponential(mean: f64, longest: f64, rng: &mut impl Rng) -> u64 {
    let uniform: f64 = rng.random();
    (-(1.0 - uniform).ln()).min(longest).mul_add(mean, 0.5) as u64
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::test_support::TRACING;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    #[test]
    fn a_clock_that_was_set_is_confirmed_within_minutes_that_vary() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut drawn = std::collections::BTreeSet::new();
        for due in [NOW.minus(20 * 86_400), NOW.plus(30), NOW.plus(7 * 3_600)] {
            for _ in 0..100 {
                let mut schedule = Schedule::begin(due, &TRACING, &mut rng);
                let dummy_upload = schedule.dummy_upload;
                schedule.confirm_clock(NOW, &mut rng);
                let wait = schedule.fetch.since(NOW);
                assert!(if due == NOW.plus(30) { wait == 30 } else { (60..=300).contains(&wait) });
                assert_eq!(
                    schedule.dummy_upload, dummy_upload,
                    "dummy uploads keep their own time"
                );
                drawn.insert(wait);
            }
        }
        assert!(drawn.len() > 60);
    }

    #[test]
    fn waits_have_the_authoritys_means_and_bounds() {
        let mut rng = StdRng::seed_from_u64(1);
        let waits: Vec<u64> = (0..20_000).map(|_| dummy_upload_wait(&TRACING, &mut rng)).collect();
        let mean = waits.iter().sum::<u64>() as f64 / waits.len() as f64;
        // Cut at four means, an exponential distribution's mean is 1 - e^-4 of the uncut one.
        let expected = 86_400.0 * (1.0 - (-4.0f64).exp());
        assert!((mean / expected - 1.0).abs() < 0.03, "{mean} instead of {expected}");
        assert!(waits.iter().all(|wait| *wait <= 4 * 86_400 + 1));
        let below = waits.iter().filter(|wait| (**wait as f64) < 86_400.0 * 2f64.ln()).count();
        assert!((9_500..10_500).contains(&below), "half lie below the median, not {below}");
    }

    #[test]
    fn a_restart_neither_resets_nor_bunches() {
        let mut rng = StdRng::seed_from_u64(2);
        let schedule = Schedule::begin(NOW, &TRACING, &mut rng);
        let pending = Schedule { fetch: NOW.plus(500), ..schedule };
        assert_eq!(pending.resume(NOW.plus(10), &TRACING, &mut rng), pending);
        // Off for ten days: a hundred devices switched on together do not send together.
        let later = NOW.plus(10 * 86_400);
        let resumed: Vec<Schedule> =
            (0..100).map(|_| pending.resume(later, &TRACING, &mut rng)).collect();
        assert!(resumed.iter().all(|s| s.fetch >= later && s.fetch <= later.plus(150)));
        assert!(resumed.iter().filter(|s| s.dummy_upload < later.plus(600)).count() < 10);
        // A clock set back by a year does not stop fetching for a year.
        let back = pending.resume(NOW.minus(365 * 86_400), &TRACING, &mut rng);
        assert!(
            back.fetch < NOW.minus(364 * 86_400) && back.dummy_upload < NOW.minus(360 * 86_400)
        );
    }

    #[test]
    fn failures_back_off_to_the_mean_and_are_forgotten_after_a_success() {
        let mut rng = StdRng::seed_from_u64(3);
        let mut schedule = Schedule::begin(NOW, &TRACING, &mut rng);
        let mut last = 0;
        for failure in 0..40 {
            schedule.fetched(NOW, false, &TRACING, &mut rng);
            last = schedule.fetch.since(NOW);
            let nominal = (60u64 << failure.min(12)).min(7_200);
            assert!((nominal / 2..=nominal * 3 / 2).contains(&last), "{failure}: {last}");
        }
        assert!(last >= 3_600);
        schedule.fetched(NOW, true, &TRACING, &mut rng);
        schedule.fetched(NOW, false, &TRACING, &mut rng);
        assert!(schedule.fetch.since(NOW) <= 90);
    }
}
