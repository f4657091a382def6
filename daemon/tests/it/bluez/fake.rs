//! A bluetoothd without Bluetooth: as much of `org.bluez` as btleplug and the daemon use,
//! with adapters and devices that a test moves. It enforces what the real one enforces: no
//! scanning and no advertising while switched off, a limited number of advertisements.

mod handler;
pub(super) mod login;
mod world;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dbus::arg::PropMap;
use dbus::channel::{MatchingReceiver, Token};
use dbus::message::MatchRule;
use dbus::nonblock::{Proxy, SyncConnection};
use dbus::{Message, Path};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use self::handler::Handler;
use self::world::{ADVERTISEMENTS, ADVERTISING, Device, World, device_path, lock, path_of, put};
pub(super) use self::world::{FakeAdapter, Registered};

const TIMEOUT: Duration = Duration::from_secs(60);

/// The running fake; dropping it is bluetoothd's end.
pub(super) struct FakeBlueZ {
    connection: Arc<SyncConnection>,
    world: Arc<Mutex<World>>,
    changed: Arc<Notify>,
    resource: JoinHandle<()>,
    /// Of what receives the calls, and holds the connection.
    receiver: Token,
}

impl FakeBlueZ {
    /// Takes the name `org.bluez`, with the adapters `hciN` in this order of (address, powered).
    pub(super) async fn start(adapters: &[(&str, bool)]) -> Self {
        let (resource, connection) = dbus_tokio::connection::new_system_sync().unwrap();
        let resource = tokio::spawn(async move { drop(resource.await) });
        let adapters = adapters.iter().enumerate().map(|(i, (address, powered))| {
            let adapter = FakeAdapter {
                address: (*address).to_owned(),
                powered: *powered,
                ..FakeAdapter::default()
            };
            (format!("hci{i}"), adapter)
        });
        let world = Arc::new(Mutex::new(World { adapters: adapters.collect() }));
        let handler = Handler { connection: connection.clone(), world, changed: Arc::default() };
        let (world, changed) = (handler.world.clone(), handler.changed.clone());
        let receiver = connection.start_receive(
            MatchRule::new_method_call(),
            Box::new(move |message, _| {
                let handler = handler.clone();
                tokio::spawn(async move { handler.handle(message).await });
                true
            }),
        );
        let fake = Self { connection, world, changed, resource, receiver };
        fake.connection.request_name("org.bluez", false, true, true).await.unwrap();
        fake
    }

    /// bluetoothd ends.
    pub(super) async fn stop(self) {
        self.connection.release_name("org.bluez").await.unwrap();
    }

    /// How many connections the bus has, this one among them.
    pub(super) async fn connections(&self) -> usize {
        let connection = self.connection.clone();
        let bus = Proxy::new("org.freedesktop.DBus", "/org/freedesktop/DBus", TIMEOUT, connection);
        let (names,): (Vec<String>,) =
            bus.method_call("org.freedesktop.DBus", "ListNames", ()).await.unwrap();
        names.iter().filter(|name| name.starts_with(':')).count()
    }

