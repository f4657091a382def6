use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};

use super::*;
use crate::engine::events::{Event, EventSink};
use crate::engine::scanning;
use crate::platform::profile::Profile;
use crate::radio::{Advertiser, Heard, Radio, RadioFuture, Scanner};
use crate::store::{EncounterStore, MemoryStore};
use crate::sync::fixture::TRACING;
use crate::sync::{Settings, Sync as AuthoritySync};
use crate::venue::{CheckIns, Runtime};

/// A minute before an interval begins: what is first broadcast there stays for five minutes at least.
const NOW: UnixTime = UnixTime::from_secs(1_799_999_940);

/// Its time, and that since boot, in seconds.
struct HandClock(AtomicU64, AtomicU64);

impl Clock for HandClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.1.load(Ordering::SeqCst))
    }

    fn nap(&self, _: UnixTime) -> Duration {
        Duration::from_secs(3_600)
    }
}

/// A radio that refuses as often as it is told to.
struct Stubborn {
    refusals: AtomicU64,
    /// What it was asked to broadcast, and for how long.
    asked: Mutex<Vec<(Advertisement, Duration)>>,
    state: watch::Sender<RadioState>,
}

impl Advertiser for Stubborn {
    fn transmit_power(&self) -> Metadata {
        Metadata { confidence: CalibrationConfidence::Lowest, tx_power: 0 }
    }

    fn advertise(&self, wanted: &Advertisement, timeout: Duration) -> RadioFuture<'_, ()> {
        self.asked.lock().unwrap().push((*wanted, timeout));
        let left = self.refusals.load(Ordering::SeqCst);
        self.refusals.store(left.saturating_sub(1), Ordering::SeqCst);
        let state = *self.state.borrow();
        Box::pin(async move {
            match state {
                RadioState::Ready if left > 0 => {
                    Err(RadioError::Refused("Maximum advertisements reached".into()))
                }
                RadioState::Ready => Ok(()),
                _ => Err(RadioError::SwitchedOff),
            }
        })
    }

    fn stop_advertising(&self) -> RadioFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Scanner for Stubborn {
    fn rssi_correction(&self) -> i8 {
        0
    }

    fn scan(&self, _: Duration) -> RadioFuture<'_, Vec<Heard>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Radio for Stubborn {
    fn name(&self) -> String {
        "stubborn".into()
    }

    fn state(&self) -> watch::Receiver<RadioState> {
        self.state.subscribe()
    }
}

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Event>>>);

