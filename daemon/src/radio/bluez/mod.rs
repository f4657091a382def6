//! Bluetooth LE through BlueZ: btleplug hears, our own calls advertise, both over libdbus.
//!
//! The radio is never switched on: who switched it off wants it off. Whatever happens to the
//! adapter (unplugged, switched off, bluetoothd restarted, the machine suspended) shows in the
//! state, and the broadcast is taken up again by itself.

pub(crate) mod bus;
pub(crate) mod choice;

mod advertisement;
mod broadcast;
mod listener;
mod scan;
mod sightings;
mod snapshot;
mod thread;
mod visibility;
mod watch;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch as channel;
use uuid::Uuid;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::metadata::Metadata;

use self::broadcast::Broadcast;
use self::choice::AdapterChoice;
use self::listener::Listener;
use self::scan::ScanError;
use self::snapshot::Snapshot;
use self::thread::BusThread;
use self::visibility::Visibility;
use self::watch::Watcher;
use super::calibration::Calibration;
use super::{Advertiser, Radio, RadioError, RadioFuture, RadioState, Scanner, Sighting};

/// A Bluetooth adapter of this machine.
pub struct BluezRadio {
    choice: AdapterChoice,
    calibration: Calibration,
    shared: Arc<SharedRadio>,
    state: channel::Receiver<RadioState>,
    thread: BusThread,
}

/// What outlives a call that its caller gave up.
struct SharedRadio {
    seen: channel::Receiver<Snapshot>,
    broadcast: Arc<Broadcast>,
    listener: Arc<tokio::sync::Mutex<Listener>>,
}

impl BluezRadio {
    /// Takes the adapter into use once it is there. Fails if the system has no thread left.
    pub fn open(choice: AdapterChoice, calibration: Calibration) -> io::Result<Self> {
        let thread = BusThread::start()?;
        let (seen_sender, seen) = channel::channel(Snapshot::default());
        let (state_sender, state) = channel::channel(RadioState::Missing);
        let listener = Arc::default();
        let broadcast = Arc::new(Broadcast::new(seen.clone(), Arc::clone(&listener)));
        let watcher = Watcher {
            choice: choice.clone(),
            seen: seen_sender,
            state: state_sender,
            broadcast: Arc::clone(&broadcast),
        };
        thread.spawn(watcher.run());
        let shared = Arc::new(SharedRadio { seen, broadcast, listener });
        Ok(Self { choice, calibration, shared, state, thread })
    }

    /// Does it on the thread, where what was begun is carried through even if its caller gives up.
    fn carried_through<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T, RadioError>> + Send + 'static,
    ) -> RadioFuture<'static, T> {
        let operation = self.thread.spawn(operation);
        Box::pin(
            async move { operation.await.map_err(|error| RadioError::Refused(error.to_string()))? },
        )
    }
}

impl Advertiser for BluezRadio {
    fn transmit_power(&self) -> Metadata {
        self.calibration.metadata()
    }

    fn advertise(&self, advertisement: &Advertisement, timeout: Duration) -> RadioFuture<'_, ()> {
        let shared = Arc::clone(&self.shared);
        if !shared.seen.borrow().is_asleep {
            shared.broadcast.want(Some((*advertisement, timeout)));
        }
        self.carried_through(async move {
            let name = shared.ready()?;
            shared.put_on_air(&name).await?;
            shared.may_be_on_air()
        })
    }

    fn stop_advertising(&self) -> RadioFuture<'_, ()> {
        self.shared.broadcast.want(None);
        let shared = Arc::clone(&self.shared);
        self.carried_through(async move {
            match shared.ready() {
                Ok(name) => shared.put_on_air(&name).await,
                // Nothing is on the air from a radio that is off or absent.
                Err(_) => Ok(()),
            }
        })
    }
}

impl Scanner for BluezRadio {
    fn rssi_correction(&self) -> i8 {
        self.calibration.rssi_correction
    }

    fn scan(&self, window: Duration) -> RadioFuture<'_, Vec<Sighting>> {
        let shared = Arc::clone(&self.shared);
        let caller = Arc::new(());
        let waits = Arc::downgrade(&caller);
        let heard = self.carried_through(async move {
            shared.listen(window, || waits.strong_count() > 0).await
        });
        Box::pin(async move {
            let _caller = caller;
            heard.await
        })
    }
}

impl Radio for BluezRadio {
    fn name(&self) -> String {
        match &self.shared.seen.borrow().adapter {
            Some(adapter) => format!("bluez:{} ({})", adapter.name, adapter.address),
            None => self.choice.to_string(),
        }
    }

    fn state(&self) -> channel::Receiver<RadioState> {
        self.state.clone()
    }
}

impl SharedRadio {
    /// The adapter's name, if it can be used.
    fn ready(&self) -> Result<String, RadioError> {
        let seen = self.seen.borrow();
        match (seen.state(), &seen.adapter) {
            (RadioState::Ready, Some(adapter)) => Ok(adapter.name.clone()),
            (RadioState::SwitchedOff, _) => Err(RadioError::SwitchedOff),
            _ => Err(RadioError::Missing("the Bluetooth adapter".into())),
        }
    }

    /// Why nothing is on the air of an adapter that works.
    fn may_be_on_air(&self) -> Result<(), RadioError> {
        let seen = self.seen.borrow();
        match seen.visibility {
            _ if seen.is_asleep => Err(RadioError::Refused("the machine goes to sleep".into())),
            Visibility::Discoverable => Err(RadioError::Discoverable),
            Visibility::Connectable => Err(RadioError::Connectable),
            Visibility::Hidden => Ok(()),
        }
    }

    async fn put_on_air(&self, name: &str) -> Result<(), RadioError> {
        let done = self.broadcast.put_on_air(name).await;
        done.map_err(|error| self.explain(format!("advertising: {error}")))
    }

    /// `is_awaited`: whether somebody still waits for it.
    async fn listen(
        &self,
        window: Duration,
        is_awaited: impl Fn() -> bool,
    ) -> Result<Vec<Sighting>, RadioError> {
        let mut listener = self.listener.lock().await;
        if !is_awaited() {
            return Err(RadioError::Refused("no task waits for this window any more".into()));
        }
        let name = self.ready()?;
        let heard = listener.listen(&name, window).await;
        heard.map_err(|error| match error {
            ScanError::SwitchedOff => RadioError::SwitchedOff,
            ScanError::Gone => RadioError::Missing(name),
            error => self.explain(format!("scanning: {error}")),
        })
    }

    /// A failure is that of the adapter's state if that has changed meanwhile.
    fn explain(&self, reason: String) -> RadioError {
        self.ready().err().unwrap_or(RadioError::Refused(reason))
    }
}

/// The 128-bit form of a 16-bit Bluetooth identifier (Bluetooth Core, Vol 3, Part B, 2.5.1).
const fn uuid(short: u16) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_1000_8000_0080_5F9B_34FB | (short as u128) << 96)
}
