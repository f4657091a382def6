//! A program that shows notifications on a session bus of the test's own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use dbus::Message;
use dbus::arg::{ArgType, PropMap, RefArg};
use dbus::channel::{Channel, MatchingReceiver, Sender};
use dbus::message::MatchRule;
use dbus::nonblock::SyncConnection;
use dbus::nonblock::stdintf::org_freedesktop_dbus::RequestNameReply;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::support::private_bus::PrivateBus;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const TIMEOUT: Duration = Duration::from_secs(60);

/// The arguments of one call of `Notify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notified {
    pub(super) program: String,
    pub(super) replaces: u32,
    pub(super) icon: String,
    pub(super) summary: String,
    pub(super) body: String,
    pub(super) actions: Vec<String>,
    /// Each with its type and value.
    pub(super) hints: BTreeMap<String, (ArgType, i64)>,
    pub(super) expires: i32,
    /// The number that it was given.
    pub(super) id: u32,
}

/// What a service was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) notified: Vec<Notified>,
    pub(super) closed: Vec<u32>,
    /// How often somebody asked who it is.
    pub(super) introduced: usize,
}

#[derive(Default)]
struct Screen {
    asked: Asked,
    hangs: bool,
}

/// A notification service without a screen. It numbers from `first` on.
pub(super) struct FakeService {
    connection: Arc<SyncConnection>,
    screen: Arc<Mutex<Screen>>,
    changed: Arc<Notify>,
    resource: JoinHandle<()>,
}

impl FakeService {
    pub(super) async fn start(bus: &PrivateBus, first: u32) -> Self {
        let mut channel = Channel::open_private(&bus.address()).unwrap();
        channel.register().unwrap();
        let (resource, connection) =
            dbus_tokio::connection::from_channel::<SyncConnection>(channel).unwrap();
        let resource = tokio::spawn(async move { drop(resource.await) });
        let screen = Arc::new(Mutex::new(Screen::default()));
        let service = Self { connection, screen, changed: Arc::default(), resource };
        let (screen, changed) = (Arc::clone(&service.screen), Arc::clone(&service.changed));
        service.connection.start_receive(
            MatchRule::new_method_call(),
            Box::new(move |message, connection| {
                let answer = answer(&mut lock(&screen), &message, first);
                if let Some(answer) = answer {
                    connection.send(answer).unwrap();
                }
                changed.notify_one();
                true
            }),
        );
        let reply = service.connection.request_name(NAME, false, true, true).await.unwrap();
        assert_eq!(reply, RequestNameReply::PrimaryOwner);
        service
    }

    /// It ends, and everything that it shows.
    pub(super) async fn stop(self) {
        self.connection.release_name(NAME).await.unwrap();
    }

    /// From now on it takes calls and answers none.
    pub(super) fn hang(&self) {
        lock(&self.screen).hangs = true;
    }

    pub(super) fn go_on(&self) {
        lock(&self.screen).hangs = false;
    }

    /// The person takes a notification away.
    pub(super) fn dismiss(&self, id: u32) {
        let left = Message::new_signal(PATH, NAME, "NotificationClosed").unwrap();
        self.connection.send(left.append2(id, 2_u32)).unwrap();
    }

    pub(super) fn asked(&self) -> Asked {
        lock(&self.screen).asked.clone()
    }

    /// Waits until it was asked what is `wanted`.
    pub(super) async fn until(&self, wanted: impl Fn(&Asked) -> bool) -> Asked {
        loop {
            let changed = self.changed.notified();
            let asked = self.asked();
            if wanted(&asked) {
                return asked;
            }
            let waited = tokio::time::timeout(TIMEOUT, changed).await;
            assert!(waited.is_ok(), "it stays at {asked:?}");
        }
    }

    /// Waits for the `count`-th notification.
    pub(super) async fn notified(&self, count: usize) -> Notified {
        self.until(|asked| asked.notified.len() >= count).await.notified[count - 1].clone()
    }
}

impl Drop for FakeService {
    fn drop(&mut self) {
        self.resource.abort();
    }
}

fn answer(screen: &mut Screen, message: &Message, first: u32) -> Option<Message> {
    assert_eq!(message.interface().as_deref(), Some(NAME));
    assert_eq!(message.path().as_deref(), Some(PATH));
    let asked = &mut screen.asked;
    let answer = match &*message.member().unwrap() {
        "GetServerInformation" => {
            asked.introduced += 1;
            message.method_return().append3("fake", "test", "1").append1("1.2")
        }
        "Notify" => {
            let mut arguments = message.iter_init();
            let mut text = || arguments.read::<String>().unwrap();
            let program = text();
            let replaces = arguments.read().unwrap();
            let mut text = || arguments.read::<String>().unwrap();
            let (icon, summary, body) = (text(), text(), text());
            let actions = arguments.read().unwrap();
            let hints: PropMap = arguments.read().unwrap();
            let hint = |value: &dyn RefArg| (value.arg_type(), value.as_i64().unwrap());
            let hints = hints.iter().map(|(name, value)| (name.clone(), hint(&*value.0)));
            let id = if replaces == 0 { first + asked.notified.len() as u32 } else { replaces };
            let hints = hints.collect();
            let expires = arguments.read().unwrap();
            asked.notified.push(Notified {
                program,
                replaces,
                icon,
                summary,
                body,
                actions,
                hints,
                expires,
                id,
            });
            message.method_return().append1(id)
        }
        "CloseNotification" => {
            asked.closed.push(message.read1().unwrap());
            message.method_return()
        }
        other => panic!("{other} is not called"),
    };
    (!screen.hangs).then_some(answer)
}

fn lock(screen: &Mutex<Screen>) -> MutexGuard<'_, Screen> {
    screen.lock().unwrap()
}
