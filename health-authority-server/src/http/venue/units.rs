//! Units: the list, one of them, and lists from a spreadsheet.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::{PostFile, PostForm};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::{Problems, field_id};
use super::super::session::VenueSession;
use super::home::{UnitRow, unit_rows, venue_of};
use crate::domain::unit_list::{ListFault, MAX_UNITS};
use crate::domain::venues::{Field, STAY_STEP_MINUTES, USUAL_STAY, UnitForm, UnitId};
use crate::services::app::App;
use crate::services::units::{self, ListRefused};
use crate::services::venues::VenueServiceError;
use crate::storage::units::{MAX_OPEN_UNITS, Unit};

#[derive(Template)]
#[template(path = "venue/units.html")]
struct UnitsPage<'a> {
    page: &'a Page,
    rows: &'a [UnitRow],
    form: &'a TypedUnit,
    problems: Problems,
}

impl UnitsPage<'_> {
    fn any_printable(&self) -> bool {
        self.rows.iter().any(UnitRow::is_printable)
    }
}

#[derive(Template)]
#[template(path = "venue/unit.html")]
struct UnitPage<'a> {
    page: &'a Page,
    row: &'a UnitRow,
    form: &'a TypedUnit,
    problems: Problems,
}

/// What the form holds.
#[derive(Deserialize)]
pub struct TypedUnit {
    #[serde(default)]
    name: String,
    #[serde(default)]
    minutes: String,
}

impl Default for TypedUnit {
    fn default() -> Self {
        let minutes = u32::from(USUAL_STAY) * STAY_STEP_MINUTES;
        Self { name: String::new(), minutes: minutes.to_string() }
    }
}

/// `GET /venue/units`.
pub async fn list(session: VenueSession) -> Result<Response, PageError> {
    show(&session, StatusCode::OK, &TypedUnit::default(), Problems::default()).await
}

async fn show(
    session: &VenueSession,
    status: StatusCode,
    form: &TypedUnit,
    problems: Problems,
) -> Result<Response, PageError> {
    let page = &session.page;
    let rows = unit_rows(page, &venue_of(session).await?).await?;
    page.html_with(status, &UnitsPage { page, rows: &rows, form, problems })
}

/// `POST /venue/units`: adds one.
pub async fn add(
    session: VenueSession,
    PostForm(form): PostForm<TypedUnit>,
) -> Result<Response, PageError> {
    let (page, app) = (&session.page, &session.page.app);
    let problem = match UnitForm::read(&form.name, &form.minutes) {
        Ok(unit) => match units::add(app, session.venue, &[unit], &session.actor()).await {
            Ok(()) => return Ok(page.go("/venue/units", "unit-added")),
            Err(error) => Problems::of_field("unit-name", not_added(page, error)?),
        },
        Err(field) => Problems::of_field(field_id(field), page.named("wrong", field.name())),
    };
    show(&session, StatusCode::UNPROCESSABLE_ENTITY, &form, problem).await
}

/// The text when the venue cannot have the units.
fn not_added(page: &Page, error: VenueServiceError) -> Result<String, PageError> {
    match error {
        VenueServiceError::UnitsRefused => Ok(page.n1("units-refused", "most", MAX_OPEN_UNITS)),
        error => Err(page.venue_error(error)),
    }
}

/// `POST /venue/units/upload`: adds all of a list, or none.
pub async fn upload(
    session: VenueSession,
    PostFile(file): PostFile,
) -> Result<Response, PageError> {
    let page = &session.page;
    let added = units::add_list(&page.app, session.venue, &file, &session.actor()).await;
    let problems = match added {
        Ok(()) => return Ok(page.go("/venue/units", "units-added")),
        Err(ListRefused::Refused(error)) => Problems::of_field("file", not_added(page, error)?),
        Err(ListRefused::Faults(faults)) => {
            let mut problems = Problems::default();
            for fault in &faults {
                problems.add("file", fault_text(page, fault));
            }
            problems.add("file", page.t("list-nothing-added"));
            problems
        }
    };
    show(&session, StatusCode::UNPROCESSABLE_ENTITY, &TypedUnit::default(), problems).await
}

fn fault_text(page: &Page, fault: &ListFault) -> String {
    match fault {
        ListFault::TooLong => page.t("list-too-long"),
        ListFault::NotUtf8 => page.t("list-not-utf8"),
        ListFault::NotAList => page.t("list-not-a-list"),
        ListFault::Header { line, text } => {
            let arguments = [("line", line.into()), ("text", text.as_str().into())];
            page.with("list-header", &arguments)
        }
        ListFault::Empty => page.t("list-empty"),
        ListFault::TooMany => page.n1("list-too-many", "most", MAX_UNITS),
        ListFault::Unreadable { line } => page.n1("list-unreadable", "line", line),
        ListFault::Columns { line } => page.n1("list-columns", "line", line),
        ListFault::Value { line, field: Field::Stay } => page.n1("list-stay", "line", line),
        ListFault::Value { line, .. } => page.n1("list-name", "line", line),
        ListFault::Twice { line, name } => {
            page.with("list-twice", &[("line", (*line).into()), ("name", name.as_str().into())])
        }
    }
}

/// An open unit of the session's venue.
pub(super) async fn row_of(session: &VenueSession, unit: UnitId) -> Result<UnitRow, PageError> {
    let rows = unit_rows(&session.page, &venue_of(session).await?).await?;
    let row = rows.into_iter().find(|row| row.unit.unit == unit);
    row.ok_or_else(|| session.page.refuse(Refusal::NotFound))
}

/// `GET /venue/units/{unit}`.
pub async fn one(session: VenueSession, Path(unit): Path<UnitId>) -> Result<Response, PageError> {
    let row = row_of(&session, unit).await?;
    let form = typed(&row.unit);
    let page = &session.page;
    page.html(&UnitPage { page, row: &row, form: &form, problems: Problems::default() })
}

fn typed(unit: &Unit) -> TypedUnit {
    TypedUnit { name: unit.name.clone(), minutes: unit.default_stay_minutes().to_string() }
}

/// `POST /venue/units/{unit}`: changes it.
pub async fn change(
    session: VenueSession,
    Path(unit): Path<UnitId>,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<TypedUnit>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let row = row_of(&session, unit).await?;
    // The unit for the whole venue may stay without a name.
    let whole = row.unit.name.is_empty() && form.name.trim().is_empty();
    let name = if whole { "-" } else { form.name.as_str() };
    let mut changed = match UnitForm::read(name, &form.minutes) {
        Ok(changed) => changed,
        Err(field) => {
            let text = page.named("wrong", field.name());
            let problems = Problems::of_field(field_id(field), text);
            let template = UnitPage { page, row: &row, form: &form, problems };
            return page.html_with(StatusCode::UNPROCESSABLE_ENTITY, &template);
        }
    };
    if whole {
        changed.name.clear();
    }
    units::change(&app, session.venue, unit, &changed, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/venue/units", "unit-changed"))
}

/// `POST /venue/units/{unit}/close`.
pub async fn close(
    session: VenueSession,
    Path(unit): Path<UnitId>,
    State(app): State<Arc<App>>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let row = row_of(&session, unit).await?;
    if !sure.is_given() {
        let asked = Confirmation {
            title: page.t1("unit-close-sure", "unit", row.shown_name(page)),
            consequences: vec![page.t("unit-close-text")],
            button: page.t("unit-close"),
            action: format!("/venue/units/{unit}/close"),
            back: format!("/venue/units/{unit}"),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    units::close(&app, session.venue, unit, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/venue/units", "unit-closed"))
}
