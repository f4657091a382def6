//! Killed in the middle of writing.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use rand::RngExt;
use vungxanh_daemon::platform::profile::Profile;

use super::{again_as_child, as_child, open, record_window, up_to, windows};

const KILLS: u32 = 20;

/// A child records windows one after another and says each when it is stored; it is killed at a
/// random moment, many times on one profile. What it said is there, and what is there is whole.
#[test]
fn kill_9_loses_no_recorded_window() {
    if let Some(profile) = as_child() {
        return record_for_ever(&profile);
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    for round in 0..KILLS {
        let mut child = again_as_child("store::kill::kill_9_loses_no_recorded_window", &profile)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stored = lines.map_while(Result::ok).filter_map(|line| {
            line.strip_prefix("stored ").map(|number| number.parse::<u32>().unwrap() + 1)
        });
        let rng = &mut rand::rng();
        let mut promised =
            stored.by_ref().take(rng.random_range(1..12)).last().expect("the child failed");
        std::thread::sleep(Duration::from_micros(rng.random_range(0..5_000)));
        child.kill().unwrap();
        // What it said between the last line read and its end counts too.
        promised = stored.last().unwrap_or(promised);
        assert!(!child.wait().unwrap().success(), "round {round}: the child ended by itself");
        let (store, recovery) = open(&profile);
        // The write that was cut off may be whole in the file and unknown to the database: it is
        // carried over. Nothing else is.
        if let Some(recovery) = recovery {
            assert_eq!(
                (recovery.reason, recovery.moved_to, recovery.records),
                (None, None, 1),
                "{round}"
            );
        }
        let found = windows(&store);
        assert!(found.len() as u32 >= promised, "round {round}: {} of {promised}", found.len());
        assert_eq!(found, up_to(found.len() as u32), "round {round}");
    }
}

fn record_for_ever(profile: &Profile) {
    let (store, _) = open(profile);
    let mut window = windows(&store).len() as u32;
    loop {
        record_window(&store, window).unwrap();
        println!("stored {window}");
        std::io::stdout().flush().unwrap();
        window += 1;
    }
}
