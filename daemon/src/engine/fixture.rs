//! What the engine's tests stand on: a clock that can be set and a radio that hears what it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::Instant;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};

use super::Engine;
use super::events::{Event, EventSink};
use crate::platform::profile::Profile;
use crate::radio::{Advertiser, Heard, Radio, RadioError, RadioFuture, RadioState, Scanner};
use crate::store::MemoryStore;
use crate::sync::{Settings, Sync as AuthoritySync};
use crate::venue::{CheckIns, Runtime};

/// 2026-03-10T12:00:00Z
pub(crate) const NOON: UnixTime = UnixTime::from_secs(1_773_144_000);

/// Real time after which a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Time passes only by waiting for it, and can be set.
#[derive(Default)]
pub(crate) struct SettableClock {
    up_seconds: AtomicU64,
    set_by: AtomicI64,
    slept_seconds: AtomicU64,
}

impl SettableClock {
    /// The machine sleeps.
    pub(crate) fn suspend(&self, seconds: u64) {
        self.up_seconds.fetch_add(seconds, Ordering::SeqCst);
        self.slept_seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Seconds since it was started.
    pub(crate) fn up(&self) -> u64 {
        self.up_seconds.load(Ordering::SeqCst)
    }

    /// Somebody sets the clock.
    pub(crate) fn set(&self, seconds: i64) {
        self.set_by.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for SettableClock {
    fn now(&self) -> UnixTime {
        let up = NOON.plus(self.up_seconds.load(Ordering::SeqCst)).as_secs();
        UnixTime::from_secs(up.saturating_add_signed(self.set_by.load(Ordering::SeqCst)))
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.up_seconds.load(Ordering::SeqCst))
    }

    fn slept(&self) -> Duration {
        Duration::from_secs(self.slept_seconds.load(Ordering::SeqCst))
    }

    fn nap(&self, until: UnixTime) -> Duration {
        self.up_seconds.fetch_add(until.since(self.now()).min(30), Ordering::SeqCst);
        Duration::ZERO
    }
}

/// Time that passes as tokio's does, which tests may pause.
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> UnixTime {
        NOON.plus(self.uptime().as_secs())
    }

    fn uptime(&self) -> Duration {
        self.0.elapsed()
    }

    fn nap(&self, until: UnixTime) -> Duration {
        Duration::from_secs(until.since(self.now()).min(30))
    }
}

/// A radio near nobody, unless told. It keeps the moments, by the uptime, at which it was asked to listen.
pub(crate) struct Lonely {
    clock: Arc<SettableClock>,
    state: watch::Sender<RadioState>,
    pub(super) scans: std::sync::Mutex<Vec<u64>>,
    /// What it hears each time.
    pub(super) hears: std::sync::Mutex<Vec<Heard>>,
    /// It ends neither a window nor an advertisement.
    pub(crate) hangs: AtomicBool,
    /// In which scan the machine sleeps, and for how many seconds.
    pub(super) sleeps_in: std::sync::Mutex<Option<(usize, u64)>>,
    /// In which scan somebody sets the clock, and by how many seconds.
    pub(super) set_in: std::sync::Mutex<Option<(usize, i64)>>,
}

impl Lonely {
    async fn unless_it_hangs(&self) {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

impl Advertiser for Lonely {
    fn transmit_power(&self) -> Metadata {
        Metadata { confidence: CalibrationConfidence::Lowest, tx_power: 0 }
    }

    fn advertise(&self, _: &Advertisement, _: Duration) -> RadioFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn stop_advertising(&self) -> RadioFuture<'_, ()> {
        Box::pin(async {
            self.unless_it_hangs().await;
            Ok(())
        })
    }
}

impl Scanner for Lonely {
    fn rssi_correction(&self) -> i8 {
        0
    }

    fn scan(&self, _: Duration) -> RadioFuture<'_, Vec<Heard>> {
        Box::pin(async {
            if *self.state.borrow() != RadioState::Ready {
                return Err(RadioError::SwitchedOff);
            }
            self.unless_it_hangs().await;
            let mut scans = self.scans.lock().unwrap();
            let scan = scans.len();
            scans.push(self.clock.up());
            if let Some((_, seconds)) = self.sleeps_in.lock().unwrap().filter(|(of, _)| *of == scan)
            {
                self.clock.suspend(seconds);
            }
            if let Some((_, seconds)) = self.set_in.lock().unwrap().filter(|(of, _)| *of == scan) {
                self.clock.set(seconds);
            }
            Ok(self.hears.lock().unwrap().clone())
        })
    }
}

impl Radio for Lonely {
    fn name(&self) -> String {
        "lonely".into()
    }

    fn state(&self) -> watch::Receiver<RadioState> {
        self.state.subscribe()
    }
}

struct Deaf;

impl EventSink for Deaf {
    fn tell(&self, _: Event) {}
}

/// An engine in a profile of its own.
pub(crate) struct Bench {
    pub(crate) engine: Arc<Engine>,
    pub(super) clock: Arc<SettableClock>,
    pub(crate) radio: Arc<Lonely>,
    _folder: TempDir,
}

impl Bench {
    /// On what `store` holds, with a radio in `state`.
    pub(super) fn new(store: Arc<MemoryStore>, state: RadioState) -> Self {
        let clock = Arc::new(SettableClock::default());
        Self::by(clock.clone(), clock, store, state)
    }

    /// The same by tokio's time.
    pub(crate) fn by_tokio(store: Arc<MemoryStore>, state: RadioState) -> Self {
        Self::by(Arc::new(TokioClock(Instant::now())), Arc::default(), store, state)
    }

    fn by(
        time: Arc<dyn Clock>,
        clock: Arc<SettableClock>,
        store: Arc<MemoryStore>,
        state: RadioState,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path().join("profile"));
        profile.create().unwrap();
        let (check_ins, _) = CheckIns::open(&profile, Runtime::Memory, time.now()).unwrap();
        let settings = Settings::new(folder.path().join("spool"));
        let sync = AuthoritySync::open(store.clone(), time.clone(), settings).unwrap();
        let radio = Arc::new(Lonely {
            clock: clock.clone(),
            state: watch::channel(state).0,
            scans: std::sync::Mutex::default(),
            hears: std::sync::Mutex::default(),
            hangs: AtomicBool::default(),
            sleeps_in: std::sync::Mutex::default(),
            set_in: std::sync::Mutex::default(),
        });
        let check_ins = Arc::new(check_ins);
        let engine = Engine::new(time, store, radio.clone(), sync, check_ins, Box::new(Deaf));
        Self { engine: Arc::new(engine.unwrap()), clock, radio, _folder: folder }
    }

    /// Runs `loops` until `happened`; fails when it does not.
    pub(super) async fn run_until(
        &self,
        loops: impl Future<Output = ()>,
        happened: impl Fn(&Self) -> bool,
    ) {
        tokio::select! {
            () = loops => {}
            () = async { while !happened(self) { tokio::task::yield_now().await } } => {}
            () = tokio::time::sleep(PATIENCE) => panic!("waited in vain"),
        }
    }

    /// Runs all loops for some time.
    pub(super) async fn run(&self, seconds: u64) {
        let end = self.clock.uptime() + Duration::from_secs(seconds);
        self.run_until(self.engine.run(), |bench| bench.clock.uptime() >= end).await;
    }
}
