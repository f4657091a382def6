//! Plays a country's day in small against real servers on this machine, and measures what it costs them:
//!
//! `cargo run --release --locked -p vungxanh-tests --example country_day -- [OPTIONS]`
//!
//! Only loopback addresses are spoken to. Every server syncs to disk before it answers: set `TMPDIR` to the
//! disk to measure. At `--speed 1000` and `--scale 1000` the rates are those of the whole country.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use vungxanh_tests::country::{
    Act, Bounds, Country, CountryError, Database, Play, Search, Session, Settings,
};
use vungxanh_tests::harness::process::become_child;

/// Plays a country's day in small against servers that it starts on this machine.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    country: Country,
    /// These acts only: gives their cost apart
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Act>,
    /// How many times as fast as a real day the day passes: 720 is a day in two minutes
    #[arg(long, default_value_t = 720, value_parser = clap::value_parser!(u32).range(24..=8_640))]
    speed: u32,
    /// What all that is drawn at random is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the servers store their rows
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    database: Database,
    /// Servers on one database
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    replicas: u8,
    #[command(flatten)]
    bounds: Bounds,
    /// Instead of a day: raise the rate until answers take too long, and say the greatest that held
    #[arg(long)]
    until_full: bool,
    #[command(flatten)]
    search: Search,
    /// Write the figures as JSON, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    if let Some(code) = become_child(std::env::args_os()) {
        return code;
    }
    let options = Options::parse();
    // One thread: the generator takes one core at most, and what it takes is printed apart.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(measure(options)).map_err(|error| error.to_string()));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all went well.
async fn measure(options: Options) -> Result<bool, CountryError> {
    let files = |what| move |source| CountryError::Files { what, source };
    let executable = std::env::current_exe().map_err(files("this program cannot be found"))?;
    let settings = Settings {
        executable,
        database: options.database,
        replicas: options.replicas.into(),
        synthetic_persons: None,
    };
    let play = Play {
        country: options.country,
        only: options.only,
        speed: options.speed,
        clock_speed: options.speed,
        seed: options.seed,
        bounds: options.bounds,
    };
    let session = Session::begin(&settings, play).await?;
    let (json, is_well) = if options.until_full {
        let mut steps = Vec::new();
        let best = options
            .search
            .run(session, |step| {
                println!("{step}");
                steps.push(step.clone());
            })
            .await?;
        match &best {
            Some(step) => println!("the greatest that held:\n{step}"),
            None => println!("no rate held"),
        }
        (serde_json::to_string_pretty(&steps), best.is_some())
    } else {
        let report = session.play_day().await?;
        print!("{report}");
        (serde_json::to_string_pretty(&report), report.is_whole())
    };
    if let (Some(path), Ok(json)) = (options.json, json) {
        std::fs::write(path, json).map_err(files("the figures cannot be written"))?;
    }
    Ok(is_well)
}
