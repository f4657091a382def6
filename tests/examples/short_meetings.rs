//! How many encounters of five minutes are detected, by the time between scan windows.

use vungxanh_protocol::export::ExportError;
use vungxanh_tests::world::{ScanPolicy, meeting_detection};

const MEETINGS: u64 = 400;
const MINUTES: u64 = 5;

fn main() -> Result<(), ExportError> {
    println!("{MEETINGS} meetings of {MINUTES} minutes, each asked of both phones; windows of 4 s");
    println!(
        "{:>8}  {:>8}  {:>8}  {:>9}  {:>14}",
        "distance", "every", "detected", "by 2 scans", "told seconds"
    );
    for distance_m in [1.5, 15.0] {
        for every_seconds in [60, 120, 240, 300] {
            let policy = ScanPolicy::four_seconds_every(every_seconds);
            let found = meeting_detection(1, policy, MINUTES, distance_m, MEETINGS)?;
            println!(
                "{distance_m:>6} m  {every_seconds:>6} s  {:>7.1}%  {:>9.1}%  {:>6.0} +- {:<4.0}",
                100.0 * found.detected,
                100.0 * found.detected_twice,
                found.mean_seconds,
                found.deviation_seconds
            );
        }
    }
    Ok(())
}
