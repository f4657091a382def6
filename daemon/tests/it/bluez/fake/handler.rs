//! What the fake bluetoothd answers and signals.

use std::collections::HashMap;
use std::ffi::CString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dbus::arg::{PropMap, RefArg, Variant, prop_cast};
use dbus::channel::Sender;
use dbus::nonblock::{Proxy, SyncConnection};
use dbus::strings::BusName;
use dbus::{Message, Path};
use tokio::sync::Notify;

use super::world::{
    ADVERTISEMENTS, ADVERTISING, FakeAdapter, Interfaces, Registered, World, device_path, lock,
    path_of, put,
};

/// As long as a program may take to say what it wants to advertise.
const CLIENTS_TIMEOUT: Duration = Duration::from_secs(5);

type Refusal = (&'static str, String);
type HandlerResult = Result<Message, Refusal>;

/// Answers calls and sends signals.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) connection: Arc<SyncConnection>,
    pub(super) world: Arc<Mutex<World>>,
    pub(super) changed: Arc<Notify>,
}

impl Handler {
    pub(super) async fn handle(&self, call: Message) {
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
            ("org.bluez.Adapter1", member) => {
                self.until_awake(&path).await;
                let answer = self.adapter_call(&call, &path, member);
                if answer.is_ok() && member != "SetDiscoveryFilter" {
                    let discovering = member == "StartDiscovery";
                    self.properties_changed(
                        &path,
                        "org.bluez.Adapter1",
                        "Discovering",
                        discovering,
                    );
                }
                answer
            }
            (ADVERTISING, "RegisterAdvertisement") => {
                let object = call.get1::<Path<'_>>().unwrap().into_static();
                let reply = call.method_return();
                let client = call.sender().unwrap().into_static();
                self.register(object, client, &path).await.map(|()| reply)
            }
            (ADVERTISING, "UnregisterAdvertisement") => self.unregister(&call, &path),
            _ => Err(("org.freedesktop.DBus.Error.UnknownMethod", format!("{interface}.{member}"))),
        };
        let answer = answer
            .unwrap_or_else(|(name, text)| call.error(&name.into(), &CString::new(text).unwrap()));
        self.send(answer);
        self.changed.notify_waiters();
    }

    async fn until_awake(&self, path: &str) {
        loop {
            let changed = self.changed.notified();
            if !self.with_adapter(path, |adapter| Ok(adapter.hung)).unwrap_or_default() {
                return;
            }
            changed.await;
        }
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
        let unknown = || {
            let text = format!("No such interface '{interface}'");
            ("org.freedesktop.DBus.Error.InvalidArgs", text)
        };
        interfaces.remove(interface).ok_or_else(unknown)
    }

    fn get_all(&self, call: &Message, path: &str) -> HandlerResult {
        let interface: String = call.read1().unwrap();
        if let Some((adapter, device)) = path.split_once("/dev_") {
            let _ = self.with_adapter(adapter, |adapter| {
                adapter.device_reads.push(device.replace('_', ":"));
                Ok(())
            });
        }
        Ok(call.method_return().append1(self.properties(path, &interface)?))
    }

    fn get(&self, call: &Message, path: &str) -> HandlerResult {
        let (interface, property): (String, String) = call.read2().unwrap();
        let value = self.properties(path, &interface)?.remove(&property);
        let value = value.ok_or(("org.freedesktop.DBus.Error.InvalidArgs", property))?;
        Ok(call.method_return().append1(value))
    }

    fn set(&self, call: &Message, path: &str) -> HandlerResult {
        let (_, property, value): (String, String, Variant<bool>) = call.read3().unwrap();
        self.with_adapter(path, |adapter| {
            match property.as_str() {
                "Powered" => {
                    adapter.power_requests += 1;
                    adapter.powered = value.0;
                }
                "Discoverable" => adapter.discoverable = value.0,
                _ => return Err(("org.freedesktop.DBus.Error.PropertyReadOnly", property)),
            }
            Ok(call.method_return())
        })
    }

    fn adapter_call(&self, call: &Message, path: &str, member: &str) -> HandlerResult {
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
        let client = Proxy::new(client, object.clone(), CLIENTS_TIMEOUT, self.connection.clone());
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

    fn unregister(&self, call: &Message, path: &str) -> HandlerResult {
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

    pub(super) fn with_adapter<T>(
        &self,
        path: &str,
        act: impl FnOnce(&mut FakeAdapter) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut world = lock(&self.world);
        let adapter = world.adapters.get_mut(path.trim_start_matches("/org/bluez/"));
        adapter
            .map_or_else(|| Err(("org.freedesktop.DBus.Error.UnknownObject", path.to_owned())), act)
    }

    pub(super) fn added(&self, path: &str, interfaces: Interfaces) {
        let signal = Message::signal(
            &"/".into(),
            &"org.freedesktop.DBus.ObjectManager".into(),
            &"InterfacesAdded".into(),
        );
        self.send(signal.append2(Path::from(path.to_owned()), interfaces));
    }

    pub(super) fn properties_changed(
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

    pub(super) fn changed_properties(&self, path: &str, interface: &str, changed: PropMap) {
        let signal = Message::signal(
            &path.to_owned().into(),
            &"org.freedesktop.DBus.Properties".into(),
            &"PropertiesChanged".into(),
        );
        self.send(signal.append3(interface, changed, Vec::<String>::new()));
    }

    pub(super) fn send(&self, message: Message) {
        // An error means that the connection's task was already awake: the message is sent.
        let _ = self.connection.send(message);
    }
}
