//! Warnings: requests to venues as they stand, found by state and time, and new ones from visits that a case
//! disclosed, or remembered.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use fluent_bundle::FluentValue;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::{DisclosedVisit, PosterFingerprint};

use super::super::checkin::script_page;
use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::problems::Problems;
use super::super::session::StaffSession;
use super::warning_form::{OfferedVisit, Order, WarningForm};
use crate::domain::permissions::Permission;
use crate::services::places::{FoundPlaces, PosterPlace, find_places, places_of_posters};
use crate::services::request_history::{self, RequestPage};
use crate::services::venue_warnings::{self, VenueWarningError};
use crate::storage::request_history::RequestFilter;
use crate::storage::share_requests::{RequestState, ShareRequest};
use crate::storage::unit_places::UnitPlace;

/// Looking for requests, and for a place.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    place: String,
    unit: String,
    poster: String,
    state: String,
    since: String,
    through: String,
    page: u32,
}

#[derive(Template)]
#[template(path = "staff/warnings.html")]
struct WarningsPage<'a> {
    page: &'a Page,
    form: &'a WarningForm,
    chosen: Option<UnitPlace>,
    offered: &'a [OfferedVisit],
    search: &'a Search,
    places: &'a [UnitPlace],
    posters: &'a [PosterPlace],
    problems: &'a Problems,
    requests: &'a [ShareRequest],
    has_more: bool,
    data: String,
}

impl WarningsPage<'_> {
    const fn states(&self) -> [RequestState; 5] {
        RequestState::ALL
    }

    const fn is_searched(&self) -> bool {
        let Search { state, since, through, .. } = self.search;
        !state.is_empty() || !since.is_empty() || !through.is_empty()
    }

    /// The page so many after this one.
    fn page_after(&self, pages: i64) -> String {
        let Search { state, since, through, page, .. } = self.search;
        let page = i64::from(*page).saturating_add(pages);
        let query = PageQuery { state, since, through, page: u32::try_from(page).unwrap_or(0) };
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        format!("{}?{query}#requests", self.page.href("/staff/warnings"))
    }
}

#[derive(Serialize)]
struct PageQuery<'a> {
    state: &'a str,
    since: &'a str,
    through: &'a str,
    page: u32,
}

/// `GET /staff/warnings`.
pub(super) async fn page(
    session: StaffSession,
    Query(search): Query<Search>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::WarningsRead)?;
    let form = WarningForm {
        unit: search.unit.clone(),
        poster: search.poster.clone(),
        ..WarningForm::default()
    };
    show(&session.page, StatusCode::OK, &form, &search, Problems::default()).await
}

/// `POST /staff/warnings`: shows visits to choose from, or opens the requests. What could not be opened is
/// said, visit by visit, and stays in the form.
pub(super) async fn open(
    session: StaffSession,
    PostForm(fields): PostForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::WarningsWrite)?;
    let page = &session.page;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let (mut form, search) = (WarningForm::of_fields(fields), Search::default());
    if form.step == "show" {
        return match form.offer(page) {
            Ok(()) => show(page, StatusCode::OK, &form, &search, Problems::default()).await,
            Err(problems) => show(page, unprocessable, &form, &search, problems).await,
        };
    }
    let order = match Order::read(page, &form) {
        Ok(order) => order,
        Err(problems) => return show(page, unprocessable, &form, &search, problems).await,
    };
    let (app, actor) = (&page.app, session.actor());
    let mut problems = Problems::default();
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
                    refused.push(*visit);
                }
            }
            form.keep(&refused);
        }
    }
    if problems.is_empty() {
        return Ok(page.go("/staff/warnings", "requests-opened"));
    }
    show(page, unprocessable, &form, &search, problems).await
}

async fn show(
    page: &Page,
    status: StatusCode,
    form: &WarningForm,
    search: &Search,
    mut problems: Problems,
) -> Result<Response, PageError> {
    let app = &page.app;
    let filter = read_filter(page, search, &mut problems);
    let requests = request_history::page(app, &filter, search.page).await;
    let RequestPage { requests, has_more } = requests.map_err(|error| page.fail(error))?;
    let found = find_places(app, &search.place, form.unit.parse().ok()).await;
    let FoundPlaces { places, posters, mut chosen } = found.map_err(|error| page.fail(error))?;
    if let Ok(poster) = form.poster.parse::<PosterFingerprint>() {
        let of_poster = places_of_posters(app, &[*poster.as_bytes()]).await;
        chosen = of_poster.map_err(|error| page.fail(error))?.pop().flatten();
    }
    let offered = OfferedVisit::all(page, form).await.map_err(|error| page.fail(error))?;
    let template = WarningsPage {
        page,
        form,
        chosen,
        offered: &offered,
        search,
        places: &places,
        posters: &posters,
        problems: &problems,
        requests: &requests,
        has_more,
        data: script_page(page.language, &["page-warn-"], serde_json::Map::new()),
    };
    page.html_with(status, &template)
}

fn read_filter(page: &Page, search: &Search, problems: &mut Problems) -> RequestFilter {
    let mut day = |field, text: &str, days| match text.trim() {
        "" => None,
        text => {
            let time = day_start(page, text, days);
            if time.is_none() {
                problems.add(field, page.t("code-date-malformed"));
            }
            time
        }
    };
    RequestFilter {
        state: RequestState::from_name(&search.state),
        from: day("since", &search.since, 0),
        until: day("through", &search.through, 1),
    }
}

/// When a day begins in the authority's time zone, so many days after the one that was typed.
fn day_start(page: &Page, text: &str, days: i64) -> Option<UnixTime> {
    let date: Date = text.parse().ok()?;
    let date = date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    let start = date.to_zoned(page.app.config.venues.zone()).ok()?.timestamp().as_second();
    u64::try_from(start).ok().map(UnixTime::from_secs)
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
