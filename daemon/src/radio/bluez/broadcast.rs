//! One advertisement on the air through bluer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bluer::adv::{Advertisement as BluezAdvertisement, AdvertisementHandle, Type};
use bluer::{Adapter, ErrorKind, Session};
use tokio::sync::watch;
use tokio::time::timeout;
use vungxanh_protocol::advertisement::{Advertisement, SERVICE_UUID};

use super::listener::Listener;
use super::snapshot::Snapshot;
use super::uuid;
use crate::platform::clock::uptime;
use crate::platform::threads::lock;

/// GAEN Bluetooth specification v1.2: an advertisement every 200 to 270 ms. BlueZ heeds it only
/// with experimental interfaces on; otherwise it takes 1.28 s.
const INTERVAL: (Duration, Duration) = (Duration::from_millis(200), Duration::from_millis(270));
/// How often, and how long in between, BlueZ is asked whether an old advertisement is off.
const OFF_CHECKS: u32 = 50;
const OFF_CHECK_PAUSE: Duration = Duration::from_millis(20);

/// How long BlueZ may take to put an advertisement on the air. A connection on which it takes longer is
/// given up, and with it whatever it left half done.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a change waits for the end of a scan window.
const WINDOW_TIMEOUT: Duration = Duration::from_secs(15);

/// What is and what should be on the air.
pub(super) struct Broadcast {
    seen: watch::Receiver<Snapshot>,
    wanted: Mutex<Option<Wanted>>,
    link: tokio::sync::Mutex<Link>,
    /// Their address changes with the identifier. Taken before `link`, which is never held for long.
    listener: Arc<tokio::sync::Mutex<Listener>>,
}

#[derive(Clone, Copy)]
struct Wanted {
    advertisement: Advertisement,
    /// When it must be silent, by [`uptime`].
    until: Duration,
}

impl Wanted {
    /// Not for less than a second.
    fn left(&self) -> Option<Duration> {
        let left = self.until.saturating_sub(uptime());
        (left >= Duration::from_secs(1)).then_some(left)
    }
}

#[derive(Default)]
struct Link {
    session: Option<Session>,
    on_air: Option<OnAir>,
    /// Of a bluetoothd that ended.
    lost: Vec<AdvertisementHandle>,
}

/// On the air for as long as the handle lives, or until its time is over.
struct OnAir {
    handle: AdvertisementHandle,
    shown: Wanted,
}

impl Broadcast {
    pub(super) fn new(
        seen: watch::Receiver<Snapshot>,
        listener: Arc<tokio::sync::Mutex<Listener>>,
    ) -> Self {
        Self { seen, wanted: Mutex::default(), link: Default::default(), listener }
    }

    /// What should be on the air from now on; `None` for silence.
    pub(super) fn want(&self, advertisement: Option<(Advertisement, Duration)>) {
        *self.wanted() = advertisement
            .map(|(advertisement, timeout)| Wanted { advertisement, until: uptime() + timeout });
    }

    /// Brings what is wanted on the air of adapter `name`, in place of what was. Nothing where nothing may
    /// be on the air.
    pub(super) async fn put_on_air(&self, name: &str) -> bluer::Result<()> {
        if self.link.lock().await.is_as(self.permitted()) {
            return Ok(());
        }
        // Not within a window, whose address would stay. Silence waits for nothing.
        let mut listener = match self.permitted() {
            Some(_) => timeout(WINDOW_TIMEOUT, self.listener.lock()).await.ok(),
            None => None,
        };
        let mut link = self.link.lock().await;
        if link.is_as(self.permitted()) {
            return Ok(());
        }
        let replacing = link.replace(name, listener.as_deref_mut(), || self.permitted());
        let result = timeout(TIMEOUT, replacing).await.unwrap_or_else(|_| Err(unanswered()));
        if result.is_err() {
            // The connection may be what is broken: take another next time.
            link.session = None;
            link.on_air = None;
        }
        result
    }

