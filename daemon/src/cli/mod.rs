//! The command line. One file for each noun; all of them talk to the running daemon through its
//! control socket, except `run`, which is the daemon, `air`, the simulated radio, `keys` and
//! `match`, which work on files, and `enroll` while no daemon runs. `doctor` looks at the machine
//! and asks a daemon only if one runs.

mod air;
mod checkin;
mod checkout;
mod declarations;
mod declare;
mod diary;
mod doctor;
mod enroll;
mod export_files;
mod exposures;
mod extend;
mod forget;
mod history;
mod keys;
mod match_;
mod nearby;
mod occurrence;
mod open;
mod output;
mod own_data;
mod pass;
mod passphrase;
mod report;
mod run;
mod status;
mod top;
mod visits;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use rustix::fs::Mode;
use vungxanh_command_line::output as stdout;
use vungxanh_command_line::{help, usage};
use vungxanh_protocol::clock::Clock;

pub use output::Output;

use crate::control::client::Client;
use crate::failure::{Exit, Failure};
use crate::platform::i18n::{Language, Texts};
use crate::platform::profile::Profile;

/// Set to switch desktop notifications off.
const NO_NOTIFICATIONS: &str = "VUNGXANH_NO_NOTIFICATIONS";

#[derive(Debug, Parser)]
#[command(name = "vungxanh", version, about = "about", arg_required_else_help = true)]
struct Arguments {
    /// help-profile
    #[arg(long, global = true, value_name = "DIR", env = "VUNGXANH_PROFILE")]
    profile: Option<PathBuf>,
    /// help-lang
    #[arg(long, global = true, value_enum)]
    lang: Option<Language>,
    /// help-json
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// help-enroll
    Enroll(enroll::Arguments),
    /// help-run
    Run(run::Arguments),
    /// help-status
    Status(status::Arguments),
    /// help-open
    Open(open::Arguments),
    /// help-nearby
    Nearby(nearby::Arguments),
    /// help-top
    Top(top::Arguments),
    /// help-doctor
    Doctor(doctor::Arguments),
    /// help-history
    History(history::Arguments),
    /// help-exposures
    Exposures(exposures::Arguments),
    /// help-checkin
    Checkin(checkin::Arguments),
    /// help-checkout
    Checkout(checkout::Arguments),
    /// help-extend
    Extend(extend::Arguments),
    /// help-visits
    Visits(visits::Arguments),
    /// help-diary
    #[command(subcommand)]
    Diary(diary::Command),
    /// help-declare
    Declare(declare::Arguments),
    /// help-symptoms
    Symptoms(declare::SymptomsArguments),
    /// help-declarations
    Declarations(declarations::Arguments),
    /// help-pass
    Pass(pass::Arguments),
    /// help-report
    Report(report::Arguments),
    /// help-export
    Export(own_data::ExportArguments),
    /// help-import
    Import(own_data::ImportArguments),
    /// help-forget
    Forget(forget::Arguments),
    /// help-keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// help-match
    Match(match_::Arguments),
    /// help-air
    Air(air::Arguments),
}

/// What every command gets.
pub struct Context {
    /// Where results and messages go.
    pub output: Output,
    pub clock: Arc<dyn Clock>,
    /// `--profile`, if given.
    pub profile: Option<PathBuf>,
}

impl Context {
    /// The profile that the command works on.
    pub fn profile(&self) -> Result<Profile, Failure> {
        Profile::locate(self.profile.as_deref())
            .map_err(|error| Failure::new(Exit::BadInput, "failure-profile").because(error))
    }

    /// The running daemon of the profile.
    pub fn daemon(&self) -> Result<Client, Failure> {
        Client::new(&self.profile()?.control_socket())
    }
}

