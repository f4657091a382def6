//! An advertisement as BlueZ takes it: an object of ours on the bus that bluetoothd asks what to
//! send (`org.bluez.LEAdvertisement1`; BlueZ, `doc/advertising-api.txt`).

use std::sync::Arc;
use std::time::Duration;

use dbus::arg::{PropMap, RefArg, Variant};
use dbus::channel::{MatchingReceiver, Sender, Token};
use dbus::message::MatchRule;
use dbus::nonblock::SyncConnection;
use dbus::{Message, Path};
use vungxanh_protocol::advertisement::{Advertisement, SERVICE_UUID};

use super::bus::{ADVERTISING, Bus, BusError, adapter_path};
use super::uuid;

const INTERFACE: &str = "org.bluez.LEAdvertisement1";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// GAEN Bluetooth specification v1.2: an advertisement every 200 to 270 ms. BlueZ heeds it only
/// with experimental interfaces on; otherwise it takes 1.28 s.
const INTERVAL_MS: (u32, u32) = (200, 270);

/// An advertisement that BlueZ has taken. Dropped, it is taken back without waiting for an answer.
pub(super) struct Registered {
    connection: Arc<SyncConnection>,
    answering: Token,
    /// The bluetoothd that has it, by its unique name: a later one is not bothered, nor started.
    owner: String,
    manager: String,
    object: Path<'static>,
    is_over: bool,
}

impl Registered {
    /// Has `adapter` broadcast for `timeout`. `number` distinguishes advertisements of one connection.
    /// Returns when BlueZ has taken it.
    pub(super) async fn register(
        bus: &Bus,
        adapter: &str,
        number: u64,
        advertisement: &Advertisement,
        timeout: Duration,
    ) -> Result<Self, BusError> {
        let object = Path::from(format!("/vn/vungxanh/advertisement{number}"));
        let owner = bus.owner().await?;
        let registered = Self {
            connection: Arc::clone(bus.connection()),
            answering: answer(bus.connection(), &object, &owner, contents(advertisement, timeout)),
            owner,
            manager: adapter_path(adapter),
            object,
            is_over: false,
        };
        let arguments = (registered.object.clone(), PropMap::new());
        bus.call(
            &registered.owner,
            &registered.manager,
            ADVERTISING,
            "RegisterAdvertisement",
            arguments,
        )
        .await?;
        Ok(registered)
    }

    /// Takes it off the air, and returns when BlueZ has done so: never two identifiers at once.
    pub(super) async fn end(mut self, bus: &Bus) -> Result<(), BusError> {
        self.is_over = true;
        let arguments = (self.object.clone(),);
        bus.call(&self.owner, &self.manager, ADVERTISING, "UnregisterAdvertisement", arguments)
            .await
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.connection.stop_receive(self.answering);
        if self.is_over {
            return;
        }
        let method = "UnregisterAdvertisement";
        if let Ok(mut call) = Message::new_method_call(
            self.owner.as_str(),
            self.manager.as_str(),
            ADVERTISING,
            method,
        ) {
            call.set_no_reply(true);
            // An error says only that the connection's task was awake already.
            let _ = self.connection.send(call.append1(&self.object));
        }
    }
}

/// As a broadcast (not connectable), to which the kernel gives a fresh non-resolvable address.
fn contents(advertisement: &Advertisement, timeout: Duration) -> PropMap {
    let service = uuid(SERVICE_UUID).to_string();
    let mut data = PropMap::new();
    put(&mut data, &service, advertisement.service_data().to_vec());
    let mut properties = PropMap::new();
    put(&mut properties, "Type", "broadcast".to_owned());
    put(&mut properties, "ServiceUUIDs", vec![service]);
    put(&mut properties, "ServiceData", data);
    put(&mut properties, "Timeout", u16::try_from(timeout.as_secs()).unwrap_or(u16::MAX));
    put(&mut properties, "MinInterval", INTERVAL_MS.0);
    put(&mut properties, "MaxInterval", INTERVAL_MS.1);
    properties
}

fn put(properties: &mut PropMap, name: &str, value: impl RefArg + 'static) {
    properties.insert(name.to_owned(), Variant(Box::new(value)));
}

/// Answers what `owner` asks of `object`, in the moment in which the question is read.
fn answer(
    connection: &SyncConnection,
    object: &Path<'static>,
    owner: &str,
    properties: PropMap,
) -> Token {
    let owner = owner.to_owned();
    let calls = MatchRule::new_method_call().with_path(object.clone());
    connection.start_receive(
        calls,
        Box::new(move |call, connection| {
            if !call.get_no_reply() {
                let _ = connection.send(reply(&call, &owner, &properties));
            }
            true
        }),
    )
}

fn reply(call: &Message, owner: &str, properties: &PropMap) -> Message {
    let refused = |name: &str| call.error(&name.into(), c"not an advertisement's business");
    if call.sender().is_none_or(|sender| &*sender != owner) {
        return refused("org.freedesktop.DBus.Error.AccessDenied");
    }
    let (interface, member) = (call.interface(), call.member());
    match (interface.as_deref(), member.as_deref()) {
        (Some(PROPERTIES), Some("GetAll")) if call.read1() == Ok(INTERFACE) => {
            call.method_return().append1(properties)
        }
        (Some(PROPERTIES), Some("Get")) => {
            let asked = call.read2::<&str, &str>().ok().filter(|(of, _)| *of == INTERFACE);
            match asked.and_then(|(_, name)| properties.get(name)) {
                Some(value) => call.method_return().append1(value),
                None => refused("org.freedesktop.DBus.Error.InvalidArgs"),
            }
        }
        // bluetoothd has let go of it: its time is over, or the adapter is gone.
        (Some(INTERFACE), Some("Release")) => call.method_return(),
        _ => refused("org.freedesktop.DBus.Error.UnknownMethod"),
    }
}
