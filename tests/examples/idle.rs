//! Measures what a daemon costs while nothing much happens: memory, CPU time and wake-ups of a
//! real process in real time, with neighbours that it hears in every scan.
//!
//! `cargo run --release --locked -p vungxanh-tests --example idle [-- SECONDS [NEIGHBOURS]]`

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_daemon::radio::Advertiser;
use vungxanh_daemon::radio::air::{AirHub, AirRadio, AirSettings};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::process::{self, Host};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Kernel clock ticks in a second: `sysconf(_SC_CLK_TCK)` is 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = process::become_child(args.clone()) {
        return code;
    }
    let number = |index: usize, default| {
        args.get(index).and_then(|arg| arg.to_str()?.parse().ok()).unwrap_or(default)
    };
    let measured = tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(measure(number(1, 300), number(2, 5))));
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(seconds: u64, neighbours: u64) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let host = Host {
        executable: std::env::current_exe()?,
        clock_file: None,
        language: "en",
        logs: folder.path().join("logs"),
    };
    std::fs::create_dir(&host.logs)?;
    let pace = Pace { sync_minutes: 240, look_alike_hours: 24 };
    let authority = Authority::found(&host, &folder.path().join("authority"), pace).await?;
    let socket = folder.path().join("air.sock");
    let _hub = AirHub::start(&socket, AirSettings::default(), Arc::new(SystemClock)).await?;
    let _neighbours = advertise(&socket, neighbours).await?;
    let mut person = Person::new(&host, folder.path(), &socket, "idle");
    person.enroll(&authority.founded().enrolment).await?;
    person.start().await?;
    person.await_tracing().await?;
    let pid = person.daemon().ok_or("the daemon ended")?.pid();
    // What the start costs is not what idling costs.
    tokio::time::sleep(Duration::from_secs(20)).await;
    let before = Cost::of(pid)?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let after = Cost::of(pid)?;
    let hours = seconds as f64 / 3_600.0;
    let cpu = (after.cpu_ticks - before.cpu_ticks) as f64 / TICKS_PER_SECOND;
    println!("over {seconds} s with {neighbours} neighbours:");
    println!("resident memory        {:>8.1} MiB", after.resident_kib as f64 / 1_024.0);
    println!("of it private          {:>8.1} MiB", after.private_kib as f64 / 1_024.0);
    println!("highest                {:>8.1} MiB", after.highest_kib as f64 / 1_024.0);
    println!(
        "CPU                    {:>8.2} s an hour ({:.3} %)",
        cpu / hours,
        cpu / seconds as f64 * 100.0
    );
    println!(
        "wake-ups               {:>8.0} an hour",
        (after.switches - before.switches) as f64 / hours
    );
    Ok(())
}

/// Other devices, as connections of this process: they advertise and never change.
async fn advertise(socket: &Path, count: u64) -> Outcome<Vec<AirRadio>> {
    let mut rng = StdRng::seed_from_u64(1);
    let mut radios = Vec::new();
    for index in 0..count {
        let radio = AirRadio::connect(socket.to_owned(), format!("neighbour-{index}"));
        let data: [u8; 20] = rng.random();
        let advertisement = Advertisement::from_service_data(&data)?;
        // Not connected yet: the radio takes the advertisement up by itself once it is.
        let _ = radio.advertise(&advertisement, Duration::from_secs(86_400)).await;
        radios.push(radio);
    }
    Ok(radios)
}

/// What the kernel has counted for a process and its threads.
struct Cost {
    cpu_ticks: u64,
    switches: u64,
    resident_kib: u64,
    private_kib: u64,
    highest_kib: u64,
}

impl Cost {
    fn of(pid: u32) -> Outcome<Self> {
        let process = Path::new("/proc").join(pid.to_string());
        let stat = std::fs::read_to_string(process.join("stat"))?;
        // Fields after the name in parentheses; utime and stime are the 14th and 15th of all.
        let fields: Vec<&str> =
            stat.rsplit_once(')').ok_or("no name in stat")?.1.split_whitespace().collect();
        let ticks = |index: usize| -> Outcome<u64> {
            Ok(fields.get(index).ok_or("stat is too short")?.parse()?)
        };
        let mut switches = 0;
        for thread in std::fs::read_dir(process.join("task"))? {
            let status = std::fs::read_to_string(thread?.path().join("status"))?;
            switches += field(&status, "voluntary_ctxt_switches:")?;
        }
        let status = std::fs::read_to_string(process.join("status"))?;
        let rollup = std::fs::read_to_string(process.join("smaps_rollup"))?;
        Ok(Self {
            cpu_ticks: ticks(11)? + ticks(12)?,
            switches,
            resident_kib: field(&status, "VmRSS:")?,
            private_kib: field(&rollup, "Private_Clean:")? + field(&rollup, "Private_Dirty:")?,
            highest_kib: field(&status, "VmHWM:")?,
        })
    }
}

/// The number after `name` at the start of a line.
fn field(text: &str, name: &str) -> Outcome<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("field missing")?;
    Ok(line.split_whitespace().next().ok_or("field empty")?.parse()?)
}
