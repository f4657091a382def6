//! Medians of rounds in which contenders take turns.

use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 9;

/// Runs every contender once in each round; the median time of each, in seconds.
pub fn median_seconds(contenders: &mut [Box<dyn FnMut() + '_>]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let began = Instant::now();
            contender();
            times.push(began.elapsed().as_secs_f64());
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
                let began = Instant::now();
                let mut x = black_box(3u64);
                for _ in 0..STEPS {
                    x = x.wrapping_mul(x) | 2;
                }
                black_box(x);
                began.elapsed().as_secs_f64()
            })
            .fold(f64::INFINITY, f64::min);
        Self { cycles_per_nanosecond: f64::from(STEPS) * CYCLES_PER_STEP / fastest / 1e9 }
    }

    pub fn cycles(&self, nanoseconds: f64) -> f64 {
        nanoseconds * self.cycles_per_nanosecond
    }
}
