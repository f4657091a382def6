//! A radio that does what a test asks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};

use super::clock::SettableClock;
use crate::radio::{Advertiser, Radio, RadioError, RadioFuture, RadioState, Scanner, Sighting};

/// A radio near no one, unless set otherwise. It records what it was asked to broadcast, and the uptimes at which it
/// was asked to listen.
pub(crate) struct ScriptedRadio {
    clock: Arc<SettableClock>,
    pub(crate) state: watch::Sender<RadioState>,
    /// How many more times it refuses to broadcast.
    pub(crate) refusals: AtomicU64,
    /// What it was asked to broadcast, and for how long.
    pub(crate) asked: Mutex<Vec<(Advertisement, Duration)>>,
    pub(crate) scans: Mutex<Vec<u64>>,
    /// What it hears each time.
    pub(crate) hears: Mutex<Vec<Sighting>>,
    /// It ends neither a window nor an advertisement.
    pub(crate) hangs: AtomicBool,
    /// In which scan the machine sleeps, and for how many seconds.
    pub(crate) sleeps_in: Mutex<Option<(usize, u64)>>,
    /// In which scan somebody sets the clock, and by how many seconds.
    pub(crate) set_in: Mutex<Option<(usize, i64)>>,
}

impl ScriptedRadio {
    /// By `clock`, in `state`.
    pub(crate) fn new(clock: Arc<SettableClock>, state: RadioState) -> Self {
        Self {
            clock,
            state: watch::channel(state).0,
            refusals: AtomicU64::default(),
            asked: Mutex::default(),
            scans: Mutex::default(),
            hears: Mutex::default(),
            hangs: AtomicBool::default(),
            sleeps_in: Mutex::default(),
            set_in: Mutex::default(),
        }
    }

    async fn unless_it_hangs(&self) {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

impl Advertiser for ScriptedRadio {
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
        Box::pin(async {
            self.unless_it_hangs().await;
            Ok(())
        })
    }
}

impl Scanner for ScriptedRadio {
    fn rssi_correction(&self) -> i8 {
        0
    }

    fn scan(&self, _: Duration) -> RadioFuture<'_, Vec<Sighting>> {
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

impl Radio for ScriptedRadio {
    fn name(&self) -> String {
        "scripted".into()
    }

    fn state(&self) -> watch::Receiver<RadioState> {
        self.state.subscribe()
    }
}
