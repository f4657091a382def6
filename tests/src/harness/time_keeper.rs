//! Makes scaled time wait for the devices: it goes on only as far as every device has caught up
//! with what it must do by then, so that a slow machine makes the demo longer and not wrong.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vungxanh_daemon::radio::air::{Activity, AirWatcher};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use crate::scaled_clock::ClockDriver;

/// How long one identifier may be on the air before time waits for its change, in scaled seconds:
/// from the middle of the interval before its own to the end of its own, and a minute.
const LONGEST_SHOWN: u64 = 900 + 60;
/// How long after the beginning of a scan time waits for the next one, in scaled seconds: the
/// longest pause of a device alone, and a minute.
const LONGEST_DEAF: u64 = 300 + 60;
/// Real time for which time stands still at most. A device that is behind for longer is broken,
/// and the story goes on, so that its verdict can say so.
pub const STANDSTILL: Duration = Duration::from_secs(60);
/// How often the devices are looked at.
const POLL: Duration = Duration::from_millis(5);

/// How far time may go.
#[derive(Debug, Default)]
struct Limit {
    /// Devices that are not waited for any more, with what they had done last.
    given_up: BTreeMap<String, Activity>,
    standing_since: Option<Instant>,
}

impl Limit {
    /// The moment that time must not pass, now that it is `now` on the scaled clock and `real` on
    /// the machine's.
    fn of(&mut self, devices: &[Activity], now: UnixTime, real: Instant) -> UnixTime {
        let (given_up, standing) = (&self.given_up, self.standing_since.is_some());
        let behind = |device: &&Activity| due(device).is_some_and(|due| due <= now);
        let waited_for = devices.iter().filter(|one| given_up.get(&one.name) != Some(one));
        let limit = waited_for.clone().filter_map(due).min();
        let behind: Vec<&Activity> = waited_for.filter(behind).collect();
        if behind.is_empty() {
            self.standing_since = None;
        } else if !standing {
            self.standing_since = Some(real);
        } else if self.standing_since.is_some_and(|since| real.duration_since(since) > STANDSTILL) {
            self.given_up.extend(behind.iter().map(|one| (one.name.clone(), (*one).clone())));
            self.standing_since = None;
        }
        limit.unwrap_or(UnixTime::from_secs(u64::MAX))
    }
}

/// By when a device must have done something.
fn due(device: &Activity) -> Option<UnixTime> {
    let change = device.broadcasting_since.map(|since| since.plus(LONGEST_SHOWN));
    let scan = device.scanned_at.map(|at| at.plus(LONGEST_DEAF));
    change.into_iter().chain(scan).min()
}

/// Drives the clock in a thread of its own. Dropped, it leaves time standing still.
#[derive(Debug)]
pub struct TimeKeeper {
    driver: Arc<Mutex<ClockDriver>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl TimeKeeper {
    /// Keeps the time of `driver`, which `clock` follows, for the devices that `air` shows.
    pub fn start(driver: ClockDriver, clock: Arc<dyn Clock>, air: AirWatcher) -> Self {
        let driver = Arc::new(Mutex::new(driver));
        let ended = Arc::new(AtomicBool::new(false));
        let (kept, end) = (Arc::clone(&driver), Arc::clone(&ended));
        let keep = move || {
            let mut limit = Limit::default();
            while !end.load(Ordering::Relaxed) {
                let until = limit.of(&air.activity(), clock.now(), Instant::now());
                // If the file cannot be written, time stands still, which the waiting side notices.
                let _ = lock(&kept).advance(until);
                std::thread::sleep(POLL);
            }
        };
        Self { driver, ended, thread: Some(std::thread::spawn(keep)) }
    }

    /// See [`ClockDriver::set_rate`].
    pub fn set_rate(&self, rate: u32) -> io::Result<()> {
        lock(&self.driver).set_rate(rate)
    }

    /// See [`ClockDriver::run_until`].
    pub fn run_until(&self, until: UnixTime, rate: u32, then: u32) -> io::Result<()> {
        lock(&self.driver).run_until(until, rate, then)
    }
}

impl Drop for TimeKeeper {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(driver: &Mutex<ClockDriver>) -> MutexGuard<'_, ClockDriver> {
    driver.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

    fn device(name: &str, shown_for: u64, deaf_for: u64) -> Activity {
        let before = |seconds| Some(UnixTime::from_secs(NOW.as_secs() - seconds));
        Activity {
            name: name.into(),
            broadcasting_since: before(shown_for),
            scanned_at: before(deaf_for),
        }
    }

    #[test]
    fn time_goes_as_far_as_the_device_that_is_due_first() {
        let mut limit = Limit::default();
        let devices = [device("lan", 100, 50), device("minh", 900, 50), device("an", 10, 350)];
        assert_eq!(limit.of(&devices[..1], NOW, Instant::now()), NOW.plus(310));
        assert_eq!(limit.of(&devices[..2], NOW, Instant::now()), NOW.plus(60));
        assert_eq!(limit.of(&devices, NOW, Instant::now()), NOW.plus(10));
        assert_eq!(limit.of(&[], NOW, Instant::now()).as_secs(), u64::MAX);
    }

    #[test]
    fn a_broken_device_stops_time_for_a_while_and_not_for_ever() {
        let mut limit = Limit::default();
        let (stuck, well) = (device("lan", 960, 50), device("an", 10, 60));
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        for seconds in [0, 30, 60] {
            assert_eq!(limit.of(&[stuck.clone(), well.clone()], NOW, at(seconds)), NOW);
        }
        limit.of(&[stuck.clone(), well.clone()], NOW, at(61));
        assert_eq!(limit.of(&[stuck.clone(), well.clone()], NOW, at(62)), NOW.plus(300));
        // It is waited for again once it has done something.
        let late = device("lan", 0, 50);
        assert_eq!(limit.of(&[late, well], NOW, at(63)), NOW.plus(300));
        assert_eq!(limit.of(&[device("lan", 955, 50)], NOW, at(64)), NOW.plus(5));
    }
}
