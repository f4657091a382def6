//! What BlueZ says of itself on the system bus: its adapters and when they change.
//!
//! btleplug shows neither who owns the name `org.bluez` nor half of what `doctor` asks, and does not
//! advertise, so this speaks to BlueZ itself, over the same libdbus.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dbus::arg::{AppendAll, OwnedFd, PropMap, Variant, prop_cast};
use dbus::channel::MatchingReceiver;
use dbus::message::{MatchRule, MessageType};
use dbus::nonblock::{Proxy, SyncConnection};
use dbus::{Message, Path};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// BlueZ's name on the bus.
pub const BLUEZ: &str = "org.bluez";
/// What reports suspends (systemd-logind or elogind).
const LOGIN: &str = "org.freedesktop.login1";
const ADAPTER: &str = "org.bluez.Adapter1";
pub(super) const ADVERTISING: &str = "org.bluez.LEAdvertisingManager1";
const MONITORS: &str = "org.bluez.AdvertisementMonitorManager1";
/// How long BlueZ may take to answer a question about itself.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The signals that may change what [`Bus::adapters`] answers, and the beginning and end of a suspend.
const WATCHED: [&str; 5] = [
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'",
    "type='signal',sender='org.bluez',member='PropertiesChanged',arg0='org.bluez.Adapter1'",
    "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',member='InterfacesAdded'",
    "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',member='InterfacesRemoved'",
    "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Manager',member='PrepareForSleep'",
];

type Interfaces = HashMap<String, PropMap>;

/// Why the bus or BlueZ did not answer.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("the system bus cannot be reached: {0}")]
    NoBus(String),
    /// No process owns `org.bluez`.
    #[error("the Bluetooth service (bluetoothd) is not running")]
    NoBlueZ,
    /// The bus does not let us speak to BlueZ.
    #[error("the system bus does not permit to speak to BlueZ: {0}")]
    Denied(String),
    #[error("BlueZ did not answer: {0}")]
    Other(String),
}

/// One Bluetooth adapter, as BlueZ describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterInfo {
    /// For example `hci0`.
    pub name: String,
    /// Its address, upper case with colons.
    pub address: String,
    /// `public` or `random`.
    pub address_type: String,
    /// Whether it is switched on.
    pub powered: bool,
    /// Whether it is scanning, for any program.
    pub discovering: bool,
    /// Whether it lets others find it by inquiry.
    pub discoverable: bool,
    /// After how long BlueZ ends that; `None` for never.
    pub discoverable_limit: Option<Duration>,
    /// Whether others can connect to it; `None` where BlueZ is too old to say.
    pub connectable: Option<bool>,
    /// `central`, `peripheral`, ...; empty where BlueZ is too old to say.
    pub roles: Vec<String>,
    /// What it can advertise, if it can.
    pub advertising: Option<AdvertisingInfo>,
    /// The advertisement monitors that programs may register on it.
    pub monitors: MonitorInfo,
}

/// Advertisement monitors that BlueZ offers on an adapter; without experimental interfaces none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MonitorInfo {
    /// Kinds that a program may register.
    pub kinds: Vec<String>,
    /// What of it the controller itself does.
    pub features: Vec<String>,
}

/// What an adapter can advertise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvertisingInfo {
    /// Advertisements in use now, of all programs.
    pub active: u8,
    /// Advertisements that can be added.
    pub free: u8,
    /// Whether the controller itself changes between several (extended advertising).
    pub hardware_offload: bool,
}

/// A connection to the system bus.
pub struct Bus {
    connection: Arc<SyncConnection>,
    /// Notified whenever something may have changed.
    changed: Arc<Notify>,
    is_going_to_sleep: Arc<AtomicBool>,
    /// Ends when the connection is lost.
    resource: JoinHandle<()>,
}

impl Bus {
    /// Connects. Call within a tokio runtime of one thread.
    pub async fn connect() -> Result<Self, BusError> {
        let connected = tokio::task::spawn_blocking(dbus_tokio::connection::new_system_sync)
            .await
            .map_err(|error| BusError::NoBus(error.to_string()))?;
        let (resource, connection) =
            connected.map_err(|error| BusError::NoBus(error.to_string()))?;
        let resource = tokio::spawn(async move {
            let lost = resource.await;
            tracing::debug!(%lost, "the connection to the system bus ended");
        });
        Ok(Self {
            connection,
            changed: Arc::default(),
            is_going_to_sleep: Arc::default(),
            resource,
        })
    }

