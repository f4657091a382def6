//! How many short encounters a scan policy detects.

use serde::Serialize;
use vungxanh_daemon::radio::air::channel::Channel;
use vungxanh_protocol::export::ExportError;
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::risk::RiskParameters;

use super::{PhoneSetup, STEP_SECONDS, ScanPolicy, Script, Setup, World, default_tracing};

/// Seconds from one meeting to the next; no divisor of scan periods.
const SPACING_SECONDS: u64 = 1_973;

/// What became of many equal meetings of two people.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeetingDetection {
    /// How many times one of the two could have noticed the other.
    pub meetings: usize,
    /// Share in which at least one scan heard the other.
    pub detected: f64,
    /// Share in which at least two scans did.
    pub detected_twice: f64,
    /// Mean of the seconds that exposure windows give to a meeting.
    pub mean_seconds: f64,
    /// Standard deviation of these seconds.
    pub deviation_seconds: f64,
}

/// Lets two people meet `meetings` times for `minutes` at `distance_m` and asks the phone of each
/// what it noticed of the other.
pub fn meeting_detection(
    seed: u64,
    scan: ScanPolicy,
    minutes: u64,
    distance_m: f64,
    meetings: u64,
) -> Result<MeetingDetection, ExportError> {
    let start = UtcDay::new(20_000).start();
    let begins: Vec<_> = (1..=meetings).map(|i| start.plus(i * SPACING_SECONDS)).collect();
    let script = begins
        .iter()
        .fold(Script::new(), |script, begin| script.meet([0, 1], *begin, minutes, distance_m));
    let mut world = World::new(Setup {
        seed,
        start,
        phones: vec![PhoneSetup::default(); 2],
        whereabouts: Box::new(script),
        scan,
        channel: Channel::default(),
        tracing: default_tracing(),
        risk: RiskParameters::narrow(),
    });
    let end = start.plus((meetings + 2) * SPACING_SECONDS);
    world.run_until(end);
    for person in [0, 1] {
        world.publish(person, end.day(), &[]);
    }
    world.run_until(end.plus(86_400));
    let mut noticed = Vec::new();
    for person in [0, 1] {
        let scans = world.assess(person)?.assessment.matched;
        for begin in &begins {
            // People move at whole steps, so a meeting may begin and end that much later.
            let during = *begin..begin.plus(minutes * 60 + STEP_SECONDS);
            let heard: Vec<u64> = scans
                .iter()
                .filter(|matched| during.contains(&matched.scan.time))
                .map(|matched| matched.scan.seconds_since_last_scan.into())
                .collect();
            noticed.push((heard.len(), heard.iter().sum()));
        }
    }
    Ok(MeetingDetection::of(&noticed))
}

impl MeetingDetection {
    fn of(noticed: &[(usize, u64)]) -> Self {
        let count = noticed.len() as f64;
        let share = |at_least: usize| {
            noticed.iter().filter(|(scans, _)| *scans >= at_least).count() as f64 / count
        };
        let mean = noticed.iter().map(|(_, seconds)| *seconds as f64).sum::<f64>() / count;
        let square = |(_, seconds): &(usize, u64)| (*seconds as f64 - mean).powi(2);
        Self {
            meetings: noticed.len(),
            detected: share(1),
            detected_twice: share(2),
            mean_seconds: mean,
            deviation_seconds: (noticed.iter().map(square).sum::<f64>() / count).sqrt(),
        }
    }
}
