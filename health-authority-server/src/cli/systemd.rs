//! What the server reports to systemd (`Type=notify`): ready, alive, stopping. Without systemd nothing
//! happens.

use sd_notify::NotifyState;
use tokio::task::JoinHandle;

/// Says that the server is ready, and from now on that it is alive, where systemd watches it: the task
/// runs while the runtime does. Stops when dropped.
pub(super) struct Notifier(Option<JoinHandle<()>>);

impl Notifier {
    pub(super) fn ready() -> Self {
        notify(NotifyState::Ready);
        Self(sd_notify::watchdog_enabled().map(|limit| {
            tokio::spawn(async move {
                loop {
                    notify(NotifyState::Watchdog);
                    tokio::time::sleep(limit / 3).await;
                }
            })
        }))
    }

    pub(super) fn stopping() {
        notify(NotifyState::Stopping);
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd was not notified");
    }
}
