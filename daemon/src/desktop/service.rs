//! The notification service of the person's session: `org.freedesktop.Notifications` on the session
//! bus (Desktop Notifications Specification 1.2).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dbus::Message;
use dbus::arg::{PropMap, Variant};
use dbus::channel::{Channel, MatchingReceiver};
use dbus::message::{MatchRule, MessageType};
use dbus::nonblock::{Proxy, SyncConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::wording::Notification;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";
/// How long bus and service may take to answer, usually. A service that is asked for the first time
/// may have to be started first.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Signals that wait to be looked at; what is beyond is not missed.
const WAITING_SIGNALS: usize = 64;
/// Never goes by itself.
const NEVER: i32 = 0;
const AS_USUAL: i32 = -1;
/// `NotificationClosed`: the person took it away.
const DISMISSED: u32 = 2;

const WATCHED: [&str; 2] = [
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.Notifications'",
    "type='signal',interface='org.freedesktop.Notifications',member='NotificationClosed'",
];

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("there is no session bus: {0}")]
    NoBus(String),
    #[error("no program of this session shows notifications")]
    NoService,
    /// The service does not do it.
    #[error("the notification service did not answer: {0}")]
    Other(String),
}

/// What happened on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A notification has left the screen.
    Left {
        /// The unique name of the service that says so.
        owner: String,
        id: u32,
        /// Whether the person took it away.
        dismissed: bool,
    },
    /// Another service is there, or none.
    Owner {
        /// Its unique name, empty if there is none.
        new: String,
    },
    /// The connection is lost.
    Lost,
}

/// What can be said without starting anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// A service of this name runs.
    Runs(String),
    /// One would be started.
    Startable,
}

/// The session bus's address: `DBUS_SESSION_BUS_ADDRESS`, or the usual place in the person's
/// runtime folder. Nothing is started for want of one, as libdbus would.
pub fn session_bus() -> Option<String> {
    let named = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|named| !named.is_empty());
    named.or_else(|| {
        let folder = std::env::var_os("XDG_RUNTIME_DIR")?;
        let socket = Path::new(&folder).join("bus");
        socket.exists().then(|| format!("unix:path={}", escaped(&socket)))
    })
}

/// A path as bus addresses write it.
fn escaped(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_/.\\*".contains(byte);
    let write = |byte: &u8| {
        if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02x}") }
    };
    path.as_os_str().as_encoded_bytes().iter().map(write).collect()
}

/// A connection to the session bus. It stays open while notifications are shown: some services
/// take away those of a program that has left the bus.
pub struct Service {
    connection: Arc<SyncConnection>,
    changes: mpsc::Receiver<Change>,
    timeout: Duration,
    /// Ends when the connection is lost.
    resource: JoinHandle<()>,
}

impl Service {
    /// Connects to the bus at `address`. Each answer may take as long as `timeout`. Call within a
    /// tokio runtime of one thread.
    pub async fn connect(address: Option<String>, timeout: Duration) -> Result<Self, ServiceError> {
        let address = address.ok_or_else(|| {
            ServiceError::NoBus("neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR/bus".into())
        })?;
        let no_bus = |error: &dyn std::fmt::Display| ServiceError::NoBus(error.to_string());
        let channel = open(address, timeout).await?;
        let (resource, connection) =
            dbus_tokio::connection::from_channel::<SyncConnection>(channel)
                .map_err(|error| no_bus(&error))?;
        let resource = tokio::spawn(async move {
            let lost = resource.await;
            tracing::debug!(%lost, "the connection to the session bus ended");
        });
        let (sender, changes) = mpsc::channel(WAITING_SIGNALS);
        let service = Self { connection, changes, timeout, resource };
        let mut signals = MatchRule::new();
        signals.msg_type = Some(MessageType::Signal);
        service.connection.start_receive(
            signals,
            Box::new(move |message, _| {
                if let Some(change) = change(&message) {
                    let _ = sender.try_send(change);
                }
                true
            }),
        );
        for rule in WATCHED {
            service.connection.add_match_no_cb(rule).await.map_err(service_error)?;
        }
        Ok(service)
    }

    /// The unique name of a service that answers, started if that can be done.
    pub async fn owner(&self) -> Result<String, ServiceError> {
        self.information(NAME).await?;
        self.owner_now().await
    }

    /// Who could show notifications; starts nothing.
    pub async fn presence(&self) -> Result<Presence, ServiceError> {
        match self.owner_now().await {
            Ok(owner) => Ok(Presence::Runs(self.information(&owner).await?)),
            Err(ServiceError::NoService) => {
                let bus = self.proxy(BUS, BUS_PATH);
                let (names,): (Vec<String>,) = bus
                    .method_call(BUS, "ListActivatableNames", ())
                    .await
                    .map_err(service_error)?;
                let startable = names.iter().any(|name| name == NAME);
                startable.then_some(Presence::Startable).ok_or(ServiceError::NoService)
            }
            Err(error) => Err(error),
        }
    }

