//! Warnings: from visits that a case disclosed, or remembered, to requests to venues.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use fluent_bundle::FluentValue;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::DisclosedVisit;
use vungxanh_protocol::venue::warning::NOTICE_TEXT_BYTES;

use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::problems::Problems;
use super::super::session::StaffSession;
use crate::domain::accounts::Role;
use crate::domain::diagnosis::{TestType, parse_day};
use crate::domain::share_requests::{MAX_REASON_CHARACTERS, NotWarned, Stay};
use crate::domain::typed::{shows_all, shows_all_lines};
use crate::services::places::{FoundPlaces, find_places};
use crate::services::venue_warnings::{self, Place, VenueWarningError};
use crate::storage::share_requests::{ShareRequest, UnitPlace};

/// Visits in one form, at most.
const MAX_VISITS: usize = 50;

/// What the officer typed; shown again when something is wrong with it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct WarningForm {
    visits: String,
    unit: String,
    from: String,
    until: String,
    test_type: String,
    symptom_date: String,
    reason: String,
    notice_text: String,
}

/// Looking for a place.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Search {
    place: String,
    unit: String,
}

#[derive(Template)]
#[template(path = "staff/warnings.html")]
struct WarningsPage<'a> {
    page: &'a Page,
    form: &'a WarningForm,
    chosen: Option<UnitPlace>,
    search: &'a str,
    places: &'a [UnitPlace],
    problems: &'a Problems,
    requests: &'a [ShareRequest],
}

/// `GET /staff/warnings`.
pub async fn page(
    session: StaffSession,
    Query(search): Query<Search>,
) -> Result<Response, PageError> {
    session.require(Role::CaseWorker)?;
    let form = WarningForm { unit: search.unit.clone(), ..WarningForm::default() };
    show(&session.page, StatusCode::OK, &form, &search.place, &Problems::default()).await
}

/// `POST /staff/warnings`: opens the requests. What could not be opened is said, visit by visit,
/// and stays in the form.
pub async fn open(
    session: StaffSession,
    PostForm(form): PostForm<WarningForm>,
) -> Result<Response, PageError> {
    session.require(Role::CaseWorker)?;
    let page = &session.page;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let order = match Order::read(page, &form) {
        Ok(order) => order,
        Err(problems) => return show(page, unprocessable, &form, "", &problems).await,
    };
    let (app, actor) = (&page.app, session.actor());
    let (mut problems, mut left) = (Problems::default(), form.clone());
    match order.place {
        Some(place) => {
            if let Err(error) = venue_warnings::open(app, place, &order.stay, &actor).await {
                problems.add("", words(page, error)?);
            }
        }
        None => {
            let results =
                venue_warnings::open_disclosed(app, &order.visits, &order.stay, &actor).await;
            let mut refused = Vec::new();
            for (result, visit) in results.into_iter().zip(&order.visits) {
                if let Err(error) = result {
                    let reason = words(page, error)?;
                    problems.add("visits", of_visit(page, visit, &reason));
                    refused.push(visit.to_string());
                }
            }
            left.visits = refused.join("\n");
        }
    }
    if problems.is_empty() {
        return Ok(page.go("/staff/warnings", "requests-opened"));
    }
    show(page, unprocessable, &left, "", &problems).await
}

async fn show(
    page: &Page,
    status: StatusCode,
    form: &WarningForm,
    search: &str,
    problems: &Problems,
) -> Result<Response, PageError> {
    let app = &page.app;
    let requests = venue_warnings::requests(app).await.map_err(|error| page.fail(error))?;
    let found = find_places(app, search, form.unit.parse().ok()).await;
    let FoundPlaces { places, chosen } = found.map_err(|error| page.fail(error))?;
    let (places, requests) = (&places[..], &requests[..]);
    let template = WarningsPage { page, form, chosen, search, places, problems, requests };
    page.html_with(status, &template)
}

