//! Medians of rounds in which contenders take turns.

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

const ROUNDS: usize = 9;

/// What is timed, and how.
pub enum Contender<'a> {
    /// Work on one thread, by the time that this thread spends on a core: what other programs do
    /// in between does not count.
    OneThread(Box<dyn FnMut() + 'a>),
    /// Work on several, by the clock on the wall.
    Threads(Box<dyn FnMut() + 'a>),
}

impl Contender<'_> {
    fn run(&mut self) {
        match self {
            Self::OneThread(work) | Self::Threads(work) => work(),
        }
    }

    const fn clock(&self) -> ClockId {
        match self {
            Self::OneThread(_) => ClockId::ThreadCPUTime,
            Self::Threads(_) => ClockId::Monotonic,
        }
    }
}

fn now(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Runs every contender once in each round; the median time of each, in seconds.
pub fn median_seconds(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let began = now(contender.clock());
            contender.run();
            times.push(now(contender.clock()) - began);
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        })
        .collect()
}

/// The core's clock rate under load, which is not what the time stamp counter counts.
pub struct Clock {
    pub cycles_per_nanosecond: f64,
}

impl Clock {
    /// Multiplication takes three cycles on all processors of the last ten years, "or" one.
    pub fn calibrate() -> Self {
        const STEPS: u32 = 20_000_000;
        const CYCLES_PER_STEP: f64 = 4.0;
        let fastest = (0..7)
            .map(|_| {
                let began = now(ClockId::ThreadCPUTime);
                let mut x = black_box(3u64);
                for _ in 0..STEPS {
                    x = x.wrapping_mul(x) | 2;
                }
                black_box(x);
                now(ClockId::ThreadCPUTime) - began
            })
            .fold(f64::INFINITY, f64::min);
        Self { cycles_per_nanosecond: f64::from(STEPS) * CYCLES_PER_STEP / fastest / 1e9 }
    }

    pub fn cycles(&self, nanoseconds: f64) -> f64 {
        nanoseconds * self.cycles_per_nanosecond
    }
}
