//! What the fake bluetoothd knows: adapters, what they advertise and hear, as D-Bus shows it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};

use dbus::Path;
use dbus::arg::{PropMap, RefArg, Variant, prop_cast};

const SERVICE: &str = "0000fd6f-0000-1000-8000-00805f9b34fb";
pub(super) const ADVERTISEMENTS: u8 = 3;
pub(super) const ADVERTISING: &str = "org.bluez.LEAdvertisingManager1";

pub(super) type Interfaces = HashMap<String, PropMap>;

/// An advertisement that a program has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) object: String,
    pub(crate) kind: String,
    pub(crate) services: Vec<String>,
    pub(crate) service_data: Vec<u8>,
    pub(crate) timeout: u16,
}

/// Another device that an adapter knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Device {
    pub(super) service_data: Vec<u8>,
    /// Only while scanning.
    pub(super) rssi: Option<i16>,
}

/// One adapter's state.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeAdapter {
    pub(crate) address: String,
    pub(crate) powered: bool,
    pub(crate) discovering: bool,
    pub(crate) discoverable: bool,
    /// After how many seconds being discoverable ends; 0 for never.
    pub(crate) discoverable_timeout: u32,
    /// Whether others can connect to it, as newer releases of BlueZ show.
    pub(super) connectable: Option<bool>,
    /// Has extended advertising, which BlueZ without experimental interfaces shows by its channels.
    pub(super) extended: bool,
    /// What it says of advertisement monitors, if it knows them: kinds, and what the controller does.
    pub(super) monitors: Option<(Vec<String>, Vec<String>)>,
    /// Takes no more scans for now, and does not say so.
    pub(super) hung: bool,
    /// Just started: no one can advertise on it yet.
    pub(super) bare: bool,
    pub(crate) on_air: Vec<Registered>,
    /// Everything that was ever put on the air.
    pub(crate) registered: Vec<Registered>,
    /// The most advertisements at once.
    pub(crate) most_on_air: usize,
    /// How often a program did not say what it wanted to advertise.
    pub(crate) unanswered: usize,
    /// How often somebody wanted to switch it on or off.
    pub(crate) power_requests: usize,
    /// For each scan, how many advertisements were on the air when it began.
    pub(crate) scans: Vec<usize>,
    /// Services that the last scan asked for, and the kind of Bluetooth.
    pub(crate) filter: Vec<String>,
    pub(crate) transport: String,
    /// Addresses of devices whose properties somebody has read, once for each time.
    pub(crate) device_reads: Vec<String>,
    pub(super) devices: BTreeMap<String, Device>,
}

/// All adapters by name.
#[derive(Default)]
pub(super) struct World {
    pub(super) adapters: BTreeMap<String, FakeAdapter>,
}

impl FakeAdapter {
    pub(super) fn interfaces(&self) -> Interfaces {
        let mut adapter = PropMap::new();
        put(&mut adapter, "Address", self.address.clone());
        put(&mut adapter, "AddressType", "public".to_owned());
        put(&mut adapter, "Name", "fake".to_owned());
        put(&mut adapter, "Alias", "fake".to_owned());
        put(&mut adapter, "Modalias", "usb:v1D6Bp0246d0542".to_owned());
        put(&mut adapter, "Powered", self.powered);
        put(&mut adapter, "Discovering", self.discovering);
        put(&mut adapter, "Discoverable", self.discoverable);
        put(&mut adapter, "DiscoverableTimeout", self.discoverable_timeout);
        if let Some(connectable) = self.connectable {
            put(&mut adapter, "Connectable", connectable);
        }
        let mut manager = PropMap::new();
        let active = self.on_air.len() as u8;
        put(&mut manager, "ActiveInstances", active);
        put(&mut manager, "SupportedInstances", ADVERTISEMENTS - active);
        if self.extended {
            put(&mut manager, "SupportedSecondaryChannels", vec!["1M".to_owned()]);
        }
        let mut interfaces = HashMap::from([("org.bluez.Adapter1".to_owned(), adapter)]);
        if let Some((kinds, features)) = &self.monitors {
            let mut manager = PropMap::new();
            if !kinds.is_empty() {
                put(&mut manager, "SupportedMonitorTypes", kinds.clone());
                put(&mut manager, "SupportedFeatures", features.clone());
            }
            interfaces.insert("org.bluez.AdvertisementMonitorManager1".to_owned(), manager);
        }
        if !self.bare {
            interfaces.insert(ADVERTISING.to_owned(), manager);
        }
        interfaces
    }
}

impl Device {
    pub(super) fn service_data_map(&self) -> PropMap {
        let mut map = PropMap::new();
        put(&mut map, SERVICE, self.service_data.clone());
        map
    }

    pub(super) fn interfaces(&self, adapter: &str, address: &str) -> Interfaces {
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
    pub(super) fn read(object: String, properties: &PropMap) -> Self {
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

pub(super) fn put(map: &mut PropMap, key: &str, value: impl RefArg + 'static) {
    map.insert(key.to_owned(), Variant(Box::new(value)));
}

pub(super) fn path_of(adapter: &str) -> String {
    format!("/org/bluez/{adapter}")
}

pub(super) fn device_path(adapter: &str, address: &str) -> String {
    format!("{}/dev_{}", path_of(adapter), address.replace(':', "_"))
}

pub(super) fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}
