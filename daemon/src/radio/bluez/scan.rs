//! One scan window: btleplug hears, our own connection has BlueZ scan. btleplug's own `start_scan` would
//! switch the adapter on, and look for classic Bluetooth devices half of the time.

use std::time::Duration;

use btleplug::api::{Central, CentralEvent, CentralState, Manager as _, Peripheral as _};
use btleplug::platform::{Adapter, Manager, PeripheralId};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::{Instant, timeout, timeout_at};
use vungxanh_protocol::advertisement::SERVICE_UUID;

use super::bus::{Bus, BusError};
use super::sightings::Sightings;
use super::uuid;
use crate::radio::Sighting;

/// How long to wait for events of the window that are still on their way when it ends.
const STRAGGLERS: Duration = Duration::from_millis(500);
/// With no event for so long after the end, there are none left.
const QUIET: Duration = Duration::from_millis(50);

/// How long BlueZ may take to answer whether the connection to it works.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a scan window gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScanError {
    #[error("the adapter is switched off")]
    SwitchedOff,
    #[error("the adapter is gone")]
    Gone,
    #[error("scanning ended by itself within a window")]
    Stopped,
    #[error("BlueZ does not answer")]
    Hung,
    #[error(transparent)]
    Bluetooth(#[from] btleplug::Error),
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// What a window gave.
pub(super) struct Window {
    pub(super) heard: Vec<Sighting>,
    /// Whether BlueZ has surely stopped scanning for us.
    pub(super) is_over: bool,
}

/// Listens on the adapter `name` for `window`.
pub(super) async fn listen(
    manager: &Manager,
    bus: &Bus,
    name: &str,
    window: Duration,
) -> Result<Window, ScanError> {
    let adapter = find(manager, name).await?;
    if adapter.adapter_state().await? != CentralState::PoweredOn {
        return Err(ScanError::SwitchedOff);
    }
    // The events first, so that the first sighting is not lost.
    let mut events = adapter.events().await?;
    let mut sightings = Sightings::new();
    // Devices that BlueZ remembers come first, at once. Read before the scan, they have no RSSI.
    while let Some(Some(event)) = events.next().now_or_never() {
        take(&adapter, event, &mut sightings).await;
    }
    bus.start_discovery(name, uuid(SERVICE_UUID)).await?;
    let end = Instant::now() + window;
    while let Ok(Some(event)) = timeout_at(end, events.next()).await {
        take(&adapter, event, &mut sightings).await;
    }
    let silently_ended = sightings.is_empty() && !is_discovering(bus, name).await;
    let stopped = bus.stop_discovery(name).await;
    take_stragglers(&adapter, &mut events, &mut sightings).await;
    let is_over = stopped.is_ok();
    if sightings.is_empty() {
        if silently_ended {
            return Err(ScanError::Stopped);
        }
        stopped?;
    }
    Ok(Window { heard: sightings.close(), is_over })
}

/// Whether BlueZ can be reached over this connection.
pub(super) async fn answers(manager: &Manager) -> bool {
    timeout(TIMEOUT, manager.adapters()).await.is_ok_and(|adapters| adapters.is_ok())
}

async fn find(manager: &Manager, name: &str) -> Result<Adapter, ScanError> {
    for adapter in manager.adapters().await? {
        // "hci0 (usb:v1D6Bp0246d0542)"
        let info = adapter.adapter_info().await?;
        if info.split(' ').next() == Some(name) {
            return Ok(adapter);
        }
    }
    Err(ScanError::Gone)
}

async fn take_stragglers(
    adapter: &Adapter,
    events: &mut (impl Stream<Item = CentralEvent> + Unpin),
    sightings: &mut Sightings<PeripheralId>,
) {
    let end = Instant::now() + STRAGGLERS;
    while Instant::now() < end {
        let Ok(Some(event)) = timeout(QUIET, events.next()).await else { return };
        take(adapter, event, sightings).await;
    }
}

async fn take(adapter: &Adapter, event: CentralEvent, sightings: &mut Sightings<PeripheralId>) {
    let service = uuid(SERVICE_UUID);
    match event {
        CentralEvent::DeviceDiscovered(id) => {
            // No event holds what a device sent that was not known before. When it sends again
            // before this is answered, its second reception counts twice and the first not.
            let Ok(peripheral) = adapter.peripheral(&id).await else { return };
            if let Ok(Some(properties)) = peripheral.properties().await {
                let data = properties.service_data.get(&service).map(Vec::as_slice);
                sightings.discovered(id, data, properties.rssi);
            }
        }
        CentralEvent::RssiUpdate { id, rssi } => sightings.rssi(id, rssi),
        CentralEvent::ServiceDataAdvertisement { id, service_data } => {
            if let Some(data) = service_data.get(&service) {
                sightings.service_data(id, data);
            }
        }
        _ => {}
    }
}

/// Whether BlueZ still scans. Asked only when a window heard no one.
async fn is_discovering(bus: &Bus, name: &str) -> bool {
    let Ok(adapters) = bus.adapters().await else { return false };
    adapters.iter().any(|adapter| adapter.name == name && adapter.discovering)
}
