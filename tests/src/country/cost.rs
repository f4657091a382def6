//! What the kernel has counted for processes.

use std::io;
use std::ops::{AddAssign, Sub};
use std::path::Path;

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
            cpu_milliseconds: ticks(&process)? * TICK_MILLISECONDS,
            peak_kib: field(&status, "VmHWM:")?,
            written_bytes: field(&counted, "write_bytes:")?,
        })
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

/// What `stat` of a process says that it has used, in user and kernel mode.
fn ticks(process: &Path) -> io::Result<u64> {
    let stat = std::fs::read_to_string(process.join("stat"))?;
    // Fields after the name in parentheses; utime and stime are the 12th and 13th.
    let (_, rest) = stat.rsplit_once(')').ok_or_else(unreadable)?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| -> io::Result<u64> {
        fields.get(index).and_then(|field| field.parse().ok()).ok_or_else(unreadable)
    };
    Ok(number(11)? + number(12)?)
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
