//! A bluetoothd without Bluetooth: as much of `org.bluez` as btleplug, bluer and the daemon use,
//! with adapters and devices that a test moves. It enforces what the real one enforces: no
//! scanning and no advertising while switched off, a limited number of advertisements.

use std::collections::{BTreeMap, HashMap};
use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use dbus::arg::{PropMap, RefArg, Variant, prop_cast};
use dbus::channel::{MatchingReceiver, Sender};
use dbus::message::MatchRule;
use dbus::nonblock::{Proxy, SyncConnection};
use dbus::strings::BusName;
use dbus::{Message, Path};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

const SERVICE: &str = "0000fd6f-0000-1000-8000-00805f9b34fb";
const PATIENCE: Duration = Duration::from_secs(60);
/// As long as a program may take to say what it wants to advertise.
const CLIENTS_PATIENCE: Duration = Duration::from_secs(5);
const ADVERTISEMENTS: u8 = 3;
const ADVERTISING: &str = "org.bluez.LEAdvertisingManager1";

type Interfaces = HashMap<String, PropMap>;
type Refusal = (&'static str, String);
type Answer = Result<Message, Refusal>;

/// An advertisement that a program has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) object: String,
    pub(super) kind: String,
    pub(super) services: Vec<String>,
    pub(super) service_data: Vec<u8>,
    pub(super) timeout: u16,
}

#[derive(Debug, Clone, Default)]
struct Device {
    service_data: Vec<u8>,
    rssi: Option<i16>,
}

/// One adapter's state.
#[derive(Debug, Clone, Default)]
pub(super) struct FakeAdapter {
    pub(super) address: String,
    pub(super) powered: bool,
    pub(super) discovering: bool,
    pub(super) discoverable: bool,
    /// Has extended advertising, which BlueZ without experimental interfaces shows by its channels.
    extended: bool,
    /// Just started: nobody can advertise on it yet.
    bare: bool,
    pub(super) on_air: Vec<Registered>,
    /// Everything that was ever put on the air.
    pub(super) registered: Vec<Registered>,
    /// The most advertisements at once.
    pub(super) most_on_air: usize,
    /// How often a program did not say what it wanted to advertise.
    pub(super) unanswered: usize,
    /// How often somebody wanted to switch it on or off.
    pub(super) power_requests: usize,
    /// For each scan, how many advertisements were on the air when it began.
    pub(super) scans: Vec<usize>,
    /// Services that the last scan asked for, and the kind of Bluetooth.
    pub(super) filter: Vec<String>,
    pub(super) transport: String,
    /// Addresses of devices whose properties somebody has read, once for each time.
    pub(super) device_reads: Vec<String>,
    devices: BTreeMap<String, Device>,
}

#[derive(Default)]
struct World {
    adapters: BTreeMap<String, FakeAdapter>,
}

/// The running fake; dropping it is bluetoothd's end.
pub(super) struct FakeBlueZ {
    connection: Arc<SyncConnection>,
    world: Arc<Mutex<World>>,
    changed: Arc<Notify>,
    resource: JoinHandle<()>,
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
        let fake = Self { connection, world, changed: Arc::default(), resource };
        let (connection, world, changed) =
            (fake.connection.clone(), fake.world.clone(), fake.changed.clone());
        fake.connection.start_receive(
            MatchRule::new_method_call(),
            Box::new(move |message, _| {
                let handler = Handler {
                    connection: connection.clone(),
                    world: world.clone(),
                    changed: changed.clone(),
                };
                tokio::spawn(async move { handler.handle(message).await });
                true
            }),
        );
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
        let bus = Proxy::new("org.freedesktop.DBus", "/org/freedesktop/DBus", PATIENCE, connection);
        let (names,): (Vec<String>,) =
            bus.method_call("org.freedesktop.DBus", "ListNames", ()).await.unwrap();
        names.iter().filter(|name| name.starts_with(':')).count()
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
            let waited = tokio::time::timeout(PATIENCE, changed).await;
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

