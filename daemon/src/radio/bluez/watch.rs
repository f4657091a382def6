//! Keeps an eye on the chosen adapter: plugged in and out, switched on and off, bluetoothd
//! restarted, the machine woken up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::broadcast::Broadcast;
use super::bus::{AdapterInfo, Bus, BusError};
use super::choice::AdapterChoice;
use crate::radio::RadioState;

/// How long to wait before what has failed is tried again: the bus, to look, or to broadcast.
const RETRY: Duration = Duration::from_secs(10);

/// What must be the same for an advertisement to be still on the air.
#[derive(PartialEq, Eq)]
struct Epoch<'a> {
    owner: &'a str,
    adapter: Option<(&'a str, &'a str)>,
    powered: bool,
    discoverable: bool,
    /// A bluetoothd that starts shows an adapter before one can advertise on it.
    can_advertise: bool,
}

/// What was last seen of the chosen adapter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The running bluetoothd.
    owner: String,
    /// The adapter, if it is there.
    pub(super) adapter: Option<AdapterInfo>,
}

impl Seen {
    pub(super) fn state(&self) -> RadioState {
        match &self.adapter {
            Some(adapter) if adapter.powered => RadioState::Ready,
            Some(_) => RadioState::SwitchedOff,
            None => RadioState::Missing,
        }
    }

    /// Whether others can find the adapter. The kernel then makes every advertisement connectable and
    /// sends it under the adapter's own address (Linux 6.1, `hci_update_connectable_sync`).
    pub(super) fn is_discoverable(&self) -> bool {
        self.adapter.as_ref().is_some_and(|adapter| adapter.discoverable)
    }

    /// Whether `later` tells of a bluetoothd that is not the one of this.
    fn is_of_another_bluetoothd(&self, later: &Self) -> bool {
        !self.owner.is_empty() && self.owner != later.owner
    }

    fn epoch(&self) -> Epoch<'_> {
        let adapter = self.adapter.as_ref();
        Epoch {
            owner: &self.owner,
            adapter: adapter.map(|adapter| (adapter.name.as_str(), adapter.address.as_str())),
            powered: adapter.is_some_and(|adapter| adapter.powered),
            discoverable: self.is_discoverable(),
            can_advertise: adapter.is_some_and(|adapter| adapter.advertising.is_some()),
        }
    }
}

/// The task's end of what the radio shows.
pub(super) struct Watcher {
    pub(super) choice: AdapterChoice,
    pub(super) seen: watch::Sender<Seen>,
    pub(super) state: watch::Sender<RadioState>,
    pub(super) broadcast: Arc<Broadcast>,
}

impl Watcher {
    pub(super) async fn run(self) {
        loop {
            if let Err(error) = self.watch().await {
                tracing::debug!(%error, "bluez: cannot watch");
            }
            self.take_in(Seen::default(), false, false).await;
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Until the bus is lost.
    async fn watch(&self) -> Result<(), BusError> {
        let mut bus = Bus::connect().await?;
        bus.watch().await?;
        let mut is_silent = false;
        loop {
            let looked = look(&bus, &self.choice).await;
            let has_ended = match &looked {
                Ok(seen) => self.seen.borrow().is_of_another_bluetoothd(seen),
                Err(error) => matches!(error, BusError::NoBlueZ),
            };
            let (seen, is_unanswered) = match looked {
                Ok(seen) => (seen, false),
                Err(BusError::NoBus(reason)) => return Err(BusError::NoBus(reason)),
                // Its coming is told.
                Err(BusError::NoBlueZ) => (Seen::default(), false),
                Err(error) => {
                    tracing::warn!(%error, "bluez: cannot look");
                    (Seen::default(), true)
                }
            };
            is_silent = !self.take_in(seen, has_ended, is_silent).await;
            tokio::select! {
                connected = bus.change() => if !connected { return Ok(()) },
                () = tokio::time::sleep(RETRY), if is_silent || is_unanswered => {}
            }
        }
    }

    /// Takes up the broadcast if the adapter is another one, or if it was `silent`. False if that
    /// failed. `has_ended`: the bluetoothd that was seen before is surely gone.
    async fn take_in(&self, seen: Seen, has_ended: bool, silent: bool) -> bool {
        let before = self.seen.borrow().clone();
        let state = seen.state();
        let may_broadcast = state == RadioState::Ready && !seen.is_discoverable();
        let another = before.epoch() != seen.epoch();
        let name = seen.adapter.as_ref().map(|adapter| adapter.name.clone());
        self.seen.send_replace(seen);
        if has_ended {
            self.broadcast.lost_with_bluetoothd().await;
        } else if another {
            self.broadcast.lost().await;
        }
        let mut done = true;
        if let (true, true, Some(name)) = (another || silent, may_broadcast, name)
            && let Err(error) = self.broadcast.put_on_air(&name).await
        {
            tracing::warn!(%error, "bluez: could not take up advertising again");
            done = false;
        }
        // Told even when it is the same: after a suspend, the engine looks whether the identifier
        // is still the right one.
        self.state.send_replace(state);
        done
    }
}

async fn look(bus: &Bus, choice: &AdapterChoice) -> Result<Seen, BusError> {
    let owner = bus.owner().await?;
    let adapters = bus.adapters().await?;
    Ok(Seen { owner, adapter: choice.choose(&adapters).cloned() })
}
