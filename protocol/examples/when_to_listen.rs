//! Our scan policy against GAEN's 4 s in every 210 to 300 s, on the same encounters of five
//! minutes: when windows fall, not whether radio waves arrive. Devices that were alone meet all at
//! once; a window that lies within the encounter hears each of the others with the probability
//! given. When each device was alone before, and what its first, second, third window hears, are the
//! same for both policies.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::scan_schedule::{ScanPolicy, ScanSchedule};

const ENCOUNTERS: u64 = 20_000;
const ENCOUNTER_SECONDS: u64 = 300;
/// Alone before it, so that the schedules have no common beat.
const ALONE_SECONDS: u64 = 3_600;
const GAEN: ScanPolicy = ScanPolicy {
    window_seconds: 4,
    near_seconds: (210, 300),
    alone_seconds: (210, 300),
    near_memory_seconds: 0,
};

#[derive(Default)]
struct Tally {
    pairs: u64,
    detected: u64,
    readings: u64,
    windows: u64,
    in_every_window: u64,
}

/// What a device's luck is about: one does not change the other.
#[derive(Clone, Copy)]
enum Luck {
    Meeting,
    Hearing,
    Schedule,
}

/// The luck of a device in an encounter, whatever the policy.
fn luck(of: Luck, encounter: u64, device: u64) -> StdRng {
    let mut seed = [0; 32];
    seed[0] = of as u8;
    seed[8..16].copy_from_slice(&encounter.to_le_bytes());
    seed[16..24].copy_from_slice(&device.to_le_bytes());
    StdRng::from_seed(seed)
}

/// The encounter `number` of `devices`, as each of them sees each of the others.
fn encounter(policy: ScanPolicy, number: u64, devices: usize, hears: f64, tally: &mut Tally) {
    let begin = UnixTime::from_secs(1_800_000_000);
    let end = begin.plus(ENCOUNTER_SECONDS);
    for device in 0..devices as u64 {
        let [mut meeting, mut hearing, mut scheduling] =
            [Luck::Meeting, Luck::Hearing, Luck::Schedule].map(|of| luck(of, number, device));
        let mut schedule = ScanSchedule::new(policy);
        let mut now = begin.minus(ALONE_SECONDS + meeting.random_range(0..300));
        let mut readings = vec![0; devices - 1];
        let mut windows = 0;
        while now < end {
            let within = now >= begin && now.plus(policy.window_seconds) <= end;
            let mut anybody = false;
            if within {
                windows += 1;
                for heard in &mut readings {
                    if hearing.random_bool(hears) {
                        *heard += 1;
                        anybody = true;
                    }
                }
            }
            schedule.scanned(now, anybody, &mut scheduling);
            now = schedule.next().unwrap_or(end);
        }
        for heard in readings {
            tally.pairs += 1;
            tally.detected += u64::from(heard > 0);
            tally.readings += heard;
            tally.windows += windows;
            tally.in_every_window += u64::from(windows > 0 && heard == windows);
        }
    }
}

fn main() {
    println!("policy  devices  heard by a window  detected  every window  readings  windows");
    for hears in [0.95, 0.7] {
        for devices in [2, 5, 10] {
            for (name, policy) in [("ours", ScanPolicy::default()), ("GAEN", GAEN)] {
                let mut tally = Tally::default();
                for number in 0..ENCOUNTERS {
                    encounter(policy, number, devices, hears, &mut tally);
                }
                let share = |count: u64| count as f64 / tally.pairs as f64;
                println!(
                    "{name:6}  {devices:7}  {:>16.0}%  {:7.1}%  {:11.1}%  {:8.2}  {:7.2}",
                    100.0 * hears,
                    100.0 * share(tally.detected),
                    100.0 * share(tally.in_every_window),
                    share(tally.readings),
                    share(tally.windows),
                );
            }
        }
    }
}
