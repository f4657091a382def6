//! What listens: scan windows one at a time, and the address under which they ask.
//!
//! BlueZ scans actively: the controller asks every device that can be asked for more, under a random address of
//! its own. While something is on the air the kernel does not change that address (Linux 6.1,
//! `hci_set_random_addr_sync`), so that it would stay for as long as the device broadcasts, over all
//! changes of identifier. It is changed when a scan begins with nothing on the air.

use std::time::Duration;

use btleplug::platform::Manager;
use tokio::time::timeout;
use vungxanh_protocol::advertisement::SERVICE_UUID;

use super::bus::{Bus, BusError};
use super::scan::{self, ScanError, Window};
use super::uuid;
use crate::radio::Sighting;

/// How much longer than a window it may take in all, until BlueZ is taken to hang.
const TIMEOUT: Duration = Duration::from_secs(20);

/// btleplug's connection, which hears, and our own, which has BlueZ scan. Made when first needed.
#[derive(Default)]
pub(super) struct Listener {
    manager: Option<Manager>,
    bus: Option<Bus>,
}

impl Listener {
    /// One scan window of the adapter `name`.
    pub(super) async fn listen(
        &mut self,
        name: &str,
        window: Duration,
    ) -> Result<Vec<Sighting>, ScanError> {
        let manager = match &self.manager {
            Some(manager) => manager.clone(),
            None => self.manager.insert(Manager::new().await?).clone(),
        };
        let bus = self.take_bus().await?;
        let listening = scan::listen(&manager, &bus, name, window);
        let heard = timeout(window + TIMEOUT, listening).await.unwrap_or(Err(ScanError::Hung));
        match &heard {
            Ok(Window { is_over: true, .. }) => self.bus = Some(bus),
            // What it had BlueZ do ends with the connection.
            Ok(_) => {}
            Err(_) => {
                // bluez-async never closes a connection: another only if this one does not work.
                if bus.owner().await.is_ok() && !scan::answers(&manager).await {
                    self.manager = None;
                }
            }
        }
        heard.map(|window| window.heard)
    }

    /// Scans for a moment, with nothing on the air, so that the kernel takes another address for
    /// later windows.
    pub(super) async fn change_address(&mut self, name: &str) -> Result<(), BusError> {
        let bus = self.take_bus().await?;
        bus.start_discovery(name, uuid(SERVICE_UUID)).await?;
        bus.stop_discovery(name).await?;
        self.bus = Some(bus);
        Ok(())
    }

    /// Who takes it puts it back when BlueZ does nothing for it any more; otherwise it is closed.
    async fn take_bus(&mut self) -> Result<Bus, BusError> {
        match self.bus.take() {
            Some(bus) => Ok(bus),
            None => Bus::connect().await,
        }
    }
}
