//! The command line.

mod api_key;
mod audit;
mod backup;
mod batch;
mod card;
mod card_key;
mod code;
mod config;
mod confirmation;
mod export_key;
mod failure;
mod help;
mod init;
mod intake;
mod intake_key;
mod next_steps;
mod officer;
mod passphrase;
mod revoke_period;
mod serve;
mod serving;
mod sign_document;
mod staff;
mod statistics;
mod stdio;
mod storage;
mod systemd;
mod venue;
mod venue_key;
mod warning;

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use fluent_bundle::FluentValue;
use jiff::tz::TimeZone;
use vungxanh_command_line::help::localised;
use vungxanh_command_line::{output, usage};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use self::failure::Failure;
use self::stdio::{line, print_json};
use crate::authority::config::Config;
use crate::authority::folder::Folder;
use crate::domain::diagnosis::DateError;
use crate::i18n::{Language, Messages, Text};
use crate::platform::atomic_file::open_regular;
use crate::services::app::App;

/// Texts of help stand here and in the nouns by their ids; [`localised`] puts them in.
#[derive(Debug, Parser)]
#[command(
    name = "health-authority-server",
    version,
    about = "help-about",
    long_about = None,
    after_help = "help-exit-codes"
)]
struct Cli {
    /// help-lang
    // Read by `help::language_of` before the rest, so that help is in it, too.
    #[arg(long, global = true, value_enum)]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// help-init
    Init(init::Init),
    /// help-serve
    Serve(serve::Serve),
    /// help-issue-code
    IssueCode(code::IssueCode),
    /// help-code-state
    CodeState(code::ShowState),
    /// help-revoke-code
    RevokeCode(code::RevokeCode),
    /// help-publish-batch
    PublishBatch(batch::PublishBatch),
    /// help-revoke-period
    RevokePeriod(revoke_period::RevokePeriod),
    /// help-config
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// help-resign
    Resign(config::Resign),
    /// help-sign-document
    SignDocument(sign_document::SignDocument),
    /// help-export-key
    #[command(subcommand)]
    ExportKey(export_key::ExportKeyCommand),
    /// help-backup
    Backup(backup::Backup),
    /// help-restore
    Restore(backup::Restore),
    /// help-storage
    #[command(subcommand)]
    Storage(storage::StorageCommand),
    /// help-venue-key
    #[command(subcommand)]
    VenueKey(venue_key::VenueKeyCommand),
    /// help-officer
    #[command(subcommand)]
    Officer(officer::OfficerCommand),
    /// help-intake-key
    #[command(subcommand)]
    IntakeKey(intake_key::IntakeKeyCommand),
    /// help-card-key
    #[command(subcommand)]
    CardKey(card_key::CardKeyCommand),
    /// help-card
    #[command(subcommand)]
    Card(card::CardCommand),
    /// help-intake
    #[command(subcommand)]
    Intake(intake::IntakeCommand),
    /// help-staff
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// help-api-key
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// help-warning
    #[command(subcommand)]
    Warning(warning::WarningCommand),
    /// help-venue
    #[command(subcommand)]
    Venue(venue::VenueCommand),
    /// help-statistics
    Statistics(statistics::Statistics),
    /// help-audit
    #[command(subcommand)]
    Audit(audit::AuditCommand),
}

/// Options that every command on an existing authority takes.
#[derive(Debug, Args)]
struct Common {
    /// help-dir
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// help-json
    #[arg(long)]
    json: bool,
}

impl Common {
    /// The time zone in which people read times.
    fn zone(&self) -> Result<TimeZone, Failure> {
        Ok(Config::read(&Folder::new(&self.dir))?.venues.zone())
    }
}

/// The exit code of a wrong command line.
const USAGE: u8 = 2;

/// What commands work with.
struct Context {
    clock: Arc<dyn Clock>,
    messages: &'static Messages,
}

