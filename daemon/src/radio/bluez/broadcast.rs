//! What ought to be on the air, and what is: one advertisement at most.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use vungxanh_protocol::advertisement::Advertisement;

use super::advertisement::Registered;
use super::bus::{Bus, BusError};
use super::listener::Listener;
use super::snapshot::Snapshot;
use crate::platform::clock::uptime;
use crate::platform::threads::lock;

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
    bus: Option<Bus>,
    on_air: Option<OnAir>,
    /// Of all advertisements so far.
    count: u64,
}

/// On the air for as long as this lives, or until its time is over.
struct OnAir {
    registered: Registered,
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
    pub(super) async fn put_on_air(&self, name: &str) -> Result<(), BusError> {
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
            // The connection may be what is broken: take another next time. With it ends what was
            // left half done.
            link.on_air = None;
            link.bus = None;
        }
        result
    }

    /// The adapter went away, was switched off or shows its address, or bluetoothd ended, and the
    /// advertisement with it.
    pub(super) async fn lost(&self) {
        self.link.lock().await.on_air = None;
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
    ) -> Result<(), BusError> {
        let bus = match self.bus.take() {
            Some(bus) => self.bus.insert(bus),
            None => self.bus.insert(Bus::connect().await?),
        };
        if let Some(OnAir { registered, .. }) = self.on_air.take()
            && let Err(error) = registered.end(bus).await
        {
            tracing::debug!(%error, "bluez: the old advertisement was gone already");
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
            self.count += 1;
            let (advertisement, number) = (&shown.advertisement, self.count);
            let registered = Registered::register(bus, name, number, advertisement, left).await?;
            self.on_air = Some(OnAir { registered, shown });
        }
        Ok(())
    }
}

fn unanswered() -> BusError {
    BusError::Other("it took too long to take the advertisement".into())
}
