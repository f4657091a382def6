//! The command line.

mod batch;
mod code;
mod config;
mod init;
mod serve;
mod staff;
mod statistics;
mod venue;
mod venue_key;
mod warning;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::{Args, Parser, Subcommand};
use fluent_bundle::FluentValue;
use serde::Serialize;
use tracing_subscriber::EnvFilter;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use crate::app::App;
use crate::error::Error;
use crate::i18n::{Language, Messages};

/// The health authority's server of Vung Xanh: confirms cases and publishes their keys in signed
/// batches. Begin with `init`.
#[derive(Debug, Parser)]
#[command(name = "health-authority-server", version, after_help = EXIT_CODES)]
struct Cli {
    /// Language of messages; by default that of the environment
    #[arg(long, global = true, value_enum)]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 negative answer, 2 usage, 3 bad input, \
                          5 network, 6 files or database";

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an authority: keys, configuration and signed authority document
    Init(init::Init),
    /// Answer devices and publish a batch in each period
    Serve(serve::Serve),
    /// Issue a verification code for a case
    IssueCode(code::IssueCode),
    /// Publish what is due now, without waiting for the end of the period
    PublishBatch(batch::PublishBatch),
    /// Look at the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Sign the authority document anew, after a change or before it expires
    Resign(config::Resign),
    /// The authority's keys for venues
    #[command(subcommand)]
    VenueKey(venue_key::VenueKeyCommand),
    /// Accounts of the authority's staff
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Warnings about venues where a case was
    #[command(subcommand)]
    Warning(warning::WarningCommand),
    /// For venues, on their own computer: make a key, check a poster, make shares
    #[command(subcommand)]
    Venue(venue::VenueCommand),
    /// Totals: codes, publications, look-alikes, batches
    Statistics(statistics::Statistics),
}

/// Options that every command on an existing authority takes.
#[derive(Debug, Args)]
struct Common {
    /// The authority's folder
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// What commands work with.
struct Context {
    clock: Arc<dyn Clock>,
    messages: Messages,
}

/// The system's clock, for release programs.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        UnixTime::from_secs(since.map_or(0, |elapsed| elapsed.as_secs()))
    }

    fn nap(&self, until: UnixTime) -> Duration {
        // Short enough to notice that the clock was set.
        Duration::from_secs(until.since(self.now()).clamp(1, 30))
    }
}

/// Runs the program with its arguments, the program's name first, by `clock`.
pub fn run(args: impl IntoIterator<Item = OsString>, clock: Arc<dyn Clock>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version end here too, with code 0 and on stdout.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let messages = Messages::new(cli.lang.unwrap_or_else(Language::from_environment));
    let context = Context { clock, messages };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime
        .map_err(Error::Runtime)
        .and_then(|runtime| runtime.block_on(dispatch(&context, cli.command)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let reason = FluentValue::from(error.localised(&context.messages));
            eprintln!("{}", context.messages.text("error", &[("reason", reason)]));
            error.exit_code()
        }
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<(), Error> {
    match command {
        Command::Init(init) => init.handle(context),
        Command::Serve(serve) => serve.handle(context).await,
        Command::IssueCode(issue) => issue.handle(context).await,
        Command::PublishBatch(publish) => publish.handle(context).await,
        Command::Config(config) => config.handle(context),
        Command::Resign(resign) => resign.handle(context),
        Command::VenueKey(venue_key) => venue_key.handle(context),
        Command::Staff(staff) => staff.handle(context).await,
        Command::Warning(warning) => warning.handle(context).await,
        Command::Venue(venue) => venue.handle(context),
        Command::Statistics(statistics) => statistics.handle(context).await,
    }
}

impl Context {
    async fn open(&self, common: &Common) -> Result<App, Error> {
        App::open(&common.dir, self.clock.clone()).await
    }

    fn say(&self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.messages.text(id, arguments)
    }
}

/// One line on stdout; a closed pipe is no error.
fn line(text: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout(), "{}", text.as_ref());
}

fn print_json(value: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| Error::Input(format!("cannot be written as JSON: {error}")))?;
    line(json);
    Ok(())
}

/// A moment for people: RFC 3339, UTC.
fn time_text(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(|| time.to_string(), |time| time.to_string())
}

/// Logs to stderr, never to stdout. `RUST_LOG` chooses what.
fn start_log() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // A second server in one process goes on with the first one's log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}
