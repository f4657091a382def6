//! The scanning loop: scan windows by the schedule, their scan instances into the store.

use std::time::Duration;

use tokio::time::Instant;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::encounter::{MAX_SECONDS_SINCE_LAST_SCAN, ScanInstance, ScanWindow};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::recently_heard::RecentlyHeard;
use vungxanh_protocol::scan_schedule::ScanSchedule;

use super::events::Event;
use super::problems::ProblemKind;
use super::{Engine, RADIO_TIMEOUT, broadcast};
use crate::platform::clock::sleep_until;
use crate::radio::{RadioError, RadioState, Sighting};

/// Sleep of the machine that does not matter.
const SHORT_SLEEP: Duration = Duration::from_secs(5);
/// Real time from one window to the next, at most, unless the machine slept, though its monotonic
/// clock may have run on: the longest gap, and what a sleep and a radio may take.
const LONGEST_GAP: Duration = Duration::from_secs(MAX_SECONDS_SINCE_LAST_SCAN)
    .saturating_add(RADIO_TIMEOUT.saturating_mul(3));

/// A moment by clocks that cannot be set.
#[derive(Debug, Clone, Copy)]
struct Moment {
    awake: Instant,
    slept: Duration,
}

impl Moment {
    fn now(clock: &dyn Clock) -> Self {
        Self { awake: Instant::now(), slept: clock.slept() }
    }

    fn slept_since(&self, earlier: &Self) -> Duration {
        self.slept.saturating_sub(earlier.slept)
    }

    /// Real time, awake or asleep.
    fn since(&self, earlier: &Self) -> Duration {
        self.awake.saturating_duration_since(earlier.awake) + self.slept_since(earlier)
    }

    /// Whether a window that begins now can speak for the time since an `earlier` one: not for
    /// time in which the machine slept.
    fn goes_on_from(&self, earlier: &Self) -> bool {
        self.slept_since(earlier) <= SHORT_SLEEP && self.since(earlier) <= LONGEST_GAP
    }
}

pub(super) async fn run(engine: &Engine) {
    let mut schedule = ScanSchedule::new(engine.scan_policy);
    let mut previous: Option<(UnixTime, Moment)> = None;
    let mut recent = RecentlyHeard::default();
    loop {
        let begun = Moment::now(engine.clock.as_ref());
        let now = engine.clock.now();
        let state = *engine.radio.state().borrow();
        if engine.parameters().is_none() || state != RadioState::Ready {
            previous = None;
            wait_to_retry(engine, state).await;
            continue;
        }
        if !schedule.is_due(now) {
            engine.wait_until(schedule.next().unwrap_or(now)).await;
            continue;
        }
        engine.look_at_clock();
        let trusted = engine.clock_is_trusted();
        let heard = match listen(engine, now, &begun).await {
            Ok(Some(heard)) => heard,
            Ok(None) => {
                tracing::debug!("a scan window was dropped: the machine slept in it");
                previous = None;
                continue;
            }
            Err(error) => {
                broadcast::report(engine, ProblemKind::ScanFailed, Err(error));
                previous = None;
                wait_to_retry(engine, state).await;
                continue;
            }
        };
        let before = previous.filter(|(_, earlier)| begun.goes_on_from(earlier));
        engine.look_at_clock();
        // Set while we listened, it may have been wrong at the window's start.
        let trusted = trusted && engine.clock_is_trusted();
        let window = ScanWindow::open(now, before.map(|(start, _)| start), trusted);
        let instances = collect(engine, window, &heard, &mut recent);
        schedule.scanned(now, !instances.is_empty(), &mut rand::rng());
        previous = Some((now, begun));
        note_scan(engine, now, &instances);
        record(engine, now, instances).await;
    }
}

/// One scan window, to its end by the engine's clock. `None` when the machine slept in it: what was
/// heard may be of long after its start.
async fn listen(
    engine: &Engine,
    start: UnixTime,
    begun: &Moment,
) -> Result<Option<Vec<Sighting>>, RadioError> {
    let window = engine.scan_policy.window();
    let heard = tokio::time::timeout(window + RADIO_TIMEOUT, engine.radio.scan(window))
        .await
        .map_err(|_| RadioError::Refused("the radio does not answer".into()))??;
    if Moment::now(engine.clock.as_ref()).since(begun) > window + RADIO_TIMEOUT {
        return Ok(None);
    }
    sleep_until(engine.clock.as_ref(), start.plus(window.as_secs())).await;
    Ok(Some(heard))
}