impl EventSink for Told {
    fn tell(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

struct Bench {
    engine: Engine,
    clock: Arc<HandClock>,
    radio: Arc<Stubborn>,
    told: Told,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn refusing(times: u64) -> Self {
        let clock = Arc::new(HandClock(AtomicU64::new(NOW.as_secs()), AtomicU64::new(0)));
        let radio = Arc::new(Stubborn {
            refusals: AtomicU64::new(times),
            asked: Mutex::default(),
            state: watch::channel(RadioState::Ready).0,
        });
        let store = Arc::new(MemoryStore::new());
        let _ = store.begin_day(NOW.day(), 14).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path().join("profile"));
        profile.create().unwrap();
        let check_ins = CheckIns::open(&profile, Runtime::Memory, NOW).unwrap().0;
        let settings = Settings::new(folder.path().to_owned());
        let sync = AuthoritySync::open(store.clone(), clock.clone(), settings).unwrap();
        let told = Told::default();
        let (ins, sink) = (Arc::new(check_ins), Box::new(told.clone()));
        let engine = Engine::new(clock.clone(), store, radio.clone(), sync, ins, sink).unwrap();
        Self { engine, clock, radio, told, _folder: folder }
    }

    /// The loop's work, once a minute.
    async fn minutes(&self, count: u64) {
        for _ in 0..count {
            self.clock.0.fetch_add(60, Ordering::SeqCst);
            self.clock.1.fetch_add(60, Ordering::SeqCst);
            broadcast(&self.engine, &TRACING, false).await;
        }
    }

    fn scan(&self) {
        scanning::note_scan(&self.engine, self.clock.now(), &[]);
    }

    fn asked(&self) -> Vec<(Advertisement, Duration)> {
        self.radio.asked.lock().unwrap().clone()
    }

    /// Whether tracing works, and the problems.
    async fn status(&self) -> (bool, Vec<String>) {
        let status = self.engine.status().await.unwrap();
        (status.tracing, status.problems.into_iter().map(|problem| problem.id).collect())
    }
}

#[tokio::test]
async fn what_the_radio_refused_is_tried_again_until_it_is_on_the_air() {
    let bench = Bench::refusing(3);
    let refused = vec!["problem-broadcast-failed".to_owned()];
    for _ in 0..3 {
        bench.minutes(1).await;
        bench.scan();
        assert_eq!(bench.status().await, (false, refused.clone()), "scanning mends it not");
    }
    bench.minutes(1).await;
    bench.scan();
    assert_eq!(bench.status().await, (true, Vec::new()));
    bench.minutes(1).await;
    let asked = bench.asked();
    assert_eq!(asked.len(), 4, "what is on the air is left alone");
    let first = asked[0];
    for (minute, again) in (0u64..).zip(&asked) {
        assert_eq!(again.0, first.0, "the identifier stays until its time has passed");
        assert_eq!(again.1, first.1 - Duration::from_secs(60 * minute), "and is silent in time");
    }
    let told: Vec<_> = bench.told.0.lock().unwrap().clone();
    let kind = Kind::BroadcastFailed;
    let detail = "the radio refused: Maximum advertisements reached".to_owned();
    let problem = Event::Problem { kind, detail };
    assert_eq!(told, [problem, Event::Mended { kind }, Event::Tracing]);
}

#[tokio::test]
async fn an_identifier_that_stays_because_the_clock_was_set_back_stays_on_the_air() {
    let bench = Bench::refusing(0);
    bench.minutes(1).await;
    let (first, lasts) = bench.asked()[0];
    for _ in 0..lasts.as_secs() / 60 + 1 {
        bench.clock.0.fetch_sub(60, Ordering::SeqCst);
        bench.minutes(1).await;
    }
    let identifiers: Vec<_> = bench.asked().iter().map(|(asked, _)| asked.identifier).collect();
    assert_eq!(identifiers, [first.identifier; 2], "asked again when the first time was over");
}

#[tokio::test]
async fn a_refused_identifier_is_not_tried_beyond_its_time() {
    let bench = Bench::refusing(u64::MAX);
    bench.minutes(120).await;
    let asked = bench.asked();
    assert_eq!(asked.len(), 120);
    let mut identifiers: Vec<_> = asked.iter().map(|(asked, _)| asked.identifier).collect();
    identifiers.dedup();
    // One for each ten minutes, as if the radio took them.
    assert!((12..=13).contains(&identifiers.len()), "{}", identifiers.len());
    assert!(asked.iter().all(|(_, timeout)| *timeout > SILENCE_AFTER));
    bench.scan();
    assert!(!bench.status().await.0);
}

#[tokio::test]
async fn a_radio_that_was_off_is_asked_again_when_it_is_on() {
    let bench = Bench::refusing(0);
    bench.radio.state.send_replace(RadioState::SwitchedOff);
    bench.minutes(3).await;
    bench.scan();
    assert_eq!(bench.asked().len(), 1, "it knows what is wanted");
    assert_eq!(bench.status().await, (false, vec!["problem-radio-off".to_owned()]));
    bench.radio.refusals.store(1, Ordering::SeqCst);
    bench.radio.state.send_replace(RadioState::Ready);
    bench.minutes(1).await;
    assert_eq!(bench.status().await, (false, vec!["problem-broadcast-failed".to_owned()]));
    bench.minutes(1).await;
    assert_eq!(bench.status().await, (true, Vec::new()));
    // bluetoothd has started anew: what was on the air may be lost.
    bench.radio.refusals.store(1, Ordering::SeqCst);
    broadcast(&bench.engine, &TRACING, true).await;
    assert!(!bench.status().await.0);
    bench.minutes(1).await;
    assert!(bench.status().await.0);
}
