//! `vungxanh diary`: a private record of visits, off unless the person wants it.

use std::path::PathBuf;

use serde::Serialize;
use vungxanh_protocol::venue::disclosure::DisclosedVisit;
use vungxanh_protocol::venue::disclosure_code::{MAX_CODE_VISITS, visits_to_code};
use zeroize::Zeroizing;

use super::pass::code::drawn;
use super::passphrase::{self, Purpose};
use super::{Context, Output};
use crate::control_api::{
    Diary, DiaryForgetRequest, DiaryOffRequest, DiaryOnRequest, DiaryRemoveRequest,
    DiaryShowRequest, DiaryVisit, DiaryVisits, DisclosingRequest, Request, VisitsRequest,
};
use crate::failure::{Exit, Failure};
use crate::platform::time_format::local_time;

/// `vungxanh diary ...`
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// help-diary-on
    On(Unlock),
    /// help-diary-off
    Off,
    /// help-diary-show
    Show(Unlock),
    /// help-diary-disclose
    Disclose(Disclose),
    /// help-diary-remove
    Remove(Remove),
    /// help-diary-forget
    Forget(Confirm),
}

/// The diary's own passphrase.
#[derive(Debug, clap::Args)]
pub(super) struct Unlock {
    /// help-passphrase-file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Which visits to disclose to the authority.
#[derive(Debug, clap::Args)]
pub(super) struct Disclose {
    /// help-diary-visit
    #[arg(long = "visit", value_name = "N")]
    visits: Vec<usize>,
    /// help-diary-qr
    #[arg(long)]
    qr: bool,
    #[command(flatten)]
    unlock: Unlock,
}

/// Which visits to delete.
#[derive(Debug, clap::Args)]
pub(super) struct Remove {
    /// help-diary-visit
    #[arg(long = "visit", value_name = "N")]
    visits: Vec<usize>,
    /// help-yes
    #[arg(long, requires = "visits")]
    yes: bool,
    #[command(flatten)]
    unlock: Unlock,
}

/// Destroying needs a yes.
#[derive(Debug, clap::Args)]
pub(super) struct Confirm {
    /// help-yes
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::On(unlock) => on(&unlock, context),
        Command::Off => answer(context, &DiaryOffRequest, "diary-is-off"),
        Command::Show(unlock) => show(&unlock, context),
        Command::Disclose(arguments) => disclose(&arguments, context),
        Command::Remove(arguments) => remove(&arguments, context),
        Command::Forget(confirm) => forget(&confirm, context),
    }
}

fn on(unlock: &Unlock, context: &Context) -> Result<(), Failure> {
    let visits = context.daemon()?.send(&VisitsRequest)?;
    let kind = if visits.diary.kept { Purpose::Known } else { Purpose::New };
    let request = DiaryOnRequest { passphrase: unlock.read(kind)?.to_string() };
    answer(context, &request, "diary-is-on")
}

fn show(unlock: &Unlock, context: &Context) -> Result<(), Failure> {
    let entries = read(context, &unlock.passphrase(context)?)?;
    context.output.result(&entries, |output| table(&entries.visits, output));
    Ok(())
}

/// Prints the lines of the visits that the person names, one by one: to be read out, or pasted; or their
/// codes, to be scanned from the screen.
fn disclose(arguments: &Disclose, context: &Context) -> Result<(), Failure> {
    let output = &context.output;
    if arguments.visits.is_empty() && !output.can_ask() {
        return Err(Failure::new(Exit::Usage, "failure-diary-which"));
    }
    let DiaryVisits { visits } = read(context, &arguments.unlock.passphrase(context)?)?;
    let chosen = if arguments.visits.is_empty() {
        ask("diary-disclose-this", visits.iter(), output)
    } else {
        named(&visits, &arguments.visits)?
    };
    let lines: Vec<&str> = chosen.iter().map(|visit| visit.line.as_str()).collect();
    if lines.is_empty() {
        return Err(Failure::new(Exit::Negative, "failure-diary-none-chosen"));
    }
    let request = DisclosingRequest { lines: lines.iter().map(|line| (*line).into()).collect() };
    context.daemon()?.send(&request)?;
    let codes = codes(&lines)?;
    let drawn: String = codes.iter().map(|code| drawn(code)).collect::<Result<_, _>>()?;
    output.result(&serde_json::json!({"lines": lines, "codes": codes}), |output| {
        if arguments.qr {
            vungxanh_command_line::output::write(&drawn);
        } else {
            lines.iter().for_each(|line| output.line("note", &[("text", (*line).into())]));
        }
    });
    output.note(if arguments.qr { "diary-disclose-qr-how" } else { "diary-disclose-how" }, &[]);
    Ok(())
}

