//! What systemd is told when it started the daemon (`Type=notify`): ready, alive, stopping. Without
//! systemd nothing happens.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::engine::Engine;

/// Tells systemd while the daemon runs; stops telling when dropped.
pub struct Notifier {
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Notifier {
    /// Says that the daemon is ready, and from now on, where systemd watches it, that it is alive:
    /// for as long as [`Engine::is_alive`]. Then systemd starts the daemon anew.
    pub fn ready(engine: &Arc<Engine>) -> Self {
        tell(&[NotifyState::Ready]);
        let task = sd_notify::watchdog_enabled().map(|limit| {
            let engine = Arc::clone(engine);
            tokio::spawn(async move { keep_alive(&engine, limit / 3).await })
        });
        Self { task }
    }

    /// Says that the daemon is about to end.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn keep_alive(engine: &Engine, every: Duration) {
    loop {
        if engine.is_alive() {
            tell(&[NotifyState::Watchdog]);
        }
        tokio::time::sleep(every).await;
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd was not told");
    }
}