/// Runs the program with its arguments, the program's name first, by `clock`.
pub fn run(args: impl IntoIterator<Item = OsString>, clock: Arc<dyn Clock>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let language = help::language_of(&args).unwrap_or_else(Language::from_environment);
    let messages = language.messages();
    let parsed = localised(Cli::command(), messages)
        .try_get_matches_from(&args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version end here too, with code 0 and on stdout.
            let text = usage::localised(&error, messages);
            if error.use_stderr() {
                stdio::complain(&text);
                return ExitCode::from(USAGE);
            }
            stdio::write(&text);
            return ended(Ok(()), messages);
        }
    };
    let context = Context { clock, messages };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime
        .map_err(Failure::Runtime)
        .and_then(|runtime| runtime.block_on(dispatch(&context, cli.command)));
    ended(result, messages)
}

/// Says why the command failed, or that its output was lost.
fn ended(result: Result<(), Failure>, messages: &Messages) -> ExitCode {
    let lost = || output::lost().map(Failure::Output);
    match result.err().or_else(lost) {
        None => ExitCode::SUCCESS,
        Some(failure) => {
            let reason = FluentValue::from(failure.localised(messages));
            stdio::complain(&format!("{}\n", messages.text("error", &[("reason", reason)])));
            failure.exit_code()
        }
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(init) => init.handle(context),
        Command::Serve(serve) => serve.handle(context).await,
        Command::IssueCode(issue) => issue.handle(context).await,
        Command::CodeState(show) => show.handle(context).await,
        Command::RevokeCode(revoke) => revoke.handle(context).await,
        Command::PublishBatch(publish) => publish.handle(context).await,
        Command::RevokePeriod(revoke) => revoke.handle(context).await,
        Command::Config(config) => config.handle(context),
        Command::Resign(resign) => resign.handle(context),
        Command::SignDocument(sign) => sign.handle(context),
        Command::ExportKey(export_key) => export_key.handle(context),
        Command::Backup(backup) => backup.handle(context).await,
        Command::Restore(restore) => restore.handle(context).await,
        Command::Storage(storage) => storage.handle(context).await,
        Command::VenueKey(venue_key) => venue_key.handle(context),
        Command::Officer(officer) => officer.handle(context),
        Command::IntakeKey(intake_key) => intake_key.handle(context).await,
        Command::CardKey(card_key) => card_key.handle(context),
        Command::Card(card) => card.handle(context),
        Command::Intake(intake) => intake.handle(context).await,
        Command::Staff(staff) => staff.handle(context).await,
        Command::ApiKey(api_key) => api_key.handle(context).await,
        Command::Warning(warning) => warning.handle(context).await,
        Command::Venue(venue) => venue.handle(context),
        Command::Statistics(statistics) => statistics.handle(context).await,
        Command::Audit(audit) => audit.handle(context).await,
    }
}

impl Context {
    async fn open(&self, common: &Common) -> Result<App, Failure> {
        Ok(App::open(&common.dir, self.clock.clone()).await?)
    }

    fn say(&self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.messages.text(id, arguments)
    }
}

/// A file of at most `limit` bytes and one more, by which readers see that it is too long.
fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = open_regular(path).map_err(Failure::file(path))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(Failure::file(path))?;
    Ok(bytes)
}

/// A value of `option` that makes no sense.
fn bad_option(option: &str, reason: Text) -> Failure {
    Failure::Input(Text::ours("error-option").with("option", option).with_text("reason", reason))
}

fn bad_date(option: &str, error: DateError) -> Failure {
    let id = match error {
        DateError::Malformed => "error-date-form",
        DateError::OutOfRange => "error-date-range",
    };
    bad_option(option, Text::ours(id))
}

/// A moment for people, as options take it: `2026-11-20T10:00+07:00`, in the authority's time zone.
fn time_text(time: UnixTime, zone: &TimeZone) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(
            || time.to_string(),
            |time| time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M%:z").to_string(),
        )
}
