//! Someone who records everything on the air, beside every person: what must neither last nor be
//! found anywhere else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use vungxanh_daemon::platform::clock::sleep_until;
use vungxanh_daemon::radio::Scanner;
use vungxanh_daemon::radio::air::{AirHub, AirRadio, Point};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::identifier::{IDENTIFIER_BYTES, RollingProximityIdentifier};
use vungxanh_protocol::interval::UnixTime;

/// How long each scan listens.
const WINDOW: Duration = Duration::from_secs(4);
/// Scaled seconds between two scans: shorter than any identifier is shown.
const EVERY_SECONDS: u64 = 200;
/// How far the recorder is from the person it follows, in metres.
const BESIDE_M: f64 = 0.5;

type SightingTimes = BTreeMap<[u8; IDENTIFIER_BYTES], (UnixTime, UnixTime)>;

/// Recorders beside everyone. They stop when this is dropped.
#[derive(Debug)]
pub struct Eavesdropper {
    heard: Arc<Mutex<SightingTimes>>,
    _recorders: JoinSet<()>,
}

impl Eavesdropper {
    /// Starts a recorder beside each of `ids`. Call within a tokio runtime.
    pub fn start(socket: &Path, ids: &[&str], clock: &Arc<dyn Clock>) -> Self {
        let heard = Arc::new(Mutex::new(SightingTimes::new()));
        let mut recorders = JoinSet::new();
        for id in ids {
            let radio = AirRadio::connect(socket.into(), name_of(id));
            recorders.spawn(record(radio, Arc::clone(&heard), Arc::clone(clock)));
        }
        Self { heard, _recorders: recorders }
    }

    /// Follows the person `id` to `place`.
    pub fn follow(hub: &AirHub, id: &str, place: Point) {
        hub.place(&name_of(id), Point { x: place.x, y: place.y + BESIDE_M });
    }

    /// Every identifier heard so far.
    pub fn identifiers(&self) -> Vec<[u8; IDENTIFIER_BYTES]> {
        lock(&self.heard).keys().copied().collect()
    }

    /// The longest time between the first and the last moment at which one identifier was heard,
    /// in seconds.
    pub fn longest_shown(&self) -> u64 {
        let heard = lock(&self.heard);
        heard.values().map(|(first, last)| last.since(*first)).max().unwrap_or(0)
    }
}

fn name_of(id: &str) -> String {
    format!("recorder-{id}")
}

fn lock(heard: &Mutex<SightingTimes>) -> MutexGuard<'_, SightingTimes> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn record(radio: AirRadio, heard: Arc<Mutex<SightingTimes>>, clock: Arc<dyn Clock>) {
    loop {
        let begun = clock.now();
        let Ok(receptions) = radio.scan(WINDOW).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // First heard by the end of one scan, last heard after the beginning of another: however
        // late this task was notified, no time is counted in which nothing was shown.
        let ended = clock.now();
        {
            let mut heard = lock(&heard);
            for reception in receptions {
                let RollingProximityIdentifier(identifier) = reception.advertisement.identifier;
                heard.entry(identifier).or_insert((ended, begun)).1 = begun;
            }
        }
        sleep_until(clock.as_ref(), begun.plus(EVERY_SECONDS)).await;
    }
}
