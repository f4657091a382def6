//! What the daemon reports to systemd (`Type=notify`): ready, alive, stopping. Without
//! systemd nothing happens.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::engine::Engine;

/// Notifies systemd while the daemon runs; stops when dropped.
pub struct Notifier {
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Notifier {
    /// Says that the daemon is ready, and from now on, where systemd watches it, that it is alive:
    /// for as long as [`Engine::is_alive`]. After that systemd restarts the daemon.
    pub fn ready(engine: &Arc<Engine>) -> Self {
        tell(&[NotifyState::Ready]);
        let task = sd_notify::watchdog_enabled().map(|limit| {
            let engine = Arc::clone(engine);
            let alive = || tell(&[NotifyState::Watchdog]);
            tokio::spawn(async move { keep_alive(&engine, limit / 3, alive).await })
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

async fn keep_alive(engine: &Engine, every: Duration, alive: impl Fn()) {
    loop {
        if engine.is_alive() {
            alive();
        }
        tokio::time::sleep(every).await;
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd was not told");
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::sync::atomic::Ordering;

    use tokio::time::timeout;

    use super::*;
    use crate::radio::RadioState;
    use crate::store::MemoryStore;
    use crate::test_support::{EngineFixture, NOON, enrol};

    #[tokio::test(start_paused = true)]
    async fn a_daemon_whose_scanning_is_beyond_help_is_not_called_alive() {
        const MINUTE: Duration = Duration::from_secs(60);
        let store = Arc::new(MemoryStore::new());
        enrol(store.as_ref(), NOON);
        let bench = EngineFixture::by_tokio(store, RadioState::Ready);
        bench.radio.hangs.store(true, Ordering::SeqCst);
        let told = Cell::new(0);
        let alive = || told.set(told.get() + 1);
        let loops =
            async { tokio::join!(bench.engine.run(), keep_alive(&bench.engine, MINUTE, alive)) };
        let mut loops = pin!(loops);
        // Three times twelve minutes.
        assert!(timeout(35 * MINUTE, &mut loops).await.is_err());
        assert!((35..=36).contains(&told.get()), "{told:?}");
        assert!(timeout(2 * MINUTE, &mut loops).await.is_err());
        let until_then = told.get();
        assert!(timeout(60 * MINUTE, &mut loops).await.is_err());
        assert_eq!(told.get(), until_then);
        bench.radio.hangs.store(false, Ordering::SeqCst);
        assert!(timeout(10 * MINUTE, &mut loops).await.is_err());
        assert!(told.get() > until_then);
    }
}
