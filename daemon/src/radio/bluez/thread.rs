//! The one thread on which everything runs that speaks to BlueZ.
//!
//! dbus-tokio loses messages when connections live on several threads: 0.7.6 closes a connection's
//! socket before it takes it out of epoll, as the fields of `IOResource` are in this order
//! (`src/connection.rs`, line 67). If another thread has opened a socket in between and got the same
//! number, that one is taken out: nothing more is read. On one thread no socket enters epoll between
//! the two steps. btleplug rests on dbus-tokio, so this stays for as long as btleplug does
//! ([ADR 40](../../../../docs/adr/0040-one-way-to-bluez.md)).

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The thread; it ends, and its tasks with it, when this is dropped.
pub(super) struct BusThread {
    runtime: Handle,
    _end: oneshot::Sender<()>,
}

impl BusThread {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("bluez".into())
            .spawn(move || drop(runtime.block_on(ended)))?;
        Ok(Self { runtime: handle, _end: end })
    }

    pub(super) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(task)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_task_runs_before_what_is_started_or_awaited_after_it() {
        let thread = BusThread::start().unwrap();
        let order = Arc::new(AtomicUsize::new(0));
        let first = thread.spawn({
            let order = Arc::clone(&order);
            async move {
                let tasks: Vec<_> = (1..=8)
                    .map(|place| {
                        let order = Arc::clone(&order);
                        tokio::spawn(async move {
                            // Another thread would overtake.
                            std::thread::sleep(Duration::from_millis(8 - place as u64));
                            assert_eq!(order.fetch_add(1, Ordering::SeqCst) + 1, place);
                            std::thread::current().id()
                        })
                    })
                    .collect();
                std::thread::sleep(Duration::from_millis(20));
                assert_eq!(order.load(Ordering::SeqCst), 0, "nobody runs beside this task");
                tokio::task::yield_now().await;
                assert_eq!(order.load(Ordering::SeqCst), 8);
                for task in tasks {
                    assert_eq!(task.await.unwrap(), std::thread::current().id());
                }
            }
        });
        first.await.unwrap();
    }

    #[tokio::test]
    async fn its_tasks_end_with_it() {
        let thread = BusThread::start().unwrap();
        let endless = thread.spawn(std::future::pending::<()>());
        drop(thread);
        assert!(endless.await.unwrap_err().is_cancelled());
    }
}
