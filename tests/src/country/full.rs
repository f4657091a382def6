//! How much a server takes: the rate is raised until answers take too long, and the greatest that held is
//! looked for between.

use std::fmt;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::error::CountryError;
use super::plan::Measured;
use super::session::Session;

/// Of what was due, this share must have been done in the time: otherwise the queue grows.
const KEPT_UP: f64 = 0.97;
/// How exactly the greatest rate is looked for, as a share of it.
const EXACTNESS: f64 = 0.05;
/// Steps of one search, at most.
const MOST_STEPS: u64 = 24;

/// How the greatest rate is looked for.
#[derive(Debug, Clone, Copy, Args)]
pub struct Search {
    /// Acts a second to begin with
    #[arg(long, default_value_t = 100.0)]
    pub first_rate: f64,
    /// Seconds of each step
    #[arg(long, default_value_t = 8)]
    pub step_seconds: u64,
    /// Milliseconds that 99 % of all answers must not exceed
    #[arg(long, default_value_t = 250.0)]
    pub limit_milliseconds: f64,
}

/// One rate and how it went.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Acts a second that were due.
    pub wanted_per_second: f64,
    pub acts_per_second: f64,
    pub requests_per_second: f64,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
    pub longest_milliseconds: f64,
    pub errors: u64,
    pub server_cpu_milliseconds_per_act: f64,
    /// Of a database that is a server of its own.
    pub database_cpu_milliseconds_per_act: f64,
    pub generator_cpu_milliseconds_per_act: f64,
    pub server_peak_kib: u64,
    pub server_written_bytes_per_act: f64,
    pub load: f64,
    pub held: bool,
}

impl Search {
    /// Looks for the greatest rate that holds. Every step is handed to `seen`; the best one that held is
    /// returned.
    pub async fn run(
        &self,
        mut session: Session,
        mut seen: impl FnMut(&Step),
    ) -> Result<Option<Step>, CountryError> {
        session.real_time()?;
        let mut best: Option<Step> = None;
        let mut too_much: Option<f64> = None;
        let mut rate = self.first_rate.max(1.0);
        for number in 0..MOST_STEPS {
            let length = Duration::from_secs(self.step_seconds.max(1));
            let measured = session.play_steadily(rate, length, 2 * number).await?;
            let mut step = self.judge(rate, measured);
            seen(&step);
            if !step.held {
                // Other programs may have been busy: what is too much is too much twice.
                let measured = session.play_steadily(rate, length, 2 * number + 1).await?;
                step = self.judge(rate, measured);
                seen(&step);
            }
            if step.held {
                best = Some(step);
            } else {
                too_much = Some(rate);
            }
            let held = best.as_ref().map(|step| step.wanted_per_second);
            rate = match (held, too_much) {
                (Some(held), None) => held * 2.0,
                (None, Some(too_much)) if too_much > 1.0 => too_much / 2.0,
                (Some(held), Some(too_much)) if too_much / held > 1.0 + EXACTNESS => {
                    (held * too_much).sqrt()
                }
                _ => break,
            };
        }
        session.end().await?;
        Ok(best)
    }

    fn judge(&self, wanted: f64, measured: Measured) -> Step {
        let Measured { played, servers, database, generator, load } = measured;
        let database = database.unwrap_or_default();
        let (seconds, acts) = (played.elapsed.as_secs_f64(), played.tally.acts.max(1) as f64);
        let (errors, stopped) = (played.errors, played.stopped);
        let planned = wanted * self.step_seconds as f64;
        let rows = played.tally.rows(played.elapsed);
        let all = rows.last();
        let of = |figure: fn(&super::tally::Row) -> f64| all.map_or(0.0, figure);
        let p99 = of(|row| row.p99_milliseconds);
        let kept_up = planned / seconds >= wanted * KEPT_UP;
        Step {
            wanted_per_second: wanted,
            acts_per_second: acts / seconds,
            requests_per_second: of(|row| row.per_second),
            p50_milliseconds: of(|row| row.p50_milliseconds),
            p99_milliseconds: p99,
            longest_milliseconds: of(|row| row.longest_milliseconds),
            errors,
            server_cpu_milliseconds_per_act: servers.cpu_milliseconds as f64 / acts,
            database_cpu_milliseconds_per_act: database.cpu_milliseconds as f64 / acts,
            generator_cpu_milliseconds_per_act: generator.cpu_milliseconds as f64 / acts,
            server_peak_kib: servers.peak_kib,
            server_written_bytes_per_act: (servers.written_bytes + database.written_bytes) as f64
                / acts,
            load,
            held: errors == 0 && !stopped && kept_up && p99 <= self.limit_milliseconds,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>8.0} acts a second wanted, {:>8.0} done ({:.0} requests): p50 {:.1} ms, p99 {:.1} ms, longest \
             {:.0} ms, {} errors; CPU of an act: servers {:.3} ms, \
             database {:.3}, generator {:.3}; {:.1} MiB; {:.0} \
             bytes written an act; load {:.1}: {}",
            self.wanted_per_second,
            self.acts_per_second,
            self.requests_per_second,
            self.p50_milliseconds,
            self.p99_milliseconds,
            self.longest_milliseconds,
            self.errors,
            self.server_cpu_milliseconds_per_act,
            self.database_cpu_milliseconds_per_act,
            self.generator_cpu_milliseconds_per_act,
            self.server_peak_kib as f64 / 1_024.0,
            self.server_written_bytes_per_act,
            self.load,
            if self.held { "held" } else { "too much" },
        )
    }
}
