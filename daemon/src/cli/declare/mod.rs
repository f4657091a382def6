//! `vungxanh declare`: a health declaration, sealed to the authority's officers.

mod consent;
mod file;

use std::path::PathBuf;

use vungxanh_protocol::declaration::Form;

use self::consent::CONSENT_VERSION;
use super::{Context, Output};
use crate::control::client::Client;
use crate::control_api::{DeclarationStatus, DeclareRequest, Preparation, PrepareRequest};
use crate::failure::{Exit, Failure};

/// Passes of a bundle that are for paper, unless the person says otherwise.
const PRINTED: u8 = 12;

/// Arguments of `vungxanh declare`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-declare-file
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

/// How a filled form is sent.
#[derive(Debug, clap::Args)]
pub(super) struct Sending {
    /// help-declare-printed
    #[arg(long, value_name = "N", default_value_t = PRINTED, value_parser = clap::value_parser!(u8).range(0..=24))]
    printed: u8,
    /// help-declare-replace
    #[arg(long, value_name = "ID")]
    replace: Option<String>,
    /// help-declare-yes
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let output = &context.output;
    if !arguments.sending.yes && !output.can_ask() {
        return Err(Failure::new(Exit::Usage, "failure-declare-needs-yes"));
    }
    let form = file::read(&arguments.file)?;
    let daemon = context.daemon()?;
    let preparation = daemon.send(&PrepareRequest)?;
    let form = file::checked(form, preparation.day, output)?;
    send(form, &arguments.sending, &preparation, &daemon, output)
}

/// Says what is sent, to whom and for how long, asks for consent, and sends.
fn send(
    mut form: Form,
    sending: &Sending,
    preparation: &Preparation,
    daemon: &Client,
    output: &Output,
) -> Result<(), Failure> {
    consent::explain(preparation, output);
    if !sending.yes && !consent::is_given(output) {
        return Err(Failure::new(Exit::Negative, "failure-declare-no-consent"));
    }
    form.consent = Some(CONSENT_VERSION);
    output.note("declare-sending", &[]);
    let request =
        DeclareRequest { form, printed: sending.printed, replaces: sending.replace.clone() };
    let status = daemon.send(&request)?;
    output.result(&status, |output| show(&status, output));
    Ok(())
}

fn show(status: &DeclarationStatus, output: &Output) {
    super::declarations::say(status, output);
    if status.live_passes > 0 {
        output.line(
            "declare-passes",
            &[
                ("live", status.live_passes.into()),
                ("printed", status.printed_passes.into()),
                (
                    "until",
                    status
                        .passes_until
                        .map(super::declarations::last_day)
                        .unwrap_or_default()
                        .into(),
                ),
            ],
        );
    }
}