    /// Waits until the bus has so many.
    pub(super) async fn until_connections(&self, wanted: usize) {
        let reached = async {
            while self.connections().await != wanted {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let reached = tokio::time::timeout(TIMEOUT, reached).await;
        assert!(reached.is_ok(), "there are {} connections", self.connections().await);
    }

    pub(super) fn adapter(&self, name: &str) -> FakeAdapter {
        lock(&self.world).adapters[name].clone()
    }

    /// Waits until the adapter is as `wanted`.
    pub(super) async fn until(&self, name: &str, wanted: impl Fn(&FakeAdapter) -> bool) {
        loop {
            let changed = self.changed.notified();
            if lock(&self.world).adapters.get(name).is_some_and(&wanted) {
                return;
            }
            let waited = tokio::time::timeout(TIMEOUT, changed).await;
            assert!(waited.is_ok(), "{name} stays {:?}", lock(&self.world).adapters.get(name));
        }
    }

    /// The person switches the adapter on or off. Off, its advertisements are gone.
    pub(super) fn switch(&self, name: &str, powered: bool) {
        {
            let mut world = lock(&self.world);
            let adapter = world.adapters.get_mut(name).unwrap();
            adapter.powered = powered;
            adapter.discovering = false;
            adapter.on_air.clear();
        }
        self.handler().properties_changed(&path_of(name), "org.bluez.Adapter1", "Powered", powered);
    }

    /// After how many seconds being discoverable ends by itself.
    pub(super) fn limit_finding(&self, name: &str, seconds: u32) {
        lock(&self.world).adapters.get_mut(name).unwrap().discoverable_timeout = seconds;
    }

    /// Others can find the adapter from now on, or no more.
    pub(super) fn let_others_find(&self, name: &str, discoverable: bool) {
        lock(&self.world).adapters.get_mut(name).unwrap().discoverable = discoverable;
        let (path, adapter) = (path_of(name), "org.bluez.Adapter1");
        self.handler().properties_changed(&path, adapter, "Discoverable", discoverable);
    }

    /// From now on BlueZ shows whether others can connect to the adapter.
    pub(super) fn show_connectable(&self, name: &str, connectable: bool) {
        lock(&self.world).adapters.get_mut(name).unwrap().connectable = Some(connectable);
    }

    /// From now on the adapter is one of Bluetooth 5.
    pub(super) fn make_extended(&self, name: &str) {
        lock(&self.world).adapters.get_mut(name).unwrap().extended = true;
    }

    /// From now on BlueZ knows advertisement monitors on the adapter, of these kinds; without
    /// experimental interfaces it shows none.
    pub(super) fn offer_monitors(&self, name: &str, kinds: &[&str], features: &[&str]) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let monitors = Some((owned(kinds), owned(features)));
        lock(&self.world).adapters.get_mut(name).unwrap().monitors = monitors;
    }

    /// Other programs advertise as much as the adapter can.
    pub(super) fn occupy(&self, name: &str) {
        let other = Registered {
            object: "/other".to_owned(),
            kind: "peripheral".to_owned(),
            services: Vec::new(),
            service_data: Vec::new(),
            timeout: 0,
        };
        let on_air = vec![other; ADVERTISEMENTS.into()];
        lock(&self.world).adapters.get_mut(name).unwrap().on_air = on_air;
    }

    /// Other programs end their advertisements.
    pub(super) fn vacate(&self, name: &str) {
        lock(&self.world).adapters.get_mut(name).unwrap().on_air.clear();
    }

    /// bluetoothd hangs when asked to scan, until it does no more.
    pub(super) fn hang(&self, name: &str, hung: bool) {
        lock(&self.world).adapters.get_mut(name).unwrap().hung = hung;
        self.changed.notify_waiters();
    }

    /// Scanning ends by itself, without any announcement.
    pub(super) fn stop_scanning_silently(&self, name: &str) {
        lock(&self.world).adapters.get_mut(name).unwrap().discovering = false;
    }

    /// The adapter is pulled out.
    pub(super) fn unplug(&self, name: &str) {
        lock(&self.world).adapters.remove(name);
        let removed = Message::signal(
            &"/".into(),
            &"org.freedesktop.DBus.ObjectManager".into(),
            &"InterfacesRemoved".into(),
        );
        let path = Path::from(path_of(name));
        self.handler().send(removed.append2(path, vec!["org.bluez.Adapter1"]));
    }

    /// An adapter is plugged in.
    pub(super) fn plug(&self, name: &str, address: &str, powered: bool) {
        let adapter =
            FakeAdapter { address: address.to_owned(), powered, ..FakeAdapter::default() };
        let interfaces = adapter.interfaces();
        lock(&self.world).adapters.insert(name.to_owned(), adapter);
        self.handler().added(&path_of(name), interfaces);
    }

    /// An adapter as a bluetoothd that has just started shows it: no one can advertise on it yet.
    pub(super) fn plug_bare(&self, name: &str, address: &str) {
        let (address, powered, bare) = (address.to_owned(), true, true);
        let adapter = FakeAdapter { address, powered, bare, ..FakeAdapter::default() };
        let interfaces = adapter.interfaces();
        lock(&self.world).adapters.insert(name.to_owned(), adapter);
        self.handler().added(&path_of(name), interfaces);
    }

    /// From now on one can advertise on a bare adapter.
    pub(super) fn complete(&self, name: &str) {
        let mut interfaces = self
            .handler()
            .with_adapter(&path_of(name), |adapter| {
                adapter.bare = false;
                Ok(adapter.interfaces())
            })
            .unwrap();
        interfaces.retain(|interface, _| interface == ADVERTISING);
        self.handler().added(&path_of(name), interfaces);
    }

    /// BlueZ remembers a device from before, with what it then sent.
    pub(super) fn remember(&self, name: &str, address: &str, service_data: &[u8]) {
        let device = Device { service_data: service_data.to_vec(), rssi: None };
        let mut world = lock(&self.world);
        world.adapters.get_mut(name).unwrap().devices.insert(address.to_owned(), device);
    }

    /// The adapter hears an advertisement, which a real one reports only while scanning. A device
    /// that is not known appears; of a known one, RSSI and service data change in one signal.
    pub(super) fn hear(&self, name: &str, address: &str, service_data: &[u8], rssi: i16) {
        let path = device_path(name, address);
        let device = Device { service_data: service_data.to_vec(), rssi: Some(rssi) };
        let known = {
            let mut world = lock(&self.world);
            let adapter = world.adapters.get_mut(name).unwrap();
            assert!(adapter.discovering, "{name} does not scan");
            adapter.devices.insert(address.to_owned(), device.clone()).is_some()
        };
        if known {
            let mut changed = PropMap::new();
            put(&mut changed, "RSSI", rssi);
            put(&mut changed, "ServiceData", device.service_data_map());
            self.handler().changed_properties(&path, "org.bluez.Device1", changed);
        } else {
            self.handler().added(&path, device.interfaces(name, address));
        }
    }

    fn handler(&self) -> Handler {
        Handler {
            connection: self.connection.clone(),
            world: self.world.clone(),
            changed: self.changed.clone(),
        }
    }
}

impl Drop for FakeBlueZ {
    fn drop(&mut self) {
        drop(self.connection.stop_receive(self.receiver));
        self.resource.abort();
    }
}
