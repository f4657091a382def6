//! `vungxanh declarations`: what was declared on this device, and what became of it.

use super::{Context, Output};
use crate::control_api::{
    DeclarationState, DeclarationStatus, DeclarationsRequest, WithdrawRequest,
};
use crate::failure::{Exit, Failure};
use crate::platform::time_format::{calendar_day, local_time};

/// Digits of a declaration's number that are shown; enough to name one of this device's.
const SHOWN_DIGITS: usize = 8;

/// Arguments of `vungxanh declarations`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// help-declarations-withdraw
    Withdraw(Withdraw),
}

#[derive(Debug, clap::Args)]
struct Withdraw {
    /// help-declarations-id
    #[arg(value_name = "ID")]
    id: String,
    /// help-yes
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    match arguments.command {
        None => list(context),
        Some(Command::Withdraw(withdraw)) => withdraw.run(context),
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let answer = context.daemon()?.send(&DeclarationsRequest)?;
    context.output.result(&answer, |output| {
        if answer.declarations.is_empty() {
            return output.line("declarations-none", &[]);
        }
        let rows = answer.declarations.iter().map(|status| {
            vec![
                number(status),
                local_time(status.made_at),
                status.name.clone(),
                output.texts().get(kind_id(status)),
                output.texts().get(state_id(status.state)),
                status.passes_last_day.map(calendar_day).unwrap_or_default(),
            ]
        });
        output.table(
            &[
                "declarations-column-id",
                "declarations-column-time",
                "declarations-column-name",
                "declarations-column-kind",
                "declarations-column-state",
                "declarations-column-passes",
            ],
            rows,
        );
        for status in answer.declarations.iter().filter(|status| !status.detail.is_empty()) {
            why(status, output);
        }
    });
    Ok(())
}

impl Withdraw {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let output = &context.output;
        if !self.yes {
            if !output.can_ask() {
                return Err(Failure::new(Exit::Usage, "failure-needs-yes"));
            }
            if !output.confirm("declarations-withdraw-confirm", &[]) {
                return Err(Failure::new(Exit::Negative, "failure-declined"));
            }
        }
        let status = context.daemon()?.send(&WithdrawRequest { submission: self.id })?;
        output.result(&status, |output| say(&status, output));
        Ok(())
    }
}

/// What became of a declaration, in a sentence or two.
pub(super) fn say(status: &DeclarationStatus, output: &Output) {
    let id = match status.state {
        DeclarationState::Waiting => "declaration-waiting",
        DeclarationState::Sent => "declaration-sent",
        DeclarationState::SentWithoutPasses => "declaration-sent-without-passes",
        DeclarationState::TooLate => "declaration-too-late",
        DeclarationState::Refused => "declaration-refused",
        DeclarationState::Withdrawing => "declaration-withdrawing",
        DeclarationState::Withdrawn => "declaration-withdrawn",
        DeclarationState::Replaced => "declaration-replaced",
    };
    output.line(id, &[("id", number(status).into())]);
    if !status.detail.is_empty() {
        why(status, output);
    }
}

fn why(status: &DeclarationStatus, output: &Output) {
    output.line(
        "declaration-why",
        &[("id", number(status).into()), ("detail", status.detail.as_str().into())],
    );
}

fn number(status: &DeclarationStatus) -> String {
    status.submission.chars().take(SHOWN_DIGITS).collect()
}

fn kind_id(status: &DeclarationStatus) -> &'static str {
    use vungxanh_protocol::declaration::FormKind as K;
    match status.kind {
        K::Population => "declare-kind-population",
        K::Movement => "declare-kind-movement",
        K::Entry => "declare-kind-entry",
        K::Daily => "declare-kind-daily",
    }
}

const fn state_id(state: DeclarationState) -> &'static str {
    match state {
        DeclarationState::Waiting => "declarations-state-waiting",
        DeclarationState::Sent => "declarations-state-sent",
        DeclarationState::SentWithoutPasses => "declarations-state-sent-without-passes",
        DeclarationState::TooLate => "declarations-state-too-late",
        DeclarationState::Refused => "declarations-state-refused",
        DeclarationState::Withdrawing => "declarations-state-withdrawing",
        DeclarationState::Withdrawn => "declarations-state-withdrawn",
        DeclarationState::Replaced => "declarations-state-replaced",
    }
}

/// The text of an event about a declaration: it says whose it is to nobody who looks on.
pub(super) const fn event_id(state: DeclarationState) -> &'static str {
    match state {
        DeclarationState::Sent | DeclarationState::Replaced => "event-declaration-sent",
        DeclarationState::Withdrawn => "event-declaration-withdrawn",
        _ => "event-declaration-not-sent",
    }
}
