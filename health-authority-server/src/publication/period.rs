//! Waiting for the end of a period.

use tokio::sync::watch;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

/// Waits until `clock` says `next`; `false` when `stop` says true before.
pub async fn wait_until(
    clock: &dyn Clock,
    next: UnixTime,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    while clock.now() < next {
        tokio::select! {
            () = tokio::time::sleep(clock.poll_interval(next)) => {}
            _ = stop.wait_for(|stop| *stop) => return false,
        }
    }
    !*stop.borrow()
}
