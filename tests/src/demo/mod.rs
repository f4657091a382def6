//! The demo: a real authority server and real daemons as processes, on loopback and the simulated
//! radio, in scaled time. People meet, one tests positive and publishes, the right one is notified.

pub mod company;
mod door;
mod door_act;
pub mod eavesdropper;
mod keep;
pub mod market;
pub mod performance;
pub mod story;
pub mod table;
pub mod teller;
mod venue_act;
pub mod verdict;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use vungxanh_daemon::platform::i18n::Language;

use self::company::Company;
use self::teller::Teller;
use crate::harness::process;
use crate::harness::stage::DemoError;

/// The exit code of a program that Ctrl-C has ended, as shells count it.
const INTERRUPTED: u8 = 130;

/// Shows the whole chain on this machine in about a minute: eight devices, two printed cards, one
/// health authority, one market with staff at its door, one positive test. Everything is real but the radio and the time.
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Arguments {
    /// Leave everything running at the end, and say what to open or try next
    #[arg(long)]
    keep: bool,
    /// Language of the story; by default that of the environment
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// Where the chance of the simulated radio comes from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the demo, or, when it has started itself as a child, the program that the child is.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(code) = process::become_child(args.clone()) {
        return code;
    }
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version end here too, with code 0 and on stdout.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let language = arguments.lang.unwrap_or_else(Language::of_environment);
    let teller = Teller::new(language);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(show(&arguments, language, &teller)),
        Err(error) => Err(DemoError::files("cannot start")(error)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            let reason = [("reason", error.to_string().into())];
            let text = teller.texts().with("demo-failed", &reason);
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::FAILURE
        }
    }
}

async fn show(
    arguments: &Arguments,
    language: Language,
    teller: &Teller,
) -> Result<ExitCode, DemoError> {
    let begun = Instant::now();
    let mut interrupted = Interrupted::watch()?;
    teller.line("demo-title", &[]);
    let mut company = Company::gather(arguments.seed, language.tag()).await?;
    let findings = tokio::select! {
        findings = performance::perform(&mut company, teller) => findings,
        () = interrupted.wait() => {
            teller.line("demo-interrupted", &[]);
            company.tear_down().await;
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    let findings = match findings {
        Ok(findings) => findings,
        Err(error) => {
            company.tear_down().await;
            return Err(error);
        }
    };
    let mut rows = verdict::rows(&findings, teller);
    if arguments.keep {
        let code = tell_verdict(&rows, begun, teller);
        keep::open_house(&mut company, teller)?;
        interrupted.wait().await;
        company.tear_down().await;
        return Ok(code);
    }
    rows.push(verdict::remains(&company.tear_down().await, teller));
    Ok(tell_verdict(&rows, begun, teller))
}

fn tell_verdict(rows: &[table::Row], begun: Instant, teller: &Teller) -> ExitCode {
    teller.print("");
    teller.print(&table::render(rows, teller.texts(), teller.colour()));
    let seconds = [("seconds", begun.elapsed().as_secs().into())];
    if table::all_hold(rows) {
        teller.line("demo-kept", &seconds);
        ExitCode::SUCCESS
    } else {
        teller.line("demo-broken", &seconds);
        ExitCode::FAILURE
    }
}

/// Ctrl-C, or a request to stop.
struct Interrupted {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Interrupted {
    fn watch() -> Result<Self, DemoError> {
        let listen = |kind| signal(kind).map_err(DemoError::files("cannot listen to signals"));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
