//! How much of the machine matching may take: several threads where it disturbs no one,
//! otherwise one that gives way to everything else.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::thread;

/// Priority of the one thread: halfway to the lowest (`nice(2)`).
const NICENESS: i32 = 10;
/// More threads than this do not help: reading the files is the work of one.
const MOST_THREADS: usize = 4;
const POWER_SUPPLIES: &str = "/sys/class/power_supply";
const LOAD: &str = "/proc/loadavg";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parallelism {
    /// On so many threads at the usual priority.
    Threads(NonZero<usize>),
    /// On one thread at low priority.
    InTheBackground,
}

impl Parallelism {
    /// As the machine is now.
    pub(super) fn now() -> Self {
        let cores = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let load = fs::read_to_string(LOAD).ok().and_then(|text| first_number(&text));
        Self::choose(cores, on_mains(Path::new(POWER_SUPPLIES)), load)
    }

    /// Several threads on mains, or if more than half of the cores had nothing to do in the last
    /// minute. What is unknown speaks for the background.
    fn choose(cores: NonZero<usize>, on_mains: bool, load: Option<f64>) -> Self {
        let idle = load.is_some_and(|load| load < cores.get() as f64 / 2.0);
        match NonZero::new(cores.get().min(MOST_THREADS)) {
            Some(threads) if threads.get() > 1 && (on_mains || idle) => Self::Threads(threads),
            _ => Self::InTheBackground,
        }
    }

    /// On how many threads.
    pub(super) const fn threads(self) -> NonZero<usize> {
        match self {
            Self::Threads(threads) => threads,
            Self::InTheBackground => NonZero::<usize>::MIN,
        }
    }

    /// Does `work` at this priority, in a thread of its own where that is low: a
    /// priority once given away does not come back.
    pub(super) fn run<T: Send>(self, work: impl FnOnce() -> T + Send) -> T {
        if let Self::Threads(_) = self {
            return work();
        }
        thread::scope(|scope| {
            let background = scope.spawn(|| {
                // Only costs others some time where the system refuses it.
                let _ = rustix::process::nice(NICENESS);
                work()
            });
            background.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// Whether a charger or mains is connected (Linux ABI, sysfs-class-power). A machine without any
/// battery is on mains.
fn on_mains(supplies: &Path) -> bool {
    let Ok(entries) = fs::read_dir(supplies) else { return false };
    let mut battery = false;
    for supply in entries.flatten().map(|entry| entry.path()) {
        let read = |name| fs::read_to_string(supply.join(name)).unwrap_or_default();
        match read("type").trim() {
            // A mouse's or a pen's battery says nothing about this machine.
            "Battery" => battery |= read("scope").trim() != "Device",
            "Mains" | "USB" | "Wireless" if read("online").trim() == "1" => return true,
            _ => {}
        }
    }
    !battery
}

fn first_number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cores(count: usize) -> NonZero<usize> {
        NonZero::new(count).unwrap()
    }

    #[test]
    fn several_threads_only_on_mains_or_when_idle() {
        let busy = Some(3.0);
        assert_eq!(Parallelism::choose(cores(4), true, busy), Parallelism::Threads(cores(4)));
        assert_eq!(Parallelism::choose(cores(4), false, Some(0.3)), Parallelism::Threads(cores(4)));
        assert_eq!(Parallelism::choose(cores(4), false, busy), Parallelism::InTheBackground);
        assert_eq!(Parallelism::choose(cores(4), false, None), Parallelism::InTheBackground);
        assert_eq!(Parallelism::choose(cores(1), true, Some(0.0)), Parallelism::InTheBackground);
        assert_eq!(Parallelism::choose(cores(64), true, None).threads(), cores(MOST_THREADS));
    }

    fn supplies(list: &[(&str, &[(&str, &str)])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, files) in list {
            let supply = folder.path().join(name);
            fs::create_dir(&supply).unwrap();
            for (file, text) in *files {
                fs::write(supply.join(file), format!("{text}\n")).unwrap();
            }
        }
        folder
    }

    #[test]
    fn mains_is_told_from_batteries() {
        let battery: (&str, &[_]) = ("BAT0", &[("type", "Battery"), ("scope", "System")]);
        let mouse: (&str, &[_]) = ("hid", &[("type", "Battery"), ("scope", "Device")]);
        let charger: (&str, &[_]) = ("AC", &[("type", "Mains"), ("online", "1")]);
        let unplugged: (&str, &[_]) = ("usb", &[("type", "USB"), ("online", "0")]);
        let cases = [
            (vec![], true),
            (vec![mouse], true),
            (vec![battery], false),
            (vec![battery, unplugged], false),
            (vec![battery, unplugged, charger], true),
        ];
        for (list, expected) in cases {
            assert_eq!(on_mains(supplies(&list).path()), expected, "{list:?}");
        }
        assert!(!on_mains(Path::new("/nowhere")));
    }

    #[test]
    fn the_background_is_another_thread_and_gives_its_answer() {
        let here = thread::current().id();
        assert_ne!(Parallelism::InTheBackground.run(|| thread::current().id()), here);
        assert_eq!(Parallelism::Threads(cores(2)).run(|| thread::current().id()), here);
    }

    #[test]
    fn load_is_the_first_number() {
        assert_eq!(first_number("0.25 0.10 0.05 1/200 4242\n"), Some(0.25));
        assert_eq!(first_number(""), None);
    }
}
