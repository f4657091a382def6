//! What the kernel has counted for processes.

use std::io;
use std::ops::{AddAssign, Sub};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Kernel clock ticks in a second: `sysconf(_SC_CLK_TCK)` is 100 on every Linux.
const TICK_MILLISECONDS: u64 = 10;

/// Of one or several processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Of all processors, in user and kernel mode.
    pub cpu_milliseconds: u64,
    /// The most memory that was resident (VmHWM); of several processes, the sum.
    pub peak_kib: u64,
    /// Bytes that were to be written to disks.
    pub written_bytes: u64,
}

impl Cost {
    pub(super) fn of(pid: u32) -> io::Result<Self> {
        let process = Path::new("/proc").join(pid.to_string());
        let status = std::fs::read_to_string(process.join("status"))?;
        let counted = std::fs::read_to_string(process.join("io"))?;
        Ok(Self {
            cpu_milliseconds: Stat::read(&process)?.own_ticks * TICK_MILLISECONDS,
            peak_kib: field(&status, "VmHWM:")?,
            written_bytes: field(&counted, "write_bytes:")?,
        })
    }

    /// Of a process with all that it has started, those that have ended included in its processor time.
    /// Memory is what they have now, with what they share divided among them.
    pub(super) fn of_family(pid: u32) -> io::Result<Self> {
        let mut cost = Self::of(pid)?;
        let process = Path::new("/proc").join(pid.to_string());
        cost.cpu_milliseconds += Stat::read(&process)?.ended_ticks * TICK_MILLISECONDS;
        cost.peak_kib = proportional_kib(&process)?;
        for child in children(pid)? {
            // One may end meanwhile.
            let Ok(of_child) = Self::of(child) else { continue };
            cost.cpu_milliseconds += of_child.cpu_milliseconds;
            cost.written_bytes += of_child.written_bytes;
            let process = Path::new("/proc").join(child.to_string());
            cost.peak_kib += proportional_kib(&process).unwrap_or_default();
        }
        Ok(cost)
    }

    pub(super) fn of_this() -> io::Result<Self> {
        Self::of(std::process::id())
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.cpu_milliseconds += other.cpu_milliseconds;
        self.peak_kib += other.peak_kib;
        self.written_bytes += other.written_bytes;
    }
}

/// What was used since: the peak stays that of the whole time.
impl Sub for Cost {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            cpu_milliseconds: self.cpu_milliseconds.saturating_sub(before.cpu_milliseconds),
            peak_kib: self.peak_kib,
            written_bytes: self.written_bytes.saturating_sub(before.written_bytes),
        }
    }
}

struct Stat {
    parent: u32,
    own_ticks: u64,
    ended_ticks: u64,
}

impl Stat {
    fn read(process: &Path) -> io::Result<Self> {
        let stat = std::fs::read_to_string(process.join("stat"))?;
        // Fields after the name in parentheses: state, parent; utime to cstime are the 12th to 15th.
        let (_, rest) = stat.rsplit_once(')').ok_or_else(unreadable)?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |index: usize| -> io::Result<u64> {
            fields.get(index).and_then(|field| field.parse().ok()).ok_or_else(unreadable)
        };
        Ok(Self {
            parent: u32::try_from(number(1)?).map_err(|_| unreadable())?,
            own_ticks: number(11)? + number(12)?,
            ended_ticks: number(13)? + number(14)?,
        })
    }
}

fn children(parent: u32) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let path: PathBuf = entry?.path();
        let pid = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        let is_child = || Stat::read(&path).is_ok_and(|stat| stat.parent == parent);
        if let Some(pid) = pid.filter(|_| is_child()) {
            found.push(pid);
        }
    }
    Ok(found)
}

/// Resident memory; what is shared is divided among those who share it.
fn proportional_kib(process: &Path) -> io::Result<u64> {
    field(&std::fs::read_to_string(process.join("smaps_rollup"))?, "Pss:")
}

/// The bytes of all files below a folder, and of a file.
pub(super) fn bytes_below(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else {
        return std::fs::metadata(path).map_or(0, |file| file.len());
    };
    entries.filter_map(Result::ok).map(|entry| bytes_below(&entry.path())).sum()
}

/// The machine's load over the last minute.
pub(super) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}

/// The number after `name` at the start of a line.
fn field(text: &str, name: &str) -> io::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or_else(unreadable)?;
    line.split_whitespace().next().and_then(|number| number.parse().ok()).ok_or_else(unreadable)
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the kernel's figures are not as expected")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_writes_of_this_process_are_counted() {
        let before = Cost::of_this().unwrap();
        let mut sum = 0u64;
        while Cost::of_this().unwrap().cpu_milliseconds < before.cpu_milliseconds + 30 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let used = Cost::of_this().unwrap() - before;
        assert!(used.cpu_milliseconds >= 30 && used.peak_kib > 1_000, "{used:?}");
    }
}
