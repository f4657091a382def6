//! A login manager: it announces that the machine goes to sleep, and waits for who asked it to.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dbus::Message;
use dbus::channel::{MatchingReceiver, Sender};
use dbus::message::MatchRule;
use dbus::nonblock::SyncConnection;
use tokio::task::JoinHandle;

/// The running fake.
pub(crate) struct FakeLogin {
    connection: Arc<SyncConnection>,
    /// Our ends of the locks that were given out.
    locks: Arc<Mutex<Vec<UnixStream>>>,
    resource: JoinHandle<()>,
}

impl FakeLogin {
    /// Takes the name `org.freedesktop.login1`.
    pub(crate) async fn start() -> Self {
        let (resource, connection) = dbus_tokio::connection::new_system_sync().unwrap();
        let resource = tokio::spawn(async move { drop(resource.await) });
        let locks = Arc::<Mutex<Vec<UnixStream>>>::default();
        let given = Arc::clone(&locks);
        connection.start_receive(
            MatchRule::new_method_call(),
            Box::new(move |call, connection| {
                let (what, who, _why, mode): (String, String, String, String) =
                    call.read4().unwrap();
                assert_eq!(
                    (what.as_str(), who.as_str(), mode.as_str()),
                    ("sleep", "Vung Xanh", "delay")
                );
                let (ours, theirs) = UnixStream::pair().unwrap();
                let theirs = File::from(OwnedFd::from(theirs));
                let _ = connection.send(call.method_return().append1(theirs));
                given.lock().unwrap().push(ours);
                true
            }),
        );
        connection.request_name("org.freedesktop.login1", false, true, true).await.unwrap();
        Self { connection, locks, resource }
    }

    /// Signals that the machine is about to sleep, or is awake again.
    pub(crate) fn prepare_for_sleep(&self, sleeps: bool) {
        let signal = Message::signal(
            &"/org/freedesktop/login1".into(),
            &"org.freedesktop.login1.Manager".into(),
            &"PrepareForSleep".into(),
        );
        let _ = self.connection.send(signal.append1(sleeps));
    }

    /// Waits until somebody holds a lock; it.
    pub(crate) async fn lock(&self) -> UnixStream {
        loop {
            if let Some(lock) = self.locks.lock().unwrap().pop() {
                return lock;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Waits until the holder of the other end lets go of it.
pub(crate) async fn released(mut lock: UnixStream) {
    lock.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let ended = tokio::task::spawn_blocking(move || lock.read(&mut [0]));
    assert_eq!(ended.await.unwrap().unwrap(), 0);
}

impl Drop for FakeLogin {
    fn drop(&mut self) {
        self.resource.abort();
    }
}
