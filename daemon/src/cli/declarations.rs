//! `vungxanh declarations`: what was declared on this device, and what became of it.

use super::{Context, Output};
use crate::control_api::{
    DeclarationState, DeclarationStatus, DeclarationsRequest, WithdrawRequest,
};
use crate::declarations::reading::kind_name;
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
                output.texts().get(&format!("declarations-kind-{}", kind_name(status.kind))),
                output.texts().get(&format!("declarations-state-{}", status.state.name())),
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
    let id = format!("declaration-{}", status.state.name());
    output.line(&id, &[("id", number(status).into())]);
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

/// The text of an event about a declaration: it says whose it is to nobody who looks on.
pub(super) const fn event_id(state: DeclarationState) -> &'static str {
    match state {
        DeclarationState::Sent | DeclarationState::Replaced => "event-declaration-sent",
        DeclarationState::Withdrawn => "event-declaration-withdrawn",
        _ => "event-declaration-not-sent",
    }
}
