//! What the system says of this process.

use std::io;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// What it uses now, and how much of it there is.
#[derive(Debug, Clone, Copy)]
pub struct ProcessFigures {
    pub resident_bytes: u64,
    /// Of all threads, since the start.
    pub cpu_seconds: f64,
    pub open_files: u64,
    pub most_open_files: u64,
}

impl ProcessFigures {
    pub fn now() -> io::Result<Self> {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        Ok(Self {
            resident_bytes: resident_bytes()?,
            cpu_seconds: cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9,
            open_files: std::fs::read_dir("/proc/self/fd")?.count() as u64,
            most_open_files: getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
        })
    }
}

fn resident_bytes() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kib| kib.parse::<u64>().ok());
    kib.map(|kib| kib * 1_024).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_follow_what_the_process_takes() {
        let before = ProcessFigures::now().unwrap();
        let files: Vec<_> = (0..20).map(|_| std::fs::File::open("/proc/self/stat")).collect();
        let memory = vec![1_u8; 64 << 20];
        let sum: u64 = memory.iter().map(|byte| u64::from(*byte)).sum();
        let after = ProcessFigures::now().unwrap();
        assert_eq!((files.len(), sum), (20, 64 << 20));
        assert!(after.resident_bytes >= before.resident_bytes + (32 << 20), "{after:?}");
        assert!(after.cpu_seconds > before.cpu_seconds);
        assert!(after.open_files >= 20 && after.most_open_files >= after.open_files, "{after:?}");
    }
}