/// The window's scan instances, our own advertisement (relayed back to us) left out.
fn collect(
    engine: &Engine,
    mut window: ScanWindow,
    heard: &[Sighting],
    recent: &mut RecentlyHeard,
) -> Vec<(Advertisement, ScanInstance)> {
    let own = engine.keys.advertisement().map(|own| own.identifier);
    for one in heard.iter().filter(|one| Some(one.advertisement.identifier) != own) {
        window.hear(one.advertisement, one.rssi);
    }
    window.close(recent, &mut rand::rng())
}

async fn record(engine: &Engine, start: UnixTime, instances: Vec<(Advertisement, ScanInstance)>) {
    if instances.is_empty() {
        return;
    }
    let result =
        engine.on_store(move |store| store.record_scan(start.interval(), &instances)).await;
    match result {
        Ok(recorded) => {
            engine.resolved(ProblemKind::Store);
            if recorded.left_out > 0 {
                tracing::warn!(left_out = recorded.left_out, "more devices than an interval holds");
            }
        }
        Err(error) => engine.problem(ProblemKind::Store, error),
    }
}

pub(super) fn note_scan(engine: &Engine, start: UnixTime, heard: &[(Advertisement, ScanInstance)]) {
    engine.resolved(ProblemKind::ScanFailed);
    engine.resolved(ProblemKind::ScanStopped);
    let first = {
        let mut runtime_state = engine.runtime_state();
        runtime_state.last_scan = Some(start);
        runtime_state.heard_in_last_scan = u32::try_from(heard.len()).unwrap_or(u32::MAX);
        runtime_state.nearby.scanned(start, heard);
        runtime_state.watchdog.scanned();
        runtime_state.on_air.is_some()
            && !std::mem::replace(&mut runtime_state.announced_tracing, true)
    };
    if first {
        engine.emit(Event::Tracing);
    }
}

