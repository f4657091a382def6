//! `intake keygen`, `intake export` and `intake open`: an officer's own key, the sealed declarations of a
//! day, and opening them on the officer's own computer. Only `export` needs the authority's folder.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;
use vungxanh_protocol::declaration::{Form, Urgency};
use vungxanh_protocol::intake::{OfficerKeyFile, WHOLE_AUTHORITY, spoken_fingerprint};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::key_file::{Cost, MAX_FILE_BYTES};
use vungxanh_protocol::sealed_box::OpeningKey;
use vungxanh_protocol::text::printable;
use vungxanh_protocol::units::Units;

use super::failure::Failure;
use super::intake_key::{day_text, read_day};
use super::passphrase::Passphrase;
use super::{Common, Context, line, print_json, read_limited};
use crate::authority::error::FileError;
use crate::domain::spreadsheet;
use crate::i18n::Text;
use crate::platform::atomic_file::write_new_secret;
use crate::services::intake_list::{self, ListError, MAX_LIST_BYTES, NumberFrom, OpenedList};

#[derive(Debug, Subcommand)]
pub(super) enum IntakeCommand {
    /// help-intake-keygen
    Keygen(Keygen),
    /// help-intake-export
    Export(Export),
    /// help-intake-open
    Open(Open),
}

#[derive(Debug, Args)]
pub(super) struct Keygen {
    /// help-intake-keygen-out
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    common: Common,
    /// help-intake-day
    #[arg(long, value_name = "DATE")]
    day: String,
    /// help-intake-export-group
    #[arg(long, value_name = "PROVINCE", default_value_t = WHOLE_AUTHORITY)]
    group: u8,
    /// help-intake-export-officer
    #[arg(long, value_name = "ID")]
    officer: u16,
    /// help-intake-export-out
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Open {
    /// help-intake-open-key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// help-intake-open-csv
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// help-json
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    passphrase: Passphrase,
    /// help-intake-open-list
    #[arg(value_name = "LIST")]
    list: PathBuf,
}

impl IntakeCommand {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Keygen(keygen) => keygen.handle(context),
            Self::Export(export) => export.handle(context).await,
            Self::Open(open) => open.handle(context),
        }
    }
}

impl Keygen {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        if self.out.exists() {
            return Err(FileError::Exists(self.out).into());
        }
        let passphrase = self.passphrase.read(context, true)?;
        let key = OpeningKey::generate(&mut rand::rng());
        let file = OfficerKeyFile::seal(&key, &passphrase, Cost::default(), &mut rand::rng());
        let file = file.map_err(|error| Failure::Input(Text::foreign(error)))?;
        write_new_secret(&self.out, file.to_json().as_bytes()).map_err(Failure::file(&self.out))?;
        let public = key.public_key();
        line(context.say("intake-key-file", &[("path", self.out.display().to_string().into())]));
        line(format!("  {}", hex::encode(public.as_bytes())));
        line(context.say("intake-key-spoken", &[]));
        line(format!("  {}", spoken_fingerprint(&public)));
        Ok(())
    }
}

impl Export {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        if self.out.exists() {
            return Err(FileError::Exists(self.out).into());
        }
        let day = read_day("--day", &self.day)?;
        let app = context.open(&self.common).await?;
        let list = intake_list::make(&app, day, self.group, self.officer).await;
        app.store.close().await;
        let list = list.map_err(failure)?;
        write_new_secret(&self.out, list.as_bytes()).map_err(Failure::file(&self.out))?;
        line(context.say("intake-exported", &[("path", self.out.display().to_string().into())]));
        Ok(())
    }
}

fn failure(error: ListError) -> Failure {
    match error {
        ListError::File(error) => error.into(),
        ListError::Store(error) => error.into(),
        ListError::NoKey => Failure::Negative(Text::ours("error-intake-no-key")),
    }
}

impl Open {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let content =
            |path: &PathBuf, reason: Text| FileError::Content { path: path.clone(), reason };
        let file = read_limited(&self.key, MAX_FILE_BYTES as u64)?;
        let file = OfficerKeyFile::from_json(&file)
            .map_err(|error| content(&self.key, Text::foreign(error)))?;
        let list = read_limited(&self.list, MAX_LIST_BYTES)?;
        let passphrase = self.passphrase.read(context, false)?;
        let key = file.open(&passphrase).map_err(|error| Failure::Input(Text::foreign(error)))?;
        let opened =
            intake_list::open(&list, &key).map_err(|reason| content(&self.list, reason))?;
        if self.json {
            return print_json(&serde_json::json!({
                "day": day_text(opened.day), "forms": forms(&opened), "calls": opened.calls,
                "unreadable": opened.unreadable,
            }));
        }
        if self.csv {
            print_csv(context, &opened);
        } else {
            print(context, &opened);
        }
        Ok(())
    }
}

/// Forms with the number that is proven, if one is.
fn forms(opened: &OpenedList) -> Vec<serde_json::Value> {
    let value = |form: &Form| {
        let mut value = serde_json::to_value(form).unwrap_or_default();
        if let Some(proven) = opened.proven(form) {
            value["provenPhone"] = proven.into();
        }
        value
    };
    opened.forms.iter().map(value).collect()
}

