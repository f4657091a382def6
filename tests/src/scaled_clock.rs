//! Time for the demo: faster than real time, at a speed that can change while programs run, and
//! the same in every process on the machine.
//!
//! The demo writes a small text file of segments; everyone reads it. A segment says that from one
//! moment of the system's clock on, the scaled time starts at a given point and runs at a given
//! rate. It is appended a moment before it begins, and each question for the time looks for new
//! segments first, so that all processes change speed at the same moment.
//!
//! Fast time can be **leased**: a driver that is given a limit plans only a tenth of a second of
//! real time ahead and never beyond the limit, and time stands still where the plan ends. A caller that
//! renews the lease ([`ClockDriver::advance`]) makes time wait for the programs that follow it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

/// The environment variable that hands the file's path to child processes.
pub const CLOCK_FILE_VARIABLE: &str = "VUNGXANH_DEMO_CLOCK";
/// The longest that anyone sleeps before looking at the clock again.
pub const LONGEST_POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The shortest, so that no loop spins.
const SHORTEST_POLL_INTERVAL: Duration = Duration::from_millis(1);
/// How long before its beginning a change of speed is written.
const NOTICE: Duration = Duration::from_millis(100);
/// How much real time a lease covers. A driver that is held up for longer stops time.
const LEASE: Duration = Duration::from_millis(100);
/// Speeds that need no lease, in scaled seconds a second: a program that is held up for a while
/// misses some seconds only.
const UNLEASED_RATE: u32 = 20;
/// The longest file that is read, in bytes: some hours of leases.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
const NANOS: u64 = 1_000_000_000;

/// Time passes at one rate from some moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    /// Unix nanoseconds of the system's clock.
    real_ns: u64,
    /// Unix nanoseconds of the scaled clock at that moment.
    scaled_ns: u64,
    /// Scaled seconds for each real second; 0 stands still.
    rate: u32,
}

impl Segment {
    fn at(&self, real_ns: u64) -> u64 {
        let passed = real_ns.saturating_sub(self.real_ns);
        self.scaled_ns.saturating_add(passed.saturating_mul(u64::from(self.rate)))
    }

    /// The real moment at which this segment reaches `scaled_ns`; `None` when it stands still.
    fn reaches(&self, scaled_ns: u64) -> Option<u64> {
        let missing = scaled_ns.saturating_sub(self.scaled_ns);
        Some(self.real_ns.saturating_add(missing.div_ceil(u64::from(self.rate).max(1))))
            .filter(|_| self.rate > 0)
    }

    fn to_line(self) -> String {
        format!("{} {} {}\n", self.real_ns, self.scaled_ns, self.rate)
    }

    fn from_line(line: &str) -> Option<Self> {
        let mut numbers = line.split(' ');
        let segment = Self {
            real_ns: numbers.next()?.parse().ok()?,
            scaled_ns: numbers.next()?.parse().ok()?,
            rate: numbers.next()?.parse().ok()?,
        };
        numbers.next().is_none().then_some(segment)
    }
}

/// Segments by their beginning.
#[derive(Debug, Default)]
struct Timeline(Vec<Segment>);

impl Timeline {
    /// The segment in force at a real moment; before the first one, the first.
    fn segment(&self, real_ns: u64) -> Option<&Segment> {
        self.0.iter().rev().find(|segment| segment.real_ns <= real_ns).or(self.0.first())
    }

    fn at(&self, real_ns: u64) -> u64 {
        self.segment(real_ns).map_or(0, |segment| segment.at(real_ns))
    }
}

fn real_now_ns() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Reads the scaled time. The same in every process that opens the same file.
#[derive(Debug)]
pub struct ScaledClock {
    file: Mutex<Followed>,
    /// The latest time shown: it never runs backwards.
    told_ns: AtomicU64,
}

#[derive(Debug)]
struct Followed {
    file: File,
    read_bytes: u64,
    timeline: Timeline,
}

