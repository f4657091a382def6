//! Lives through a small town's days and says who was notified: `town [SEED] [PEOPLE] [DAYS]`.

use vungxanh_protocol::export::ExportError;
use vungxanh_tests::world::{TownSettings, run_town};

fn main() -> Result<(), ExportError> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u32>().ok());
    let mut settings = TownSettings::default();
    settings.seed = numbers.next().map_or(settings.seed, u64::from);
    settings.people = numbers.next().map_or(settings.people, |people| people as usize);
    settings.days = numbers.next().unwrap_or(settings.days).max(1);
    let (_, report) = run_town(&settings)?;
    print!("{report}");
    for told in &report.notified {
        println!(
            "person {:>3}: score {:>6.0}, {:>5} s in windows, nearest to a case {:.1} m",
            told.person, told.highest_score, told.window_seconds, told.nearest_case_m
        );
    }
    println!("missed {:?}; told without such exposure {:?}", report.missed, report.false_alarms);
    Ok(())
}