    /// Subscribes to changes; see [`Bus::change`].
    pub async fn watch(&self) -> Result<(), BusError> {
        for rule in WATCHED {
            self.connection.add_match_no_cb(rule).await.map_err(bus_error)?;
        }
        let (changed, sleep) = (Arc::clone(&self.changed), Arc::clone(&self.is_going_to_sleep));
        let mut signals = MatchRule::new();
        signals.msg_type = Some(MessageType::Signal);
        self.connection.start_receive(
            signals,
            Box::new(move |message, _| {
                let goes_to_sleep = prepares_for_sleep(&message);
                if let Some(goes_to_sleep) = goes_to_sleep {
                    sleep.store(goes_to_sleep, Ordering::Relaxed);
                }
                if goes_to_sleep.is_some() || concerns_adapters(&message) {
                    changed.notify_one();
                }
                true
            }),
        );
        Ok(())
    }

    /// Waits until something may have changed. False when the connection was lost.
    pub async fn change(&mut self) -> bool {
        tokio::select! {
            () = self.changed.notified() => true,
            _ = &mut self.resource => false,
        }
    }

    /// Whether the machine is about to sleep: true from the announcement until it is awake.
    pub(super) fn is_going_to_sleep(&self) -> bool {
        self.is_going_to_sleep.load(Ordering::Relaxed)
    }

    /// Makes the machine wait with its next sleep until what is returned is dropped, some seconds at most
    /// (`InhibitDelayMaxSec` of logind).
    pub(super) async fn delay_sleep(&self) -> Result<OwnedFd, BusError> {
        let owner = self.owner_of(LOGIN).await?;
        let login = self.proxy(&owner, "/org/freedesktop/login1");
        let what = ("sleep", "Vung Xanh", "Stops broadcasting before the machine sleeps", "delay");
        let lock: Result<(OwnedFd,), _> =
            login.method_call("org.freedesktop.login1.Manager", "Inhibit", what).await;
        lock.map(|(lock,)| lock).map_err(bus_error)
    }

    /// The unique name of the running bluetoothd: another one after a restart. Does not start it.
    pub async fn owner(&self) -> Result<String, BusError> {
        self.owner_of(BLUEZ).await
    }

    async fn owner_of(&self, name: &str) -> Result<String, BusError> {
        let bus = self.proxy("org.freedesktop.DBus", "/org/freedesktop/DBus");
        let owner: Result<(String,), _> =
            bus.method_call("org.freedesktop.DBus", "GetNameOwner", (name,)).await;
        owner.map(|(owner,)| owner).map_err(bus_error)
    }

    /// The adapters, by name. Does not start bluetoothd.
    pub async fn adapters(&self) -> Result<Vec<AdapterInfo>, BusError> {
        let owner = self.owner().await?;
        let root = self.proxy(&owner, "/");
        let (objects,): (HashMap<Path<'static>, Interfaces>,) = root
            .method_call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", ())
            .await
            .map_err(bus_error)?;
        let mut adapters: Vec<_> = objects
            .iter()
            .filter_map(|(path, interfaces)| AdapterInfo::read(path, interfaces))
            .collect();
        adapters.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(adapters)
    }

    /// Has an adapter scan for service data under `service`, Low Energy only, until
    /// [`Bus::stop_discovery`] or until this connection ends. Does not switch it on.
    pub(super) async fn start_discovery(
        &self,
        adapter: &str,
        service: Uuid,
    ) -> Result<(), BusError> {
        let mut filter = PropMap::new();
        filter.insert("Transport".into(), Variant(Box::new("le".to_owned())));
        filter.insert("UUIDs".into(), Variant(Box::new(vec![service.to_string()])));
        filter.insert("DuplicateData".into(), Variant(Box::new(true)));
        self.ask_adapter(adapter, "SetDiscoveryFilter", (filter,)).await?;
        self.ask_adapter(adapter, "StartDiscovery", ()).await
    }

    /// Ends what [`Bus::start_discovery`] began.
    pub(super) async fn stop_discovery(&self, adapter: &str) -> Result<(), BusError> {
        self.ask_adapter(adapter, "StopDiscovery", ()).await
    }

    async fn ask_adapter(
        &self,
        adapter: &str,
        method: &str,
        arguments: impl AppendAll,
    ) -> Result<(), BusError> {
        let owner = self.owner().await?;
        self.call(&owner, &adapter_path(adapter), ADAPTER, method, arguments).await
    }

    /// A call without an answer but that it is done. `owner`: see [`Bus::owner`].
    pub(super) async fn call(
        &self,
        owner: &str,
        path: &str,
        interface: &str,
        method: &str,
        arguments: impl AppendAll,
    ) -> Result<(), BusError> {
        let answer: Result<(), _> =
            self.proxy(owner, path).method_call(interface, method, arguments).await;
        answer.map_err(bus_error)
    }

    /// For objects of our own on it.
    pub(super) const fn connection(&self) -> &Arc<SyncConnection> {
        &self.connection
    }

    /// Calls go to the owner of a name: one to the name itself would start a bluetoothd that somebody has
    /// stopped.
    fn proxy<'a>(&self, name: &'a str, path: &'a str) -> Proxy<'a, Arc<SyncConnection>> {
        Proxy::new(name, path, TIMEOUT, Arc::clone(&self.connection))
    }
}

/// The path of an adapter's object.
pub(super) fn adapter_path(name: &str) -> String {
    format!("/org/bluez/{name}")
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.resource.abort();
    }
}