impl Followed {
    /// Reads complete lines that have come since. What cannot be read leaves the timeline as is.
    fn refresh(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len().min(MAX_FILE_BYTES);
        if length <= self.read_bytes {
            return Ok(());
        }
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(self.read_bytes))?;
        (&self.file).take(length - self.read_bytes).read_to_string(&mut text)?;
        let complete = text.rfind('\n').map_or(0, |end| end + 1);
        self.read_bytes += complete as u64;
        self.timeline.0.extend(text[..complete].lines().filter_map(Segment::from_line));
        Ok(())
    }
}

impl ScaledClock {
    /// Follows the file at `path`, which a [`ClockDriver`] writes.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut followed =
            Followed { file: File::open(path)?, read_bytes: 0, timeline: Timeline::default() };
        followed.refresh()?;
        if followed.timeline.0.is_empty() {
            let message = format!("{} is no clock file of the demo", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(Self { file: Mutex::new(followed), told_ns: AtomicU64::new(0) })
    }

    /// Follows the file that [`CLOCK_FILE_VARIABLE`] names; `None` when it is not set.
    pub fn from_environment() -> Option<io::Result<Self>> {
        std::env::var_os(CLOCK_FILE_VARIABLE).map(|path| Self::open(Path::new(&path)))
    }

    /// Unix nanoseconds of the scaled clock and the rate at which it runs now.
    fn read(&self) -> (u64, u32) {
        let mut followed = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // If the file cannot be read any more, time goes on as it did.
        let _ = followed.refresh();
        let real_ns = real_now_ns();
        let timeline = &followed.timeline;
        let scaled_ns = timeline.at(real_ns);
        let told_ns = self.told_ns.fetch_max(scaled_ns, Ordering::Relaxed).max(scaled_ns);
        (told_ns, timeline.segment(real_ns).map_or(0, |segment| segment.rate))
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.read().0 / NANOS)
    }

    fn poll_interval(&self, until: UnixTime) -> Duration {
        let (now_ns, rate) = self.read();
        let missing_ns = until.as_secs().saturating_mul(NANOS).saturating_sub(now_ns);
        if missing_ns == 0 {
            return Duration::ZERO;
        }
        match missing_ns.checked_div(u64::from(rate)) {
            Some(real_ns) => {
                Duration::from_nanos(real_ns).clamp(SHORTEST_POLL_INTERVAL, LONGEST_POLL_INTERVAL)
            }
            None => LONGEST_POLL_INTERVAL,
        }
    }
}

/// What was asked for: a rate until a moment, if one is given, and another rate from then on.
#[derive(Debug, Clone, Copy)]
struct Course {
    rate: u32,
    until_ns: Option<u64>,
    then: u32,
}

/// Decides how fast time runs. There is one for a file.
#[derive(Debug)]
pub struct ClockDriver {
    path: PathBuf,
    file: File,
    timeline: Timeline,
    course: Course,
    /// Unix nanoseconds of the scaled clock that must not be passed; `None` without leases.
    limit_ns: Option<u64>,
}

