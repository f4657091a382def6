//! How often the controller tells of one device in a scan window.
//!
//! Linux has the controller leave out repetitions, unless an advertisement monitor of some program
//! is active. On the bus one sees whether BlueZ offers monitors, not whether one is active.

use std::sync::Arc;
use std::time::Duration;

use dbus::arg::{PropMap, prop_cast};
use dbus::nonblock::stdintf::org_freedesktop_dbus::Properties;
use dbus::nonblock::{Proxy, SyncConnection};

use super::{Report, Verdict};
use crate::radio::bluez::bus::{AdapterInfo, BLUEZ, BusError};

const MONITORS: &str = "org.bluez.AdvertisementMonitorManager1";
/// How long BlueZ may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How one is told that an adapter has no such interface.
const UNKNOWN: [&str; 2] =
    ["org.freedesktop.DBus.Error.UnknownInterface", "org.freedesktop.DBus.Error.InvalidArgs"];

/// The monitors that BlueZ offers on an adapter.
#[derive(Debug, Default)]
pub(super) struct Monitors {
    /// Kinds that a program may register; without experimental interfaces BlueZ tells of none.
    kinds: Vec<String>,
    /// What of it the controller itself does.
    features: Vec<String>,
}

impl Monitors {
    /// Asks the running bluetoothd. Call within a tokio runtime.
    pub(super) async fn of(adapter: &AdapterInfo) -> Result<Self, BusError> {
        let (resource, connection) = dbus_tokio::connection::new_system_sync()
            .map_err(|error| BusError::NoBus(error.to_string()))?;
        let resource = tokio::spawn(resource);
        let answer = ask(&connection, adapter).await;
        resource.abort();
        match answer {
            Ok(properties) => Ok(Self::read(&properties)),
            Err(error) if error.name().is_some_and(|name| UNKNOWN.contains(&name)) => {
                Ok(Self::default())
            }
            Err(error) => Err(BusError::Other(error.to_string())),
        }
    }

    fn read(properties: &PropMap) -> Self {
        let list = |key| prop_cast::<Vec<String>>(properties, key).cloned().unwrap_or_default();
        Self { kinds: list("SupportedMonitorTypes"), features: list("SupportedFeatures") }
    }
}

/// The owner of the name is called, which starts no bluetoothd that has ended meanwhile.
async fn ask(
    connection: &Arc<SyncConnection>,
    adapter: &AdapterInfo,
) -> Result<PropMap, dbus::Error> {
    let proxy = |name, path| Proxy::new(name, path, PATIENCE, Arc::clone(connection));
    let bus = proxy("org.freedesktop.DBus".to_owned(), "/org/freedesktop/DBus".to_owned());
    let (owner,): (String,) =
        bus.method_call("org.freedesktop.DBus", "GetNameOwner", (BLUEZ,)).await?;
    proxy(owner, format!("/org/bluez/{}", adapter.name)).get_all(MONITORS).await
}

pub(super) fn examine(
    adapter: &AdapterInfo,
    monitors: Result<Monitors, BusError>,
    report: &mut Report,
) {
    match monitors {
        Ok(monitors) if monitors.kinds.is_empty() => {
            report.add(Verdict::Weak, "duplicate-filter", &adapter.name);
        }
        Ok(Monitors { kinds, features }) => {
            let offered = [kinds, features].concat().join(", ");
            report.add_about(adapter, Verdict::Weak, "duplicate-filter-monitors", offered);
        }
        Err(error) => report.add(Verdict::Bad, "bluez-fails", error),
    }
}