/// Waits until the radio's state is another than `seen`, or for the retry time. Radios also report
/// a state that is the same as before; that ends no wait.
async fn wait_to_retry(engine: &Engine, seen: RadioState) {
    let mut state = engine.radio.state();
    tokio::select! {
        () = engine.wait_to_retry() => {}
        _ = state.wait_for(|state| *state != seen) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake, Waker};

    use super::*;
    use crate::store::{EncounterStore, MemoryStore};
    use crate::test_support::{EngineFixture, NOON, enrol};

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn a_clock_set_back_does_not_stop_scanning() {
        let store = Arc::new(MemoryStore::new());
        enrol(store.as_ref(), NOON);
        let bench = EngineFixture::new(store, RadioState::Ready);
        let scans = |bench: &EngineFixture| bench.radio.scans.lock().unwrap().clone();
        let up = || bench.engine.clock.uptime().as_secs();
        let set_back = async {
            // Between two windows, when the next one is being waited for.
            while scans(&bench).get(4).is_none_or(|fifth| up() < fifth + 10) {
                tokio::task::yield_now().await;
            }
            bench.clock.set(-7 * 3_600);
            up()
        };
        let scanning = bench.run_until(run(&bench.engine), |bench| scans(bench).len() >= 8);
        let (before, ()) = tokio::join!(set_back, scanning);
        let sixth = scans(&bench)[5];
        assert!(sixth - before <= 60, "at {sixth}, set back at {before}");
        assert!(!bench.engine.clock_is_trusted());
    }

    #[tokio::test]
    async fn what_is_heard_around_a_suspend_gets_neither_its_time_nor_the_time_before() {
        const SLEPT: u64 = 3 * 3_600;
        let store = Arc::new(MemoryStore::new());
        enrol(store.as_ref(), NOON);
        store.begin_day(NOON.day(), 14).unwrap();
        let bench = EngineFixture::new(store, RadioState::Ready);
        *bench.radio.hears.lock().unwrap() = vec![Sighting {
            advertisement: Advertisement::from_service_data(&[7; 20]).unwrap(),
            rssi: -60,
        }];
        let scans = |bench: &EngineFixture| bench.radio.scans.lock().unwrap().clone();
        let suspend = async {
            // Between two windows, then within one.
            while scans(&bench).get(1).is_none_or(|second| bench.clock.up() < second + 10) {
                tokio::task::yield_now().await;
            }
            bench.clock.suspend(SLEPT);
            *bench.radio.sleeps_in.lock().unwrap() = Some((4, SLEPT));
        };
        let scanning = bench.run_until(run(&bench.engine), |bench| scans(bench).len() >= 7);
        tokio::join!(suspend, scanning);
        let first = NOON.interval();
        let kept = bench.engine.store.scans(first, first.plus(144)).unwrap().instances;
        let kept: Vec<_> = kept
            .into_iter()
            .map(|(_, scan)| (scan.time.since(NOON), scan.seconds_since_last_scan))
            .collect();
        let scans = scans(&bench);
        let gap = |at: usize| (scans[at] - scans[at - 1]) as u16;
        // The fifth is dropped. The third and the sixth are the first after a suspend.
        let expected = [
            (scans[0], 120),
            (scans[1], gap(1)),
            (scans[2], 120),
            (scans[3], gap(3)),
            (scans[5], 120),
        ];
        assert_eq!(kept[..5], expected);
        assert!(scans[2] - scans[1] > SLEPT && scans[5] - scans[4] >= SLEPT);
    }

    #[tokio::test]
    async fn a_window_in_which_the_clock_is_set_is_not_scored() {
        let store = Arc::new(MemoryStore::new());
        enrol(store.as_ref(), NOON);
        store.begin_day(NOON.day(), 14).unwrap();
        let bench = EngineFixture::new(store, RadioState::Ready);
        let advertisement = Advertisement::from_service_data(&[7; 20]).unwrap();
        *bench.radio.hears.lock().unwrap() = vec![Sighting { advertisement, rssi: -60 }];
        *bench.radio.set_in.lock().unwrap() = Some((2, -1_800));
        let scanned = |bench: &EngineFixture| bench.radio.scans.lock().unwrap().len() >= 4;
        bench.run_until(run(&bench.engine), scanned).await;
        let first = NOON.interval().minus(6);
        let kept = bench.engine.store.scans(first, first.plus(144)).unwrap().instances;
        let trusted: Vec<_> = kept.iter().map(|(_, scan)| scan.clock_trusted).collect();
        assert_eq!(trusted.iter().filter(|trusted| **trusted).count(), 2, "{trusted:?}");
        assert!(trusted.len() >= 3);
    }

    #[test]
    fn a_gap_on_a_machine_whose_monotonic_clock_runs_on_in_its_sleep() {
        let earlier = Moment { awake: Instant::now(), slept: Duration::from_secs(40) };
        let after = |awake, slept| Moment {
            awake: earlier.awake + Duration::from_secs(awake),
            slept: earlier.slept + Duration::from_secs(slept),
        };
        assert!(after(300, 0).goes_on_from(&earlier));
        assert!(after(390, 0).goes_on_from(&earlier));
        assert!(!after(391, 0).goes_on_from(&earlier));
        assert!(after(100, 5).goes_on_from(&earlier));
        assert!(!after(100, 6).goes_on_from(&earlier));
        assert_eq!(after(100, 6).since(&earlier), Duration::from_secs(106));
    }

    #[tokio::test]
    async fn nothing_runs_while_the_radio_is_off() {
        let store = Arc::new(MemoryStore::new());
        let fixture = EngineFixture::new(store, RadioState::SwitchedOff);
        let sender = &fixture.radio.state;
        let mut scanning = pin!(run(&fixture.engine));
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut poll = || scanning.as_mut().poll(&mut Context::from_waker(&waker)).is_pending();
        assert!(poll());
        assert_eq!(wakes.0.load(Ordering::SeqCst), 0, "it must wait for something to happen");
        sender.send_replace(RadioState::SwitchedOff);
        assert!(poll());
        let told = wakes.0.load(Ordering::SeqCst);
        assert!(poll());
        assert_eq!(wakes.0.load(Ordering::SeqCst), told, "the same state again is no news");
        sender.send_replace(RadioState::Ready);
        assert_eq!(wakes.0.load(Ordering::SeqCst), told + 1);
    }
}
