//! Plays a schedule: each act when it is due, by the next client that is free.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::actor::{Actor, Scene};
use super::error::CountryError;
use super::schedule::{Act, Event};
use super::tally::Tally;

/// What no run exceeds, whatever is asked for.
const MOST: Bounds =
    Bounds { clients: 1_024, max_seconds: 3_600, max_requests: 20_000_000, max_errors: 100_000 };

/// What a run may use.
#[derive(Debug, Clone, Copy, Args, Serialize)]
pub struct Bounds {
    /// Clients; each does one thing at a time and has one connection to each server
    #[arg(long, default_value_t = 128)]
    pub clients: u64,
    /// Seconds after which nothing more is begun
    #[arg(long, default_value_t = 900)]
    pub max_seconds: u64,
    /// Requests that a run may need
    #[arg(long, default_value_t = 5_000_000)]
    pub max_requests: u64,
    /// Requests that may fail before nothing more is begun
    #[arg(long, default_value_t = 100)]
    pub max_errors: u64,
}

impl Bounds {
    /// Whether a run of so much stays within them, and they within what no run exceeds.
    pub(super) fn check(
        &self,
        counts: &[(Act, u64)],
        length: Duration,
    ) -> Result<(), CountryError> {
        let requests = counts.iter().map(|(act, count)| act.requests() * count).sum();
        let length = length.as_secs_f64().ceil() as u64;
        for (what, wanted, most) in [
            ("--clients", self.clients, MOST.clients),
            ("--max-seconds", self.max_seconds, MOST.max_seconds),
            ("--max-requests", self.max_requests, MOST.max_requests),
            ("--max-errors", self.max_errors, MOST.max_errors),
            ("the run's requests", requests, self.max_requests),
            ("the run's seconds", length, self.max_seconds),
        ] {
            if wanted > most {
                return Err(CountryError::TooMuch { what, wanted, most });
            }
        }
        Ok(())
    }
}

/// What all clients of a run share.
struct Run {
    events: Vec<Event>,
    next: AtomicUsize,
    began: Instant,
    errors: AtomicU64,
    late_microseconds: AtomicU64,
    is_over: AtomicBool,
    bounds: Bounds,
}

impl Run {
    fn is_over(&self) -> bool {
        if self.errors.load(Ordering::Relaxed) > self.bounds.max_errors
            || self.began.elapsed() > Duration::from_secs(self.bounds.max_seconds)
        {
            self.is_over.store(true, Ordering::Relaxed);
        }
        self.is_over.load(Ordering::Relaxed)
    }
}

/// What a run has come to.
pub(super) struct Played {
    pub(super) tally: Tally,
    pub(super) elapsed: Duration,
    pub(super) errors: u64,
    /// How much later than due an act was begun at most, because all clients were busy.
    pub(super) latest: Duration,
    /// Too many errors, or too much time: what was due after that was not begun.
    pub(super) stopped: bool,
}

/// Plays `events`, which are in order. Times are counted from the moment at which an act was due, also
/// where no client was free: a server that is slow for a while cannot hide how many had to wait.
pub(super) async fn play(
    scene: &Arc<Scene>,
    events: Vec<Event>,
    bounds: Bounds,
) -> Result<Played, CountryError> {
    let run = Arc::new(Run {
        events,
        next: AtomicUsize::new(0),
        began: Instant::now(),
        errors: AtomicU64::new(0),
        late_microseconds: AtomicU64::new(0),
        is_over: AtomicBool::new(false),
        bounds,
    });
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..bounds.clients.max(1) {
        let actor = Actor::new(scene, usize::try_from(number).unwrap_or_default())?;
        clients.spawn(client(Arc::clone(&run), actor));
    }
    let mut tally = Tally::default();
    while let Some(of_client) = clients.join_next().await {
        let of_client = of_client.map_err(std::io::Error::other);
        tally.add(of_client.map_err(CountryError::files("a client ended"))?);
    }
    Ok(Played {
        tally,
        elapsed: run.began.elapsed(),
        errors: run.errors.load(Ordering::Relaxed),
        latest: Duration::from_micros(run.late_microseconds.load(Ordering::Relaxed)),
        stopped: run.is_over.load(Ordering::Relaxed),
    })
}

async fn client(run: Arc<Run>, mut actor: Actor) -> Tally {
    while let Some(event) = run.events.get(run.next.fetch_add(1, Ordering::Relaxed)) {
        if run.is_over() {
            break;
        }
        let due = run.began + event.due;
        let from = if Instant::now() < due {
            // How exact the timer is says nothing about the server.
            tokio::time::sleep_until(due.into()).await;
            Instant::now()
        } else {
            let late = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
            run.late_microseconds.fetch_max(late, Ordering::Relaxed);
            due
        };
        if run.is_over() {
            break;
        }
        if actor.perform(*event, from).await.is_err() {
            run.errors.fetch_add(1, Ordering::Relaxed);
        }
    }
    actor.tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_beyond_its_bounds_is_refused() {
        let bounds = Bounds { clients: 8, max_seconds: 60, max_requests: 1_000, max_errors: 0 };
        let minute = Duration::from_secs(60);
        assert!(bounds.check(&[(Act::LookAlike, 333)], minute).is_ok());
        assert!(bounds.check(&[(Act::LookAlike, 334)], minute).is_err());
        assert!(bounds.check(&[], Duration::from_secs(61)).is_err());
        let too_many = Bounds { clients: 1_025, ..bounds };
        assert!(too_many.check(&[], minute).is_err());
        let too_long = Bounds { max_requests: 20_000_001, ..bounds };
        assert!(too_long.check(&[], minute).is_err());
    }
}