/// What a form orders: disclosed visits, or a stay at a place.
struct Order {
    visits: Vec<DisclosedVisit>,
    place: Option<Place>,
    stay: Stay,
}

impl Order {
    fn read(page: &Page, form: &WarningForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let lines: Vec<&str> =
            form.visits.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let mut visits = Vec::new();
        for (number, line) in (1u32..).zip(&lines) {
            match line.parse::<DisclosedVisit>() {
                Ok(visit) => visits.push(visit),
                Err(_) => problems.add("visits", page.t1("warn-line-unreadable", "number", number)),
            }
        }
        if lines.len() > MAX_VISITS {
            problems.add("visits", page.t1("warn-too-many-visits", "limit", MAX_VISITS));
        }
        let unit = form.unit.trim();
        let place = unit.parse().ok().map(Place::Unit);
        if lines.is_empty() == unit.is_empty() || (lines.is_empty() && place.is_none()) {
            problems.add("visits", page.t("warn-visits-or-place"));
        }
        let now = page.now();
        let zone = page.app.config.venues.zone();
        let mut time = |field, text: &str| match (local_time(text, &zone), place.is_some()) {
            (Some(time), true) => time,
            (None, true) => {
                problems.add(field, page.t("warn-times-needed"));
                now
            }
            (_, false) => now,
        };
        let (from, until) = (time("from", &form.from), time("until", &form.until));
        let symptom_day = parse_day(&form.symptom_date, page.app.config.today(now));
        let symptom_day = symptom_day.unwrap_or_else(|_| {
            problems.add("symptom_date", page.t("warn-onset-unreadable"));
            None
        });
        let test_type = match form.test_type.as_str() {
            "" => Some(TestType::Confirmed),
            name => TestType::from_name(name),
        };
        match test_type {
            Some(TestType::Negative) => {
                problems.add("test_type", page.named("not-warned", NotWarned::Negative.name()));
            }
            Some(_) => {}
            None => problems.add("test_type", page.t("warn-test-type-unknown")),
        }
        let test_type = test_type.unwrap_or(TestType::Confirmed);
        if !(1..=MAX_REASON_CHARACTERS).contains(&form.reason.trim().chars().count()) {
            problems.add("reason", page.t("warn-reason-length"));
        } else if !shows_all_lines(&form.reason) {
            problems.add("reason", page.t("wrong-hidden"));
        }
        if form.notice_text.trim().len() > NOTICE_TEXT_BYTES {
            problems.add("notice_text", page.t("warn-notice-length"));
        } else if !shows_all(form.notice_text.trim()) {
            problems.add("notice_text", page.t("wrong-hidden"));
        }
        let (reason, notice_text) = (form.reason.clone(), form.notice_text.clone());
        let stay = Stay { from, until, test_type, symptom_day, reason, notice_text };
        if problems.is_empty() { Ok(Self { visits, place, stay }) } else { Err(problems) }
    }
}

/// In the officer's language.
fn words(page: &Page, error: VenueWarningError) -> Result<String, PageError> {
    match error {
        VenueWarningError::NotWarned(reason) => Ok(page.named("not-warned", reason.name())),
        VenueWarningError::Share(reason) => Ok(page.named("share-error", reason.name())),
        error => Err(page.fail(error)),
    }
}

fn of_visit(page: &Page, visit: &DisclosedVisit, reason: &str) -> String {
    let arguments = [
        ("from", FluentValue::from(page.time(&visit.from()))),
        ("until", page.time(&visit.until()).into()),
        ("reason", reason.into()),
    ];
    page.with("warn-visit-refused", &arguments)
}

/// A browser's `datetime-local`, in the authority's time zone.
fn local_time(text: &str, zone: &TimeZone) -> Option<UnixTime> {
    let local: DateTime = text.trim().parse().ok()?;
    let seconds = local.to_zoned(zone.clone()).ok()?.timestamp().as_second();
    u64::try_from(seconds).ok().map(UnixTime::from_secs)
}