    /// The adapter went away, was switched off or shows its address, and the advertisement with it.
    pub(super) async fn lost(&self) {
        self.link.lock().await.on_air = None;
    }

    /// bluetoothd ended, and the advertisement with it. A dropped handle would ask for its end by
    /// bluetoothd's name, and so start one that somebody has stopped.
    pub(super) async fn lost_with_bluetoothd(&self) {
        let link = &mut *self.link.lock().await;
        link.lost.extend(link.on_air.take().map(|on_air| on_air.handle));
    }

    /// A bluetoothd is there: what its predecessor took along can be forgotten.
    pub(super) async fn forget_lost(&self) {
        self.link.lock().await.lost.clear();
    }

    /// What is wanted, if it may be on the air now and its time has not passed.
    fn permitted(&self) -> Option<Wanted> {
        let wanted = (*self.wanted()).filter(|wanted| wanted.left().is_some());
        wanted.filter(|_| self.seen.borrow().may_broadcast())
    }

    fn wanted(&self) -> MutexGuard<'_, Option<Wanted>> {
        lock(&self.wanted)
    }
}

impl Link {
    /// Whether just this is on the air.
    fn is_as(&self, wanted: Option<Wanted>) -> bool {
        let on_air = self.on_air.as_ref().map(|on_air| on_air.shown);
        match (on_air, wanted) {
            (Some(shown), Some(wanted)) => {
                shown.left().is_some() && shown.advertisement == wanted.advertisement
            }
            (shown, wanted) => shown.is_none() && wanted.is_none(),
        }
    }

    async fn replace(
        &mut self,
        name: &str,
        listener: Option<&mut Listener>,
        wanted: impl Fn() -> Option<Wanted>,
    ) -> bluer::Result<()> {
        let session = match &self.session {
            Some(session) => session.clone(),
            None => self.session.insert(Session::new().await?).clone(),
        };
        let adapter = session.adapter(name)?;
        if let Some(OnAir { handle, .. }) = self.on_air.take() {
            take_off_air(&adapter, handle).await;
        }
        if let Some(listener) = listener
            && let Err(error) = listener.change_address(name).await
        {
            tracing::debug!(%error, "bluez: the address of scan requests stays");
        }
        // Asked at the last moment: much may have happened since.
        if let Some(shown) = wanted()
            && let Some(left) = shown.left()
        {
            let handle = adapter.advertise(for_bluez(&shown.advertisement, left)).await?;
            self.on_air = Some(OnAir { handle, shown });
        }
        Ok(())
    }
}

/// Waits until the old advertisement is off, so that never two identifiers are on the air at once:
/// bluer takes it off in the background and does not say when it is done.
async fn take_off_air(adapter: &Adapter, handle: AdvertisementHandle) {
    let before = adapter.active_advertising_instances().await.unwrap_or_default();
    drop(handle);
    for _ in 0..OFF_CHECKS {
        match adapter.active_advertising_instances().await {
            Ok(active) if active >= before && before > 0 => {
                tokio::time::sleep(OFF_CHECK_PAUSE).await;
            }
            _ => return,
        }
    }
    tracing::debug!("BlueZ did not say that the old advertisement is off");
}

fn unanswered() -> bluer::Error {
    bluer::Error { kind: ErrorKind::Failed, message: "BlueZ did not answer in time".into() }
}

/// As a broadcast (not connectable), to which the kernel gives a fresh non-resolvable address.
fn for_bluez(advertisement: &Advertisement, timeout: Duration) -> BluezAdvertisement {
    let service = uuid(SERVICE_UUID);
    BluezAdvertisement {
        advertisement_type: Type::Broadcast,
        service_uuids: BTreeSet::from([service]),
        service_data: BTreeMap::from([(service, advertisement.service_data().to_vec())]),
        timeout: Some(timeout),
        min_interval: Some(INTERVAL.0),
        max_interval: Some(INTERVAL.1),
        ..BluezAdvertisement::default()
    }
}
