//! What listens: scan windows one at a time, and the address under which they ask.
//!
//! BlueZ scans actively: the controller asks whoever can be asked for more, under a random address of
//! its own. While something is on the air the kernel does not change that address (Linux 6.1,
//! `hci_set_random_addr_sync`), so that it would stay for as long as the device broadcasts, over all
//! changes of identifier. It is changed when a scan begins with nothing on the air.

use std::time::Duration;

use btleplug::platform::Manager;
use vungxanh_protocol::advertisement::SERVICE_UUID;

use super::bus::{Bus, BusError};
use super::scan::{self, ScanError};
use super::uuid;
use crate::radio::Heard;

/// btleplug's connection, which hears, and our own, which has BlueZ scan. Made when first needed.
#[derive(Default)]
pub(super) struct Ears {
    manager: Option<Manager>,
    bus: Option<Bus>,
}

impl Ears {
    /// One scan window of the adapter `name`.
    pub(super) async fn listen(
        &mut self,
        name: &str,
        window: Duration,
    ) -> Result<Vec<Heard>, ScanError> {
        let manager = match &self.manager {
            Some(manager) => manager.clone(),
            None => self.manager.insert(Manager::new().await?).clone(),
        };
        let bus = self.bus().await?;
        let heard = scan::listen(&manager, bus, name, window).await;
        if heard.is_err() {
            // bluez-async never closes a connection: another only if this one does not work.
            if bus.owner().await.is_ok() && !scan::answers(&manager).await {
                self.manager = None;
            }
            self.bus = None;
        }
        heard
    }

    /// Scans for a moment, with nothing on the air, so that the kernel takes another address for
    /// later windows.
    pub(super) async fn change_address(&mut self, name: &str) -> Result<(), BusError> {
        let bus = self.bus().await?;
        let changed = match bus.start_discovery(name, uuid(SERVICE_UUID)).await {
            Ok(()) => bus.stop_discovery(name).await,
            Err(error) => Err(error),
        };
        if changed.is_err() {
            self.bus = None;
        }
        changed
    }

    async fn bus(&mut self) -> Result<&Bus, BusError> {
        match &mut self.bus {
            Some(bus) => Ok(bus),
            none => Ok(none.insert(Bus::connect().await?)),
        }
    }
}
