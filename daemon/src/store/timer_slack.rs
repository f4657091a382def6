//! Threads that may oversleep.
//!
//! sled keeps seven threads that look for work once a second for as long as the program runs, though
//! they also wait for work. With the kernel's default slack of 50 microseconds each is a wake-up of
//! its own, and nine of ten wake-ups of a daemon were theirs. A thread that may oversleep is woken together
//! with others, or when the processor is awake anyway (prctl(2), `PR_SET_TIMERSLACK`).

use std::num::NonZeroU64;
use std::time::Duration;

use rustix::thread::set_current_timer_slack;

/// Runs `operation`; threads that it starts from the calling thread may sleep longer by `slack`, for
/// good. Where the kernel refuses they are as punctual as others.
pub(super) fn with_timer_slack<T>(slack: Duration, operation: impl FnOnce() -> T) -> T {
    let relaxed = u64::try_from(slack.as_nanos()).ok().and_then(NonZeroU64::new);
    // Nothing is wrong with a thread that is punctual.
    let _ = set_current_timer_slack(relaxed);
    let done = operation();
    // Back to what the thread began with.
    let _ = set_current_timer_slack(None);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The calling thread's slack in nanoseconds, as the kernel reports it.
    fn own_slack() -> u64 {
        let thread = rustix::thread::gettid().as_raw_nonzero();
        let text = std::fs::read_to_string(format!("/proc/{thread}/timerslack_ns")).unwrap();
        text.trim().parse().unwrap()
    }

    #[test]
    fn threads_started_within_may_oversleep_and_the_caller_may_not() {
        let before = own_slack();
        let inherited = with_timer_slack(Duration::from_secs(60), || {
            std::thread::spawn(own_slack).join().unwrap()
        });
        assert_eq!(inherited, 60_000_000_000);
        assert_eq!(own_slack(), before);
        assert_eq!(std::thread::spawn(own_slack).join().unwrap(), before);
    }
}
