//! Keeps an eye on the chosen adapter: plugged in and out, switched on and off, shown to others,
//! bluetoothd restarted, the machine put to sleep and woken up.

use std::sync::Arc;
use std::time::Duration;

use dbus::arg::OwnedFd;
use tokio::sync::watch;

use super::broadcast::Broadcast;
use super::bus::{AdapterInfo, Bus, BusError};
use super::choice::AdapterChoice;
use super::snapshot::Snapshot;
use super::visibility::VisibilityWatch;
use crate::platform::clock::uptime;
use crate::radio::RadioState;

/// How long to wait before what has failed is tried again: the bus, to look, or to broadcast.
const RETRY: Duration = Duration::from_secs(10);

/// The task's end of what the radio shows.
pub(super) struct Watcher {
    pub(super) choice: AdapterChoice,
    pub(super) seen: watch::Sender<Snapshot>,
    pub(super) state: watch::Sender<RadioState>,
    pub(super) broadcast: Arc<Broadcast>,
}

/// What one look alone does not show.
#[derive(Default)]
struct Past {
    /// The address of the adapter that has been in use.
    used: String,
    /// Of that adapter under this bluetoothd.
    visibility: VisibilityWatch,
    seen: Snapshot,
}

impl Watcher {
    pub(super) async fn run(self) {
        let mut past = Past::default();
        loop {
            if let Err(error) = self.watch(&mut past).await {
                tracing::debug!(%error, "bluez: cannot watch");
            }
            self.take_in(Snapshot::default(), false, false).await;
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Until the bus is lost.
    async fn watch(&self, past: &mut Past) -> Result<(), BusError> {
        let mut bus = Bus::connect().await?;
        bus.watch().await?;
        let mut sleep_delay = delay_sleep(&bus).await;
        let mut is_silent = false;
        loop {
            if bus.is_going_to_sleep() {
                self.fall_asleep().await;
                sleep_delay = None;
            } else {
                if sleep_delay.is_none() {
                    sleep_delay = delay_sleep(&bus).await;
                }
                is_silent = !self.look(&bus, past, is_silent).await?;
            }
            tokio::select! {
                connected = bus.change() => if !connected { return Ok(()) },
                () = tokio::time::sleep(RETRY), if is_silent => {}
            }
        }
    }

    /// Looks once. False if it is silent though it need not be: then another look is due soon. Fails if the
    /// bus is lost.
    async fn look(&self, bus: &Bus, past: &mut Past, is_silent: bool) -> Result<bool, BusError> {
        match past.look(bus, &self.choice).await {
            Ok(seen) => {
                let has_ended = self.seen.borrow().is_of_another_bluetoothd(&seen);
                Ok(self.take_in(seen, has_ended, is_silent).await)
            }
            Err(BusError::NoBus(reason)) => Err(BusError::NoBus(reason)),
            // Its arrival is announced.
            Err(BusError::NoBlueZ) => Ok(self.take_in(Snapshot::default(), true, is_silent).await),
            Err(error) => {
                tracing::warn!(%error, "bluez: cannot look");
                self.take_in(Snapshot::default(), false, is_silent).await;
                Ok(false)
            }
        }
    }

    /// Takes off the air what would be there again when the machine wakes up, maybe at another place. After
    /// that the engine says again what is wanted.
    async fn fall_asleep(&self) {
        let mut name = None;
        self.seen.send_if_modified(|seen| {
            seen.is_asleep = true;
            name = seen.adapter.as_ref().map(|adapter| adapter.name.clone());
            false
        });
        self.broadcast.want(None);
        if let Some(name) = name
            && let Err(error) = self.broadcast.put_on_air(&name).await
        {
            tracing::debug!(%error, "bluez: what is on the air stays while the machine sleeps");
        }
    }

    /// Takes up the broadcast if the adapter is another one, or if it was `silent`. False if that
    /// failed. `has_ended`: the bluetoothd that was seen before is surely gone.
    async fn take_in(&self, seen: Snapshot, has_ended: bool, silent: bool) -> bool {
        let before = self.seen.borrow().clone();
        let (state, may_broadcast) = (seen.state(), seen.may_broadcast());
        let another = before.epoch() != seen.epoch();
        let name = seen.adapter.as_ref().map(|adapter| adapter.name.clone());
        self.seen.send_replace(seen);
        if has_ended || another {
            self.broadcast.lost().await;
        }
        let mut done = true;
        if let (true, true, Some(name)) = (another || silent, may_broadcast, name)
            && let Err(error) = self.broadcast.put_on_air(&name).await
        {
            tracing::warn!(%error, "bluez: could not take up advertising again");
            done = false;
        }
        // Sent even when it is the same: after a suspend, the engine looks whether the identifier
        // is still the right one.
        self.state.send_replace(state);
        done
    }
}

impl Past {
    async fn look(&mut self, bus: &Bus, choice: &AdapterChoice) -> Result<Snapshot, BusError> {
        let owner = bus.owner().await?;
        let adapters = bus.adapters().await?;
        let adapter = choice.choose_again(&adapters, &self.used).cloned();
        let address = |adapter: &Option<AdapterInfo>| {
            adapter.as_ref().map(|adapter| adapter.address.clone()).unwrap_or_default()
        };
        if self.seen.owner != owner || address(&self.seen.adapter) != address(&adapter) {
            self.visibility = VisibilityWatch::default();
        }
        let visibility = adapter
            .as_ref()
            .map(|adapter| self.visibility.look(adapter, uptime()))
            .unwrap_or_default();
        let seen = Snapshot { owner, adapter, visibility, is_asleep: false };
        if seen.state() == RadioState::Ready {
            self.used = address(&seen.adapter);
        }
        self.seen = seen.clone();
        Ok(seen)
    }
}

/// No one to ask: no systemd or elogind. Then the kernel may go to sleep first.
async fn delay_sleep(bus: &Bus) -> Option<OwnedFd> {
    let delay = bus.delay_sleep().await;
    delay.inspect_err(|error| tracing::debug!(%error, "the machine's sleep is not delayed")).ok()
}