    /// Somebody lets others find the adapter, or no more.
    pub(super) fn let_others_find(&self, name: &str, discoverable: bool) {
        lock(&self.world).adapters.get_mut(name).unwrap().discoverable = discoverable;
        let (path, adapter) = (path_of(name), "org.bluez.Adapter1");
        self.handler().properties_changed(&path, adapter, "Discoverable", discoverable);
    }

    /// From now on the adapter is one of Bluetooth 5.
    pub(super) fn make_extended(&self, name: &str) {
        lock(&self.world).adapters.get_mut(name).unwrap().extended = true;
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

    /// Scanning ends by itself, without anybody being told.
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

    /// An adapter as a bluetoothd shows it that has just started: nobody can advertise on it yet.
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

    /// The adapter hears an advertisement, which a real one tells only while scanning. A device
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
        self.resource.abort();
    }
}

struct Handler {
    connection: Arc<SyncConnection>,
    world: Arc<Mutex<World>>,
    changed: Arc<Notify>,
}

impl Handler {
    async fn handle(&self, call: Message) {
        let path = call.path().unwrap().to_string();
        let interface = call.interface().unwrap().to_string();
        let member = call.member().unwrap().to_string();
        let answer = match (interface.as_str(), member.as_str()) {
            ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects") => {
                Ok(call.method_return().append1(self.objects()))
            }
            ("org.freedesktop.DBus.Properties", "GetAll") => self.get_all(&call, &path),
            ("org.freedesktop.DBus.Properties", "Get") => self.get(&call, &path),
            ("org.freedesktop.DBus.Properties", "Set") => self.set(&call, &path),
            ("org.bluez.Adapter1", member) => self.adapter_call(&call, &path, member),
            ("org.bluez.LEAdvertisingManager1", "RegisterAdvertisement") => {
                let object = call.get1::<Path<'_>>().unwrap().into_static();
                let reply = call.method_return();
                let client = call.sender().unwrap().into_static();
                self.register(object, client, &path).await.map(|()| reply)
            }
            ("org.bluez.LEAdvertisingManager1", "UnregisterAdvertisement") => {
                self.unregister(&call, &path)
            }
            _ => Err(("org.freedesktop.DBus.Error.UnknownMethod", format!("{interface}.{member}"))),
        };
        let answer = answer
            .unwrap_or_else(|(name, text)| call.error(&name.into(), &CString::new(text).unwrap()));
        self.send(answer);
        self.changed.notify_waiters();
    }

    fn objects(&self) -> HashMap<Path<'static>, Interfaces> {
        let world = lock(&self.world);
        let mut objects = HashMap::new();
        for (name, adapter) in &world.adapters {
            objects.insert(path_of(name).into(), adapter.interfaces());
            for (address, device) in &adapter.devices {
                let path = device_path(name, address).into();
                objects.insert(path, device.interfaces(name, address));
            }
        }
        objects
    }

    fn properties(&self, path: &str, interface: &str) -> Result<PropMap, Refusal> {
        let unknown = || ("org.freedesktop.DBus.Error.UnknownObject", path.to_owned());
        let mut interfaces =
            self.objects().remove(&Path::from(path.to_owned())).ok_or_else(unknown)?;
        interfaces.remove(interface).ok_or_else(unknown)
    }

    fn get_all(&self, call: &Message, path: &str) -> Answer {
        let interface: String = call.read1().unwrap();
        if let Some((adapter, device)) = path.split_once("/dev_") {
            let _ = self.with_adapter(adapter, |adapter| {
                adapter.device_reads.push(device.replace('_', ":"));
                Ok(())
            });
        }
        Ok(call.method_return().append1(self.properties(path, &interface)?))
    }

    fn get(&self, call: &Message, path: &str) -> Answer {
        let (interface, property): (String, String) = call.read2().unwrap();
        let value = self.properties(path, &interface)?.remove(&property);
        let value = value.ok_or(("org.freedesktop.DBus.Error.InvalidArgs", property))?;
        Ok(call.method_return().append1(value))
    }

    fn set(&self, call: &Message, path: &str) -> Answer {
        let (_, property, value): (String, String, Variant<bool>) = call.read3().unwrap();
        assert_eq!(property, "Powered");
        self.with_adapter(path, |adapter| {
            adapter.power_requests += 1;
            adapter.powered = value.0;
            Ok(call.method_return())
        })
    }

    fn adapter_call(&self, call: &Message, path: &str, member: &str) -> Answer {
        self.with_adapter(path, |adapter| {
            match member {
                "SetDiscoveryFilter" => {
                    let filter: PropMap = call.read1().unwrap();
                    adapter.filter = prop_cast(&filter, "UUIDs").cloned().unwrap_or_default();
                    adapter.transport =
                        prop_cast(&filter, "Transport").cloned().unwrap_or_default();
                }
                "StartDiscovery" if !adapter.powered => {
                    return Err(("org.bluez.Error.NotReady", "Resource Not Ready".into()));
                }
                "StartDiscovery" => {
                    adapter.discovering = true;
                    adapter.scans.push(adapter.on_air.len());
                }
                "StopDiscovery" if !adapter.discovering => {
                    return Err(("org.bluez.Error.Failed", "No discovery started".into()));
                }
                "StopDiscovery" => {
                    adapter.discovering = false;
                    for device in adapter.devices.values_mut() {
                        device.rssi = None;
                    }
                }
                _ => return Err(("org.freedesktop.DBus.Error.UnknownMethod", member.to_owned())),
            }
            Ok(call.method_return())
        })
    }

    async fn register(
        &self,
        object: Path<'static>,
        client: BusName<'static>,
        path: &str,
    ) -> Result<(), Refusal> {
        let client = Proxy::new(client, object.clone(), CLIENTS_PATIENCE, self.connection.clone());
        let interface = ("org.bluez.LEAdvertisement1",);
        let told = client.method_call("org.freedesktop.DBus.Properties", "GetAll", interface).await;
        let (properties,): (PropMap,) = told.or_else(|error: dbus::Error| {
            self.with_adapter(path, |adapter| {
                adapter.unanswered += 1;
                Err(("org.bluez.Error.Failed", error.to_string()))
            })
        })?;
        let registered = Registered::read(object.to_string(), &properties);
        self.with_adapter(path, |adapter| {
            if adapter.bare {
                return Err(("org.freedesktop.DBus.Error.UnknownMethod", "not yet".into()));
            }
            if !adapter.powered {
                return Err(("org.bluez.Error.Failed", "Failed".into()));
            }
            if adapter.on_air.len() >= usize::from(ADVERTISEMENTS) {
                return Err((
                    "org.bluez.Error.NotPermitted",
                    "Maximum advertisements reached".into(),
                ));
            }
            adapter.on_air.push(registered.clone());
            adapter.registered.push(registered);
            adapter.most_on_air = adapter.most_on_air.max(adapter.on_air.len());
            Ok(())
        })
    }

    fn unregister(&self, call: &Message, path: &str) -> Answer {
        let object: Path<'_> = call.get1().unwrap();
        self.with_adapter(path, |adapter| {
            let before = adapter.on_air.len();
            adapter.on_air.retain(|registered| registered.object != object.to_string());
            if adapter.on_air.len() == before {
                return Err(("org.bluez.Error.DoesNotExist", "Does Not Exist".into()));
            }
            Ok(call.method_return())
        })
    }

    fn with_adapter<T>(
        &self,
        path: &str,
        act: impl FnOnce(&mut FakeAdapter) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut world = lock(&self.world);
        let adapter = world.adapters.get_mut(path.trim_start_matches("/org/bluez/"));
        adapter
            .map_or_else(|| Err(("org.freedesktop.DBus.Error.UnknownObject", path.to_owned())), act)
    }

    fn added(&self, path: &str, interfaces: Interfaces) {
        let signal = Message::signal(
            &"/".into(),
            &"org.freedesktop.DBus.ObjectManager".into(),
            &"InterfacesAdded".into(),
        );
        self.send(signal.append2(Path::from(path.to_owned()), interfaces));
    }

    fn properties_changed(
        &self,
        path: &str,
        interface: &str,
        property: &str,
        value: impl RefArg + 'static,
    ) {
        let mut changed = PropMap::new();
        put(&mut changed, property, value);
        self.changed_properties(path, interface, changed);
    }

    fn changed_properties(&self, path: &str, interface: &str, changed: PropMap) {
        let signal = Message::signal(
            &path.to_owned().into(),
            &"org.freedesktop.DBus.Properties".into(),
            &"PropertiesChanged".into(),
        );
        self.send(signal.append3(interface, changed, Vec::<String>::new()));
    }

    fn send(&self, message: Message) {
        // An error means that the connection's task was already awake: the message is sent.
        let _ = self.connection.send(message);
    }
}