/// The codes of the visits of these lines, as many as are needed.
fn codes(lines: &[&str]) -> Result<Vec<String>, Failure> {
    let failed = |error| Failure::new(Exit::BadInput, "failure-diary-line").because(error);
    let visits = lines.iter().map(|line| line.parse::<DisclosedVisit>());
    let visits = visits.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    visits.chunks(MAX_CODE_VISITS).map(|some| visits_to_code(some).map_err(failed)).collect()
}

/// The visits with these numbers of `diary show`.
fn named<'a>(visits: &'a [DiaryVisit], numbers: &[usize]) -> Result<Vec<&'a DiaryVisit>, Failure> {
    if let Some(unknown) = numbers.iter().find(|number| !(1..=visits.len()).contains(*number)) {
        return Err(
            Failure::new(Exit::BadInput, "failure-diary-no-such-visit").with("number", *unknown)
        );
    }
    let chosen = visits.iter().zip(1..).filter(|(_, number)| numbers.contains(number));
    Ok(chosen.map(|(visit, _)| visit).collect())
}

/// Those to which the person says yes, one by one.
fn ask<'a>(
    question: &str,
    visits: impl Iterator<Item = &'a DiaryVisit>,
    output: &Output,
) -> Vec<&'a DiaryVisit> {
    let is_wanted = |visit: &&DiaryVisit| {
        let (from, until) = (local_time(visit.from).into(), local_time(visit.until).into());
        let arguments = [("venue", place(visit).into()), ("from", from), ("until", until)];
        output.confirm(question, &arguments)
    };
    visits.filter(is_wanted).collect()
}

fn remove(arguments: &Remove, context: &Context) -> Result<(), Failure> {
    let output = &context.output;
    if !output.can_ask() && !arguments.yes {
        let is_named = !arguments.visits.is_empty();
        let missing = if is_named { "failure-needs-yes" } else { "failure-diary-which" };
        return Err(Failure::new(Exit::Usage, missing));
    }
    let passphrase = arguments.unlock.passphrase(context)?;
    let DiaryVisits { visits } = read(context, &passphrase)?;
    let mut chosen: Vec<&DiaryVisit> = match arguments.visits.as_slice() {
        [] => visits.iter().collect(),
        numbers => named(&visits, numbers)?,
    };
    if !arguments.yes {
        chosen = ask("diary-remove-this", chosen.into_iter(), output);
    }
    if chosen.is_empty() {
        return Err(Failure::new(Exit::Negative, "failure-diary-none-removed"));
    }
    let lines = chosen.iter().map(|visit| visit.line.clone()).collect();
    let request = DiaryRemoveRequest { passphrase: passphrase.to_string(), lines };
    let removed = context.daemon()?.send(&request)?;
    output.result(&removed, |output| {
        output.line("diary-removed", &[("count", removed.removed.into())]);
    });
    Ok(())
}

fn forget(confirm: &Confirm, context: &Context) -> Result<(), Failure> {
    if !confirm.yes {
        if !context.output.can_ask() {
            return Err(Failure::new(Exit::Usage, "failure-needs-yes"));
        }
        if !context.output.confirm("forget-confirm", &[]) {
            return Err(Failure::new(Exit::Negative, "failure-declined"));
        }
    }
    answer(context, &DiaryForgetRequest, "diary-forgotten")
}

fn read(context: &Context, passphrase: &str) -> Result<DiaryVisits, Failure> {
    context.daemon()?.send(&DiaryShowRequest { passphrase: passphrase.to_owned() })
}

/// A request that is answered with the diary's state.
fn answer<R>(context: &Context, request: &R, text: &str) -> Result<(), Failure>
where
    R: Request<Response = Diary> + Serialize,
{
    let diary = context.daemon()?.send(request)?;
    context.output.result(&diary, |output| output.line(text, &[]));
    Ok(())
}

fn table(visits: &[DiaryVisit], output: &Output) {
    if visits.is_empty() {
        return output.line("diary-empty", &[]);
    }
    let rows = visits.iter().zip(1..).map(|(visit, number): (&DiaryVisit, usize)| {
        vec![
            number.to_string(),
            place(visit),
            local_time(visit.from),
            local_time(visit.until),
            visit.companions.to_string(),
        ]
    });
    output.table(
        &["column-number", "diary-venue", "column-from", "column-to", "diary-companions"],
        rows,
    );
}

fn place(visit: &DiaryVisit) -> String {
    match visit.unit.as_str() {
        "" => visit.venue.clone(),
        unit => format!("{}, {unit}", visit.venue),
    }
}

impl Unlock {
    /// Of the diary that there is.
    fn passphrase(&self, context: &Context) -> Result<Zeroizing<String>, Failure> {
        if !context.daemon()?.send(&VisitsRequest)?.diary.kept {
            return Err(Failure::new(Exit::Negative, "failure-no-diary"));
        }
        self.read(Purpose::Known)
    }

    fn read(&self, kind: Purpose) -> Result<Zeroizing<String>, Failure> {
        passphrase::read(self.passphrase_file.as_deref(), kind)
    }
}