    /// Shows a notification in place of the one that `owner` calls `replaces`. Answers its number.
    pub async fn notify(
        &self,
        owner: &str,
        said: &Notification,
        replaces: u32,
    ) -> Result<u32, ServiceError> {
        let mut hints = PropMap::new();
        hints.insert("urgency".into(), Variant(Box::new(said.urgency as u8)));
        if said.transient {
            hints.insert("transient".into(), Variant(Box::new(true)));
        }
        let expires = if said.expires { AS_USUAL } else { NEVER };
        let actions: Vec<&str> = Vec::new();
        let (program, summary, body) = (&*said.program, &*said.summary, &*said.body);
        let arguments = (program, replaces, said.icon, summary, body, actions, hints, expires);
        let service = self.proxy(owner, PATH);
        let (id,): (u32,) =
            service.method_call(NAME, "Notify", arguments).await.map_err(service_error)?;
        Ok(id)
    }

    /// Takes a notification from the screen. That it is not there any more is no error.
    pub async fn close(&self, owner: &str, id: u32) -> Result<(), ServiceError> {
        let service = self.proxy(owner, PATH);
        let closed: Result<(), _> = service.method_call(NAME, "CloseNotification", (id,)).await;
        match closed.map_err(service_error) {
            Err(ServiceError::Other(reason)) => {
                tracing::debug!(%reason, "a notification could not be closed");
                Ok(())
            }
            other => other,
        }
    }

    /// Waits until something happens.
    pub async fn change(&mut self) -> Change {
        tokio::select! {
            change = self.changes.recv() => change.unwrap_or(Change::Lost),
            _ = &mut self.resource => Change::Lost,
        }
    }

    async fn owner_now(&self) -> Result<String, ServiceError> {
        let bus = self.proxy(BUS, BUS_PATH);
        let (owner,): (String,) =
            bus.method_call(BUS, "GetNameOwner", (NAME,)).await.map_err(service_error)?;
        Ok(owner)
    }

    /// The service's name and version.
    async fn information(&self, service: &str) -> Result<String, ServiceError> {
        let service = self.proxy(service, PATH);
        let (name, _vendor, version, _specification): (String, String, String, String) =
            service.method_call(NAME, "GetServerInformation", ()).await.map_err(service_error)?;
        Ok(format!("{name} {version}"))
    }

    fn proxy<'a>(&self, name: &'a str, path: &'a str) -> Proxy<'a, Arc<SyncConnection>> {
        Proxy::new(name, path, self.timeout, Arc::clone(&self.connection))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.resource.abort();
    }
}

/// Opens the connection, which blocks, in a thread that is not waited for when the daemon ends.
async fn open(address: String, timeout: Duration) -> Result<Channel, ServiceError> {
    let no_bus = |reason: String| ServiceError::NoBus(reason);
    let (sender, opened) = oneshot::channel();
    let connect = move || {
        let channel = Channel::open_private(&address).and_then(|mut channel| {
            channel.register()?;
            Ok(channel)
        });
        let _ = sender.send(channel);
    };
    std::thread::Builder::new()
        .name("session-bus".into())
        .spawn(connect)
        .map_err(|error| no_bus(error.to_string()))?;
    match tokio::time::timeout(timeout, opened).await {
        Ok(Ok(channel)) => channel.map_err(|error| no_bus(error.to_string())),
        Ok(Err(_)) | Err(_) => Err(no_bus("it does not answer".into())),
    }
}

fn change(message: &Message) -> Option<Change> {
    match &*message.member()? {
        "NameOwnerChanged" => {
            let (name, _old, new): (&str, &str, &str) = message.read3().ok()?;
            (name == NAME).then(|| Change::Owner { new: new.to_owned() })
        }
        "NotificationClosed" => {
            let (id, reason): (u32, u32) = message.read2().ok()?;
            let owner = message.sender()?.to_string();
            Some(Change::Left { owner, id, dismissed: reason == DISMISSED })
        }
        _ => None,
    }
}

fn service_error(error: dbus::Error) -> ServiceError {
    let text = error.message().unwrap_or("no reason given").to_owned();
    match error.name() {
        Some(
            "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.ServiceUnknown",
        ) => ServiceError::NoService,
        Some("org.freedesktop.DBus.Error.Disconnected") => ServiceError::NoBus(text),
        _ => ServiceError::Other(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stand_in_bus_addresses_as_the_specification_escapes_them() {
        assert_eq!(escaped(Path::new("/run/user/1000/bus")), "/run/user/1000/bus");
        assert_eq!(escaped(Path::new("/tmp/a b,c=ê/bus")), "/tmp/a%20b%2cc%3d%c3%aa/bus");
    }
}