impl FakeAdapter {
    fn interfaces(&self) -> Interfaces {
        let mut adapter = PropMap::new();
        put(&mut adapter, "Address", self.address.clone());
        put(&mut adapter, "AddressType", "public".to_owned());
        put(&mut adapter, "Name", "fake".to_owned());
        put(&mut adapter, "Alias", "fake".to_owned());
        put(&mut adapter, "Modalias", "usb:v1D6Bp0246d0542".to_owned());
        put(&mut adapter, "Powered", self.powered);
        put(&mut adapter, "Discovering", self.discovering);
        put(&mut adapter, "Discoverable", self.discoverable);
        let mut manager = PropMap::new();
        let active = self.on_air.len() as u8;
        put(&mut manager, "ActiveInstances", active);
        put(&mut manager, "SupportedInstances", ADVERTISEMENTS - active);
        if self.extended {
            put(&mut manager, "SupportedSecondaryChannels", vec!["1M".to_owned()]);
        }
        let mut interfaces = HashMap::from([("org.bluez.Adapter1".to_owned(), adapter)]);
        if !self.bare {
            interfaces.insert(ADVERTISING.to_owned(), manager);
        }
        interfaces
    }
}

impl Device {
    fn service_data_map(&self) -> PropMap {
        let mut map = PropMap::new();
        put(&mut map, SERVICE, self.service_data.clone());
        map
    }