impl ClockDriver {
    /// Starts a clock at `start`, running at `rate` scaled seconds a second, in a new file.
    pub fn create(path: &Path, start: UnixTime, rate: u32) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        let course = Course { rate, until_ns: None, then: rate };
        let mut driver =
            Self { path: path.into(), file, timeline: Timeline::default(), course, limit_ns: None };
        let scaled_ns = start.as_secs().saturating_mul(NANOS);
        driver.append(&[Segment { real_ns: real_now_ns(), scaled_ns, rate }])?;
        Ok(driver)
    }

    /// The file, for [`ScaledClock::open`] and [`CLOCK_FILE_VARIABLE`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Changes the speed in a moment (100 ms). Replaces what was planned before.
    pub fn set_rate(&mut self, rate: u32) -> io::Result<()> {
        self.begin(Course { rate, until_ns: None, then: rate })
    }

    /// Runs at `rate` until `until`, then at `then`: no overshoot however fast.
    pub fn run_until(&mut self, until: UnixTime, rate: u32, then: u32) -> io::Result<()> {
        let until_ns = Some(until.as_secs().saturating_mul(NANOS));
        self.begin(Course { rate, until_ns, then })
    }

    /// Leases time up to `limit`, and renews a lease that is about to end. To be called every few
    /// milliseconds; while no one does, fast time stands still.
    pub fn advance(&mut self, limit: UnixTime) -> io::Result<()> {
        self.limit_ns = Some(limit.as_secs().saturating_mul(NANOS));
        if self.course.rate <= UNLEASED_RATE {
            return Ok(());
        }
        let Some(end) = self.timeline.0.last().copied() else { return Ok(()) };
        let arrived = self.course.until_ns.is_some_and(|until_ns| end.scaled_ns >= until_ns);
        let now_ns = real_now_ns();
        if arrived || end.rate > 0 || end.real_ns > now_ns + LEASE.as_nanos() as u64 / 2 {
            return Ok(());
        }
        // What begins in the past would make time leap for a reader that looked a moment ago.
        let real_ns = end.real_ns.max(now_ns + SHORTEST_POLL_INTERVAL.as_nanos() as u64);
        let plan = self.plan(real_ns, end.scaled_ns);
        if plan.iter().all(|segment| segment.rate == 0) { Ok(()) } else { self.append(&plan) }
    }

    fn begin(&mut self, course: Course) -> io::Result<()> {
        let real_ns = real_now_ns() + NOTICE.as_nanos() as u64;
        self.course = course;
        self.append(&self.plan(real_ns, self.timeline.at(real_ns)))
    }

    /// The segments of the present course from one moment on. They go on from the present one;
    /// one that was to begin later is dropped by readers, because these stand after it in the
    /// file, see [`Timeline::segment`].
    fn plan(&self, real_ns: u64, scaled_ns: u64) -> Vec<Segment> {
        let Course { rate, until_ns, then } = self.course;
        let until_ns = until_ns.map(|until_ns| until_ns.max(scaled_ns));
        let lease_ns = scaled_ns.saturating_add(LEASE.as_nanos() as u64 * u64::from(rate));
        let limit_ns = self.limit_ns.filter(|_| rate > UNLEASED_RATE);
        let leased_ns = limit_ns.map(|limit_ns| limit_ns.min(lease_ns).max(scaled_ns));
        let first = Segment { real_ns, scaled_ns, rate };
        let (end_ns, rate) = match (until_ns, leased_ns) {
            (Some(until_ns), Some(leased_ns)) if leased_ns < until_ns => (leased_ns, 0),
            (Some(until_ns), _) => (until_ns, then),
            (None, Some(leased_ns)) => (leased_ns, 0),
            (None, None) => return vec![first],
        };
        match first.reaches(end_ns) {
            Some(real_ns) if end_ns > scaled_ns => {
                vec![first, Segment { real_ns, scaled_ns: end_ns, rate }]
            }
            Some(_) => vec![Segment { rate, ..first }],
            None => vec![first],
        }
    }

    fn append(&mut self, segments: &[Segment]) -> io::Result<()> {
        let lines: String = segments.iter().map(|segment| segment.to_line()).collect();
        self.file.write_all(lines.as_bytes())?;
        self.timeline.0.extend(segments);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixTime = UnixTime::from_secs(1_700_000_000);

    fn segment(real_s: u64, scaled_s: u64, rate: u32) -> Segment {
        Segment { real_ns: real_s * NANOS, scaled_ns: scaled_s * NANOS, rate }
    }

    fn driver(folder: &tempfile::TempDir, rate: u32) -> ClockDriver {
        ClockDriver::create(&folder.path().join("clock"), START, rate).unwrap()
    }

    #[test]
    fn segments_follow_each_other_and_later_ones_replace_plans() {
        let mut timeline = Timeline(vec![segment(100, 5_000, 10), segment(110, 5_100, 100)]);
        let at = |timeline: &Timeline, real_s: u64| timeline.at(real_s * NANOS) / NANOS;
        assert_eq!(at(&timeline, 90), 5_000);
        assert_eq!(at(&timeline, 105), 5_050);
        assert_eq!(at(&timeline, 110), 5_100);
        assert_eq!(at(&timeline, 112), 5_300);
        timeline.0.push(segment(106, 5_060, 0));
        assert_eq!(at(&timeline, 105), 5_050);
        assert_eq!(at(&timeline, 1_000), 5_060);
    }

    #[test]
    fn a_fast_stretch_ends_exactly_where_it_should() {
        let fast = segment(100, 5_000, 3_000);
        let end = fast.reaches(500_000 * NANOS).unwrap();
        assert_eq!(end, 265 * NANOS);
        assert_eq!(fast.at(end), 500_000 * NANOS);
        assert_eq!(segment(100, 5_000, 0).reaches(6_000 * NANOS), None);
    }

    #[test]
    fn monotone_and_alike_in_all_instances_across_changes() {
        let folder = tempfile::tempdir().unwrap();
        let mut driver = driver(&folder, 50);
        let clocks = [(); 3].map(|()| ScaledClock::open(driver.path()).unwrap());
        let mut last_ns = 0;
        for rate in [5_000, 0, 20_000, 1, 300] {
            driver.set_rate(rate).unwrap();
            let change = driver.timeline.0.last().unwrap().real_ns;
            while real_now_ns() < change + NANOS / 100 {
                for clock in &clocks {
                    let (now_ns, _) = clock.read();
                    assert!(now_ns >= last_ns, "ran backwards by {} ns", last_ns - now_ns);
                    last_ns = now_ns;
                }
                std::thread::sleep(Duration::from_micros(300));
            }
            assert!(clocks.iter().all(|clock| clock.read().1 == rate));
        }
        assert!(last_ns > (START.as_secs() + 200) * NANOS);
    }

    #[test]
    fn naps_are_short_and_lead_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut driver = driver(&folder, 1);
        let clock = ScaledClock::open(driver.path()).unwrap();
        let until = START.plus(86_400);
        assert_eq!(clock.poll_interval(until), LONGEST_POLL_INTERVAL);
        driver.run_until(until, 1_000_000, 0).unwrap();
        while clock.now() < until {
            let interval = clock.poll_interval(until);
            assert!(
                (SHORTEST_POLL_INTERVAL..=LONGEST_POLL_INTERVAL).contains(&interval)
                    || clock.now() >= until
            );
            std::thread::sleep(interval);
        }
        assert_eq!(clock.now(), until, "stands still where it was told to");
        assert_eq!(clock.poll_interval(until), Duration::ZERO);
        assert_eq!(clock.poll_interval(until.plus(1)), LONGEST_POLL_INTERVAL);
    }

    #[test]
    fn leased_time_stands_still_at_its_limit_and_where_nobody_renews_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut driver = driver(&folder, 0);
        let clock = ScaledClock::open(driver.path()).unwrap();
        let (limit, until) = (START.plus(1_000), START.plus(3_000));
        // 1,000 seconds of scaled time take a fifth of a second: two leases.
        driver.advance(limit).unwrap();
        driver.run_until(until, 5_000, 0).unwrap();
        std::thread::sleep(NOTICE + 3 * LEASE);
        assert_eq!(clock.now(), START.plus(500), "one lease, which nobody renewed");
        let renew = |driver: &mut ClockDriver, limit: UnixTime, wanted: UnixTime| {
            let patience = std::time::Instant::now() + Duration::from_secs(20);
            while clock.now() < wanted && std::time::Instant::now() < patience {
                driver.advance(limit).unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        renew(&mut driver, limit, limit);
        for _ in 0..40 {
            driver.advance(limit).unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(clock.now(), limit, "never beyond the limit");
        renew(&mut driver, START.plus(90_000), until);
        assert_eq!(clock.now(), until, "nor beyond what was asked for");
    }

    #[test]
    fn half_a_line_and_nonsense_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock");
        std::fs::write(&path, "nonsense\n").unwrap();
        assert!(ScaledClock::open(&path).is_err());
        std::fs::write(&path, format!("{}x y\n1 2 3 4\n17", segment(1, 7, 0).to_line())).unwrap();
        let clock = ScaledClock::open(&path).unwrap();
        assert_eq!(clock.now().as_secs(), 7);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b" 9000000000 0\n").unwrap();
        assert_eq!(clock.now().as_secs(), 9);
    }
}