fn print(context: &Context, opened: &OpenedList) {
    let day = day_text(opened.day);
    let count = opened.forms.len();
    line(context.say("intake-opened", &[("day", day.into()), ("count", count.into())]));
    if opened.unreadable > 0 {
        line(context.say("intake-unreadable", &[("count", opened.unreadable.into())]));
    }
    for call in &opened.calls {
        let arguments: [(&str, FluentValue<'_>); 6] = [
            ("name", call.name.as_str().into()),
            ("phone", call.phone.as_str().into()),
            ("venue", call.venue.as_str().into()),
            ("from", local(call.from, opened.minutes_ahead).into()),
            ("until", local(call.until, opened.minutes_ahead).into()),
            ("companions", call.companions.into()),
        ];
        let id = match call.number_from {
            NumberFrom::Door => "intake-row-door",
            NumberFrom::Card => "intake-row-card",
            NumberFrom::SingleCard => "intake-row-single-card",
        };
        line(context.say(id, &arguments));
    }
    let units = Units::of_viet_nam();
    for form in &opened.forms {
        let phone = match opened.proven(form) {
            Some(proven) => {
                let arguments = [("phone", call(form).into()), ("proven", proven.into())];
                let same = proven == call(form);
                let id = if same { "intake-phone-proven" } else { "intake-phone-other-proven" };
                context.say(id, &arguments)
            }
            None => call(form),
        };
        let arguments: [(&str, FluentValue<'_>); 5] = [
            ("name", form.name.as_str().into()),
            ("born", form.born.map_or_else(|| "?".into(), |born| born.to_string()).into()),
            ("phone", phone.into()),
            ("place", place(form, &units).into()),
            ("symptoms", symptoms(context, form).into()),
        ];
        let id = match form.urgency() {
            Urgency::Now => "intake-row-now",
            Urgency::Call => "intake-row-call",
            Urgency::None => "intake-row",
        };
        line(context.say(id, &arguments));
    }
}

fn print_csv(context: &Context, opened: &OpenedList) {
    let columns =
        ["urgency", "kind", "name", "born", "phone", "proven", "place", "symptoms", "note"];
    let head = columns.map(|column| context.say(&format!("intake-column-{column}"), &[]));
    // Spreadsheets know by this mark that it is UTF-8.
    let mut text = String::from("\u{feff}") + &spreadsheet::line(&head);
    for call in &opened.calls {
        let [from, until] = [call.from, call.until].map(|at| local(at, opened.minutes_ahead));
        let row = [
            context.say("intake-urgency-call", &[]),
            context.say(kind_of(call.number_from), &[]),
            call.name.clone(),
            String::new(),
            call.phone.clone(),
            String::new(),
            call.venue.clone(),
            String::new(),
            format!("{from} - {until}, +{}", call.companions),
        ];
        text += &spreadsheet::line(&row.map(|value| printable(&value).into_owned()));
    }
    let units = Units::of_viet_nam();
    for form in &opened.forms {
        text += &spreadsheet::line(
            &[
                context.say(&format!("intake-urgency-{}", form.urgency().name()), &[]),
                context.say(&format!("intake-kind-{}", form.kind.number()), &[]),
                form.name.clone(),
                form.born.map(|born| born.to_string()).unwrap_or_default(),
                call(form),
                opened.proven(form).unwrap_or_default().to_owned(),
                place(form, &units),
                symptoms(context, form),
                form.note.clone(),
            ]
            .map(|value| printable(&value).into_owned()),
        );
    }
    // Filtered above, value by value: the mark and the ends of lines are not for terminals.
    vungxanh_command_line::output::write(&text);
}

const fn kind_of(number_from: NumberFrom) -> &'static str {
    match number_from {
        NumberFrom::Door => "intake-kind-door",
        NumberFrom::Card => "intake-kind-card",
        NumberFrom::SingleCard => "intake-kind-single-card",
    }
}

/// A time in the authority's zone, which the officer's computer need not have.
fn local(time: UnixTime, minutes_ahead: i16) -> String {
    let offset = jiff::tz::Offset::from_seconds(i32::from(minutes_ahead) * 60);
    let seconds = i64::try_from(time.as_secs()).ok();
    let at =
        seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).zip(offset.ok());
    at.map_or_else(
        || time.to_string(),
        |(at, offset)| offset.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// Whom to call: who declared for another has the number.
fn call(form: &Form) -> String {
    if form.phone.is_empty() { form.by_phone.clone() } else { form.phone.clone() }
}

fn place(form: &Form, units: &Units) -> String {
    match form.ward.and_then(|code| units.ward(code)) {
        Some(ward) => ward.name.to_owned(),
        None => form.place.clone(),
    }
}

fn symptoms(context: &Context, form: &Form) -> String {
    let symptoms = form.symptoms.as_deref().unwrap_or_default();
    let names: Vec<String> = symptoms
        .iter()
        .filter_map(|symptom| serde_json::to_value(symptom).ok())
        .filter_map(|name| {
            Some(context.say(&format!("symptom-{}", name.as_str()?.replace('_', "-")), &[]))
        })
        .collect();
    if names.is_empty() { context.say("symptom-none", &[]) } else { names.join(", ") }
}