/// Runs the command line `args`, the program's name first.
pub fn main(args: impl IntoIterator<Item = OsString>, clock: Arc<dyn Clock>) -> ExitCode {
    // Whatever is written here is for its owner: also by libraries that ask for more.
    rustix::process::umask(Mode::from_raw_mode(0o077));
    let args: Vec<OsString> = args.into_iter().collect();
    let texts = Texts::load(language_of(&args).unwrap_or_else(Language::of_environment));
    let parsed = localised_command(&texts)
        .try_get_matches_from(&args)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout, usage errors to stderr with exit code 2.
            let text = usage::localised(&error, &texts);
            if error.use_stderr() {
                eprint!("{text}");
                return Exit::Usage.into();
            }
            stdout::write(&text);
            return ended(Ok(()), &Output::new(texts, false));
        }
    };
    let output = Output::new(texts, arguments.json);
    let context = Context { output, clock, profile: arguments.profile };
    ended(dispatch(arguments.command, &context), &context.output)
}

/// Says why the command failed, or that its output was lost.
fn ended(result: Result<(), Failure>, output: &Output) -> ExitCode {
    let lost = || stdout::lost().map(|e| Failure::new(Exit::Store, "error-output").because(e));
    match result.err().or_else(lost) {
        None => ExitCode::SUCCESS,
        Some(failure) => {
            output.failure(&failure);
            failure.exit().into()
        }
    }
}

fn dispatch(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Enroll(arguments) => enroll::run(arguments, context),
        Command::Run(arguments) => run::run(arguments, context),
        Command::Status(arguments) => status::run(arguments, context),
        Command::Open(arguments) => open::run(&arguments, context),
        Command::Nearby(arguments) => nearby::run(arguments, context),
        Command::Top(arguments) => top::run(&arguments, context),
        Command::Doctor(arguments) => doctor::run(arguments, context),
        Command::History(arguments) => history::run(arguments, context),
        Command::Exposures(arguments) => exposures::run(arguments, context),
        Command::Checkin(arguments) => checkin::run(arguments, context),
        Command::Checkout(arguments) => checkout::run(arguments, context),
        Command::Extend(arguments) => extend::run(arguments, context),
        Command::Visits(arguments) => visits::run(arguments, context),
        Command::Diary(command) => diary::run(command, context),
        Command::Declare(arguments) => declare::run(arguments, context),
        Command::Symptoms(arguments) => declare::symptoms(arguments, context),
        Command::Declarations(arguments) => declarations::run(arguments, context),
        Command::Pass(arguments) => pass::run(arguments, context),
        Command::Report(arguments) => report::run(arguments, context),
        Command::Export(arguments) => own_data::export(arguments, context),
        Command::Import(arguments) => own_data::import(arguments, context),
        Command::Forget(arguments) => forget::run(arguments, context),
        Command::Keys(command) => keys::run(command, context),
        Command::Match(arguments) => match_::run(arguments, context),
        Command::Air(arguments) => air::run(arguments, context),
    }
}

/// The language asked for, read before clap so that help and usage errors are in it, too.
fn language_of(args: &[OsString]) -> Option<Language> {
    let text: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let value = text.iter().enumerate().find_map(|(i, arg)| match arg.strip_prefix("--lang") {
        Some("") => text.get(i + 1).copied(),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    })?;
    clap::ValueEnum::from_str(value, true).ok()
}

/// The command line with texts in place of the ids that stand as help in the derive above and in
/// the nouns.
fn localised_command(texts: &Texts) -> clap::Command {
    help::localised(Arguments::command(), texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_help_text_is_translated() {
        fn check(command: &clap::Command, path: &str) {
            let help: Vec<String> = command
                .get_arguments()
                .filter_map(|argument| argument.get_help().map(ToString::to_string))
                .chain(command.get_about().map(ToString::to_string))
                .collect();
            for text in help {
                assert!(text.contains(' ') || text == "Help", "{path}: untranslated {text:?}");
            }
            for sub in command.get_subcommands() {
                check(sub, &format!("{path} {}", sub.get_name()));
            }
        }
        for language in [Language::Vi, Language::En] {
            check(&localised_command(&Texts::load(language)), "vungxanh");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
