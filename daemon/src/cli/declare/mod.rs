//! `vungxanh declare` and `vungxanh symptoms`: a health declaration, sealed to the authority's officers.

mod advice;
mod code;
mod consent;
mod dialogue;
mod file;

use std::path::PathBuf;

use vungxanh_protocol::declaration::{Form, FormKind};
use vungxanh_protocol::local_day::LocalTime;

use self::dialogue::Dialogue;
use super::{Context, Output};
use crate::control::client::Client;
use crate::control_api::{
    CONSENT_VERSION, DeclarationStatus, DeclareRequest, Draft, DraftRequest, LastFormRequest,
    PRINTED, Preparation, PrepareRequest, SaveDraftRequest,
};
use crate::declarations::questions;
use crate::failure::{Exit, Failure};
use crate::platform::time_format::calendar_day;

/// Arguments of `vungxanh declare`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-declare-file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "name", "again"])]
    file: Option<PathBuf>,
    /// help-declare-kind
    #[arg(long, value_enum, default_value_t = Kind::Population)]
    kind: Kind,
    /// help-declare-for
    #[arg(long = "for", value_name = "NAME")]
    name: Option<String>,
    /// help-declare-again
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Arguments of `vungxanh symptoms`.
#[derive(Debug, clap::Args)]
pub(super) struct SymptomsArguments {
    /// help-declare-for
    #[arg(long = "for", value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Population,
    Movement,
    Entry,
}

impl From<Kind> for FormKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Population => Self::Population,
            Kind::Movement => Self::Movement,
            Kind::Entry => Self::Entry,
        }
    }
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
    /// help-declare-code
    #[arg(long)]
    code_from_stdin: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    match &arguments.file {
        Some(file) => {
            let output = &context.output;
            if !arguments.sending.yes && !output.can_ask() {
                return Err(Failure::new(Exit::Usage, "failure-declare-needs-yes"));
            }
            let form = file::read(file)?;
            let daemon = context.daemon()?;
            let preparation = daemon.send(&PrepareRequest)?;
            let form = file::checked(form, preparation.day, output)?;
            let replaces = arguments.sending.replace.clone();
            send(form, replaces, &arguments.sending, &preparation, &daemon, output)
        }
        None => {
            let wanted = Wanted {
                kind: arguments.kind.into(),
                name: arguments.name,
                again: arguments.again,
            };
            fill_and_send(&wanted, &arguments.sending, context)
        }
    }
}

pub(super) fn symptoms(arguments: SymptomsArguments, context: &Context) -> Result<(), Failure> {
    let wanted = Wanted { kind: FormKind::Daily, name: arguments.name, again: true };
    fill_and_send(&wanted, &arguments.sending, context)
}

/// Which form is to be filled in, and for whom.
struct Wanted {
    kind: FormKind,
    /// The person for whom somebody else declares.
    name: Option<String>,
    /// As last time.
    again: bool,
}

fn fill_and_send(wanted: &Wanted, sending: &Sending, context: &Context) -> Result<(), Failure> {
    let output = &context.output;
    if !output.can_ask() {
        return Err(Failure::new(Exit::Usage, "failure-declare-cannot-ask"));
    }
    let (daemon, now) = (context.daemon()?, context.clock.now());
    // Without a network the form can be filled in all the same.
    let prepared = match daemon.send(&PrepareRequest) {
        Err(failure) if failure.exit() != Exit::Network => return Err(failure),
        Err(_) => {
            output.note("declare-offline", &[]);
            None
        }
        Ok(preparation) => Some(preparation),
    };
    let day = prepared.as_ref().map_or(LocalTime::VIET_NAM.day(now), |known| known.day);
    let draft = begun(wanted, day, &daemon, output)?;
    let advice = prepared.as_ref().map(|known| known.advice.clone()).unwrap_or_default();
    let mut dialogue = Dialogue { output, daemon: &daemon, draft, now, advice };
    dialogue.fill()?;
    let form = Form { day, consent: Some(CONSENT_VERSION), ..dialogue.draft.form.clone() };
    let form = Form { consent: None, ..form.normalised() };
    let preparation = match prepared {
        Some(preparation) => preparation,
        None => daemon.send(&PrepareRequest)?,
    };
    consent::summarise(&form, output);
    let replaces = sending.replace.clone().or_else(|| dialogue.draft.replaces.clone());
    send(form, replaces, sending, &preparation, &daemon, output)
}

/// The draft that is there, if the person wants it, or a new one.
fn begun(wanted: &Wanted, day: u16, daemon: &Client, output: &Output) -> Result<Draft, Failure> {
    if let Some(mut draft) = daemon.send(&DraftRequest)?.draft {
        let name = draft.form.name.clone();
        if draft.form.kind == wanted.kind
            && output.confirm("declare-continue", &[("name", name.into())])
        {
            draft.form.day = day;
            return Ok(draft);
        }
    }
    let draft =
        if wanted.again { as_last_time(wanted, day, daemon, output)? } else { new(wanted, day) };
    daemon.send(&SaveDraftRequest { draft: Some(draft.clone()) })?;
    Ok(draft)
}

fn new(wanted: &Wanted, day: u16) -> Draft {
    let mut draft = Draft {
        form: Form::new(wanted.kind, day),
        answered: Vec::new(),
        on_behalf: wanted.name.is_some(),
        replaces: None,
    };
    if let Some(name) = &wanted.name {
        draft.form.name.clone_from(name);
        draft.answered.push("name".into());
    }
    draft
}

/// What does not change is as in the last form of this person.
fn as_last_time(
    wanted: &Wanted,
    day: u16,
    daemon: &Client,
    output: &Output,
) -> Result<Draft, Failure> {
    let request =
        LastFormRequest { kind: wanted.kind, name: wanted.name.clone(), submission: None };
    let Some(last) = daemon.send(&request)?.form else {
        let daily = wanted.kind == FormKind::Daily;
        let id = if daily { "failure-symptoms-first" } else { "failure-declare-nothing-before" };
        return Err(Failure::new(Exit::Negative, id));
    };
    let date = calendar_day(last.day);
    output.note("declare-again-of", &[("date", date.into())]);
    Ok(questions::as_last_time(last, wanted.kind, day))
}

/// Says what is sent, to whom and for how long, asks for consent, and sends.
fn send(
    mut form: Form,
    replaces: Option<String>,
    sending: &Sending,
    preparation: &Preparation,
    daemon: &Client,
    output: &Output,
) -> Result<(), Failure> {
    consent::explain(preparation, output);
    if !sending.yes && !consent::is_given(output) {
        return Err(Failure::new(Exit::Negative, "failure-declare-no-consent"));
    }
    if preparation.phone_code {
        code::confirm(&form, sending.code_from_stdin, daemon, output)?;
    }
    form.consent = Some(CONSENT_VERSION);
    output.note("declare-sending", &[]);
    let request = DeclareRequest { form, printed: sending.printed, replaces };
    let status = daemon.send(&request)?;
    output.result(&status, |output| show(&status, output));
    Ok(())
}

fn show(status: &DeclarationStatus, output: &Output) {
    super::declarations::say(status, output);
    if status.live_passes > 0 {
        let until = status.passes_last_day.map(calendar_day).unwrap_or_default();
        output.line(
            "declare-passes",
            &[
                ("live", status.live_passes.into()),
                ("printed", status.printed_passes.into()),
                ("until", until.into()),
            ],
        );
    }
}