impl AdapterInfo {
    fn read(path: &str, interfaces: &Interfaces) -> Option<Self> {
        let name = path.strip_prefix("/org/bluez/")?;
        let adapter = interfaces.get(ADAPTER)?;
        let text = |key| prop_cast::<String>(adapter, key).cloned().unwrap_or_default();
        let flag = |key| prop_cast::<bool>(adapter, key).copied().unwrap_or_default();
        let list = |map, key| prop_cast::<Vec<String>>(map, key).cloned().unwrap_or_default();
        Some(Self {
            name: name.to_owned(),
            address: text("Address").to_uppercase(),
            address_type: text("AddressType"),
            powered: flag("Powered"),
            discovering: flag("Discovering"),
            discoverable: flag("Discoverable"),
            discoverable_limit: prop_cast::<u32>(adapter, "DiscoverableTimeout")
                .filter(|seconds| **seconds > 0)
                .map(|seconds| Duration::from_secs((*seconds).into())),
            connectable: prop_cast(adapter, "Connectable").copied(),
            roles: list(adapter, "Roles"),
            advertising: interfaces.get(ADVERTISING).map(|manager| AdvertisingInfo {
                active: prop_cast(manager, "ActiveInstances").copied().unwrap_or_default(),
                free: prop_cast(manager, "SupportedInstances").copied().unwrap_or_default(),
                // Without experimental interfaces BlueZ shows the channels alone.
                hardware_offload: !list(manager, "SupportedSecondaryChannels").is_empty()
                    || list(manager, "SupportedFeatures")
                        .iter()
                        .any(|feature| feature == "HardwareOffload"),
            }),
            monitors: interfaces.get(MONITORS).map_or_else(MonitorInfo::default, |manager| {
                MonitorInfo {
                    kinds: list(manager, "SupportedMonitorTypes"),
                    features: list(manager, "SupportedFeatures"),
                }
            }),
        })
    }
}

/// true before the machine sleeps, false when it has woken up.
fn prepares_for_sleep(message: &Message) -> Option<bool> {
    (message.member().as_deref() == Some("PrepareForSleep")).then(|| message.get1::<bool>())?
}

/// Whether a signal may change what is known of adapters. Devices come and go all the time, and our own
/// scan windows begin and end.
fn concerns_adapters(message: &Message) -> bool {
    let member = message.member().map(|member| member.to_string()).unwrap_or_default();
    match member.as_str() {
        "NameOwnerChanged" => true,
        "PropertiesChanged" => {
            let changed = message.read2::<String, PropMap>().map(|(_, changed)| changed);
            !changed.is_ok_and(|changed| changed.keys().all(|property| property == "Discovering"))
        }
        "InterfacesAdded" | "InterfacesRemoved" => {
            message.get1::<Path<'_>>().is_some_and(|path| !path.contains("/dev_"))
        }
        _ => false,
    }
}

fn bus_error(error: dbus::Error) -> BusError {
    let text = error.message().unwrap_or("no reason given").to_owned();
    match error.name() {
        Some(
            "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.ServiceUnknown",
        ) => BusError::NoBlueZ,
        Some("org.freedesktop.DBus.Error.AccessDenied") => BusError::Denied(text),
        Some("org.freedesktop.DBus.Error.Disconnected") => BusError::NoBus(text),
        _ => BusError::Other(text),
    }
}