    fn interfaces(&self, adapter: &str, address: &str) -> Interfaces {
        let mut device = PropMap::new();
        put(&mut device, "Address", address.to_owned());
        put(&mut device, "AddressType", "random".to_owned());
        put(&mut device, "Alias", address.replace(':', "-"));
        put(&mut device, "Adapter", Path::from(path_of(adapter)));
        for flag in
            ["Paired", "Trusted", "Blocked", "Connected", "LegacyPairing", "ServicesResolved"]
        {
            put(&mut device, flag, false);
        }
        put(&mut device, "UUIDs", vec![SERVICE.to_owned()]);
        put(&mut device, "ServiceData", self.service_data_map());
        if let Some(rssi) = self.rssi {
            put(&mut device, "RSSI", rssi);
        }
        HashMap::from([("org.bluez.Device1".to_owned(), device)])
    }
}

impl Registered {
    fn read(object: String, properties: &PropMap) -> Self {
        let service_data = prop_cast::<PropMap>(properties, "ServiceData").unwrap();
        Self {
            object,
            kind: prop_cast::<String>(properties, "Type").unwrap().clone(),
            services: prop_cast::<Vec<String>>(properties, "ServiceUUIDs").unwrap().clone(),
            service_data: prop_cast::<Vec<u8>>(service_data, SERVICE).unwrap().clone(),
            timeout: *prop_cast::<u16>(properties, "Timeout").unwrap(),
        }
    }
}

fn put(map: &mut PropMap, key: &str, value: impl RefArg + 'static) {
    map.insert(key.to_owned(), Variant(Box::new(value)));
}

fn path_of(adapter: &str) -> String {
    format!("/org/bluez/{adapter}")
}

fn device_path(adapter: &str, address: &str) -> String {
    format!("{}/dev_{}", path_of(adapter), address.replace(':', "_"))
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}
