//! Radios: what broadcasts our advertisement and hears those of others.
//!
//! The engine drives a [`Radio`] and knows nothing of how it works. `bluez` is Bluetooth. [`air`]
//! is a simulated one for trying, demonstrating and testing on one machine; it is never chosen
//! silently.

pub mod air;
pub(crate) mod bluez;
pub mod calibration;
pub(crate) mod scan_settings;

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::metadata::Metadata;

use self::bluez::BluezRadio;
use self::bluez::choice::AdapterChoice;
use self::calibration::Calibration;

/// What a radio's operations return: a boxed future, so that radios can be used as `dyn Radio`.
pub type RadioFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, RadioError>> + Send + 'a>>;

/// An advertisement received once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// What was heard. The sender's address is not handed on: it is not needed.
    pub advertisement: Advertisement,
    /// How strong, in dBm, uncorrected; [`vungxanh_protocol::encounter::RSSI_UNKNOWN`] where the
    /// controller does not say.
    pub rssi: i8,
}

/// Whether a radio can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RadioState {
    Ready,
    /// It is there, and somebody has switched it off. Nothing here switches it on again.
    SwitchedOff,
    /// There is none: adapter unplugged, Bluetooth service stopped, hub of `air` not running.
    Missing,
}

/// Why a radio could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RadioError {
    /// A radio that this version does not know.
    #[error("unknown radio {0:?}; write bluez, bluez:hci0, bluez:ADDRESS or air:SOCKET#NAME")]
    UnknownRadio(String),
    /// A specification that lacks something.
    #[error("radio {spec:?}: {reason}")]
    BadSpec {
        /// What was asked for.
        spec: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The system has no thread left for it.
    #[error("the radio could not be started: {0}")]
    Start(#[source] io::Error),
    /// The radio is switched off.
    #[error("the radio is switched off; switch Bluetooth on")]
    SwitchedOff,
    /// The radio is not there.
    #[error("{0} is not there")]
    Missing(String),
    /// The radio would show its fixed address beside what it broadcasts.
    #[error(
        "others can find this machine's Bluetooth by its fixed address, so nothing is broadcast beside it; \
         close the Bluetooth settings"
    )]
    Discoverable,
    /// The same, for longer: BlueZ leaves an adapter connectable whose time of being found ran out.
    #[error(
        "others can connect to this machine's Bluetooth by its fixed address, so nothing is broadcast beside \
         it; let them find it once more (Bluetooth settings) and end that"
    )]
    Connectable,
    /// The radio did not accept a request.
    #[error("the radio refused: {0}")]
    Refused(String),
}

/// Broadcasts one advertisement at a time.
pub trait Advertiser: Send + Sync {
    /// What is radiated, for the advertisement's metadata: power and how well it is known.
    fn transmit_power(&self) -> Metadata;

    /// Broadcasts `advertisement` from now on in place of any before, under a new address.
    ///
    /// Falls silent by itself after `timeout` of the radio's time, so that a stalled host does
    /// not repeat one identifier for hours. When the radio is not ready, the call fails, and the
    /// radio takes up the advertisement by itself once it is. What is on the air already stays
    /// there as it is.
    fn advertise(&self, advertisement: &Advertisement, timeout: Duration) -> RadioFuture<'_, ()>;

    /// Falls silent. Succeeds as well when nothing is broadcast.
    fn stop_advertising(&self) -> RadioFuture<'_, ()>;
}

/// Hears the advertisements of others.
pub trait Scanner: Send + Sync {
    /// Decibels to add to every RSSI that this device measures (per device model).
    fn rssi_correction(&self) -> i8;

    /// Listens for `window` and returns every reception, in no particular order; advertisements
    /// of other services are left out. A caller that scans again and again duty-cycles.
    fn scan(&self, window: Duration) -> RadioFuture<'_, Vec<Sighting>>;
}

/// A radio: both directions and its state.
pub trait Radio: Advertiser + Scanner {
    /// Its name for people: `air:/run/user/1000/air.sock#lan (simulated)`.
    fn name(&self) -> String;

    /// Its state, now and whenever it changes.
    fn state(&self) -> watch::Receiver<RadioState>;
}

/// Opens the radio that `spec` names: `bluez` (the default), `bluez:hci1`,
/// `bluez:AA:BB:CC:DD:EE:FF` or `air:SOCKET#NAME`. Call within a tokio runtime.
///
/// A radio that is not there at the moment is no error: its state says so, and it is taken into
/// use when it comes. `calibration` is for Bluetooth; the simulated radio knows its own power.
pub fn open(spec: Option<&str>, calibration: Calibration) -> Result<Arc<dyn Radio>, RadioError> {
    let spec = spec.unwrap_or("bluez");
    if let Some(rest) = spec.strip_prefix("bluez") {
        let bad = |reason| RadioError::BadSpec { spec: spec.into(), reason };
        let choice = AdapterChoice::parse(rest).map_err(bad)?;
        return Ok(Arc::new(BluezRadio::open(choice, calibration).map_err(RadioError::Start)?));
    }
    open_air(spec)
}

fn open_air(spec: &str) -> Result<Arc<dyn Radio>, RadioError> {
    let Some(rest) = spec.strip_prefix("air:") else {
        return Err(RadioError::UnknownRadio(spec.into()));
    };
    let bad = |reason| RadioError::BadSpec { spec: spec.into(), reason };
    let (socket, name) =
        rest.rsplit_once('#').ok_or_else(|| bad("it lacks the device's name: air:SOCKET#NAME"))?;
    if socket.is_empty() {
        return Err(bad("it lacks the socket: air:SOCKET#NAME"));
    }
    if !air::is_valid_name(name) {
        return Err(bad("the device's name must have 1 to 64 letters, digits or - _ ."));
    }
    Ok(Arc::new(air::AirRadio::connect(PathBuf::from(socket), name.into())))
}
