//! `warning request` and `warning list`: the staff's page without a browser.

use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::DisclosedVisit;
use vungxanh_protocol::venue::disclosure_code::visits_of_line;

use super::failure::Failure;
use super::{Common, Context, bad_date, bad_option, line, print_json, time_text};
use crate::domain::diagnosis::{TestType, parse_day};
use crate::domain::share_requests::Stay;
use crate::i18n::Text;
use crate::services::app::App;
use crate::services::venue_warnings::{self, Place, VenueWarningError};
use crate::storage::audit::Actor;
use crate::storage::share_requests::ShareRequest;

#[derive(Debug, Subcommand)]
pub(super) enum WarningCommand {
    /// help-warning-request
    Request(Request),
    /// help-warning-list
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct Request {
    #[command(flatten)]
    common: Common,
    /// help-warning-visit
    #[arg(long, value_name = "LINE", required_unless_present = "unit", conflicts_with = "unit")]
    visit: Vec<String>,
    /// help-warning-unit
    #[arg(long, requires = "from", requires = "until")]
    unit: Option<i64>,
    /// help-warning-from
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// help-warning-until
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// help-test-type
    #[arg(long, value_enum, default_value = "confirmed")]
    test_type: TestType,
    /// help-symptom-date
    #[arg(long, value_name = "DATE")]
    symptom_date: Option<String>,
    /// help-warning-reason
    #[arg(long)]
    reason: String,
    /// help-warning-text
    #[arg(long, default_value = "")]
    text: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
}

impl WarningCommand {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Request(request) => request.handle(context).await,
            Self::List(list) => list.handle(context).await,
        }
    }
}

impl Request {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let mut visits = Vec::new();
        for text in &self.visit {
            let read = visits_of_line(text);
            visits.extend(read.map_err(|error| bad_option("--visit", Text::foreign(error)))?);
        }
        let now = context.clock.now();
        let app = context.open(&self.common).await?;
        let symptom_date = self.symptom_date.as_deref().unwrap_or_default();
        let symptom_day = parse_day(symptom_date, app.config.today(now))
            .map_err(|error| bad_date("--symptom-date", error))?;
        let stay = Stay {
            from: time("--from", self.from.as_deref(), now)?,
            until: time("--until", self.until.as_deref(), now)?,
            test_type: self.test_type,
            symptom_day,
            reason: self.reason,
            notice_text: self.text,
        };
        let opened = open(&app, self.unit, &visits, &stay).await;
        app.store.close().await;
        let mut requests = Vec::new();
        let mut first_error = None;
        for result in opened {
            match result {
                Ok(opened) => requests.extend(opened),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        print_requests(context, &self.common, &requests)?;
        first_error.map_or(Ok(()), |error| Err(failure(context, error)))
    }
}

impl List {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let requests = venue_warnings::requests(&app).await?;
        app.store.close().await;
        if requests.is_empty() && !self.common.json {
            line(context.say("warning-none", &[]));
        }
        print_requests(context, &self.common, &requests)
    }
}

async fn open(
    app: &App,
    unit: Option<i64>,
    visits: &[DisclosedVisit],
    stay: &Stay,
) -> Vec<Result<Vec<ShareRequest>, VenueWarningError>> {
    let actor = Actor::command_line();
    match unit {
        Some(unit) => vec![venue_warnings::open(app, Place::Unit(unit), stay, &actor).await],
        None => venue_warnings::open_disclosed(app, visits, stay, &actor).await,
    }
}

fn print_requests(
    context: &Context,
    common: &Common,
    requests: &[ShareRequest],
) -> Result<(), Failure> {
    if common.json {
        let list: Vec<_> = requests.iter().map(as_json).collect();
        return print_json(&list);
    }
    let zone = common.zone()?;
    for request in requests {
        let state = context.say(&format!("request-state-{}", request.state.name()), &[]);
        let number = ("number", FluentValue::from(request.id));
        let Some(details) = &request.details else {
            line(context.say("warning-row-published", &[number, ("state", state.into())]));
            continue;
        };
        let places = [details.venue_name.as_str(), details.unit_name.as_str()];
        let places: Vec<&str> = places.into_iter().filter(|name| !name.is_empty()).collect();
        let arguments = [
            number,
            ("where", FluentValue::from(places.join(", "))),
            ("from", time_text(details.notice.from, &zone).into()),
            ("until", time_text(details.notice.until, &zone).into()),
            ("state", state.into()),
        ];
        line(context.say("warning-row", &arguments));
        if !request.state_reason.is_empty() {
            line(format!("    {}", request.state_reason));
        }
    }
    Ok(())
}

fn as_json(request: &ShareRequest) -> serde_json::Value {
    let details = request.details.as_ref().map(|details| {
        serde_json::json!({
            "venue": details.venue_name,
            "unit": details.unit_name,
            "from": details.notice.from,
            "until": details.notice.until,
            "venue_closed": details.venue_closed,
            "rekeyed": details.rekeyed,
        })
    });
    serde_json::json!({
        "number": request.id,
        "state": request.state.name(),
        "state_reason": request.state_reason,
        "details": details,
    })
}

fn failure(context: &Context, error: VenueWarningError) -> Failure {
    match error {
        VenueWarningError::NotWarned(reason) => Failure::Input(Text::Foreign(
            context.say(&format!("not-warned-{}", reason.name()), &[]),
        )),
        VenueWarningError::NotFound => Failure::input("error-unit-unknown"),
        VenueWarningError::Store(error) => error.into(),
        error => Failure::Input(Text::foreign(error)),
    }
}

/// A time with its offset, or the present where none is needed.
fn time(option: &str, text: Option<&str>, now: UnixTime) -> Result<UnixTime, Failure> {
    let Some(text) = text else { return Ok(now) };
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    parsed
        .ok()
        .and_then(|time| u64::try_from(time.as_second()).ok())
        .map(UnixTime::from_secs)
        .ok_or_else(|| bad_option(option, Text::ours("error-time-form")))
}
