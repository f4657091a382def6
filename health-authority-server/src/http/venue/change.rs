//! An approved venue proposes another name, address or telephone.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::units::Province;

use super::super::form::{Nothing, PostForm};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::VenueSession;
use super::super::unit_files;
use super::home::venue_of;
use super::phone_confirmation::{CHANGE, ConfirmForm, Waiting, not_sent};
use super::place;
use crate::domain::phone::Phone;
use crate::domain::venue_changes::Proposed;
use crate::domain::venues::{Kind, Registration, TypedRegistration, VenueState};
use crate::services::app::App;
use crate::services::venue_changes::{self, NotBegun, PendingChange};
use crate::storage::phone_codes::PhoneCodeCheck;
use crate::storage::venue_changes::{ChangeState, Stored, VenueChange};
use crate::storage::venues::Venue;

#[derive(Template)]
#[template(path = "venue/change.html")]
struct ChangePage<'a> {
    page: &'a Page,
    form: &'a TypedRegistration,
    phone: &'a str,
    waiting: Option<&'a VenueChange>,
    refused: Option<&'a VenueChange>,
    kinds: [Kind; 11],
    provinces: &'static [Province],
    problems: Problems,
    data: String,
}

/// What the form holds.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct ChangeForm {
    #[serde(flatten)]
    venue: TypedRegistration,
    phone: String,
}

/// The venue of the session, which must be approved.
async fn approved(session: &VenueSession) -> Result<Venue, PageError> {
    let venue = venue_of(session).await?;
    match venue.state {
        VenueState::Approved => Ok(venue),
        _ => Err(session.page.refuse(Refusal::Conflict)),
    }
}

/// `GET /venue/change`: what is registered, or what waits already.
pub async fn form(session: VenueSession) -> Result<Response, PageError> {
    let venue = approved(&session).await?;
    let page = &session.page;
    let change = venue_changes::of_venue(&page.app, venue.venue).await;
    let change = change.map_err(|error| page.fail(error))?;
    let waiting = change.as_ref().filter(|change| change.state == ChangeState::Waiting);
    let form = match waiting {
        Some(change) => ChangeForm {
            venue: TypedRegistration::from(change.proposed.registration.clone()),
            phone: page.phone(change.proposed.phone.as_str()),
        },
        None => ChangeForm { venue: venue.registration.into(), phone: page.phone(&venue.phone) },
    };
    show(page, StatusCode::OK, &form, change.as_ref(), Problems::default())
}

fn show(
    page: &Page,
    status: StatusCode,
    form: &ChangeForm,
    change: Option<&VenueChange>,
    problems: Problems,
) -> Result<Response, PageError> {
    let of = |state| change.filter(|change| change.state == state);
    let template = ChangePage {
        page,
        form: &form.venue,
        phone: &form.phone,
        waiting: of(ChangeState::Waiting),
        refused: of(ChangeState::Refused),
        kinds: Kind::ALL,
        provinces: unit_files::provinces(),
        problems,
        data: place::data(page),
    };
    page.html_with(status, &template)
}

/// `POST /venue/change`: proposes it, or sends a code to a new telephone first.
pub async fn propose(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<ChangeForm>,
) -> Result<Response, PageError> {
    let venue = approved(&session).await?;
    let page = &session.page;
    let again = |status, problems| show(page, status, &form, None, problems);
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let read = Registration::read(&form.venue);
    let wrong = read.as_ref().err().cloned().unwrap_or_default();
    let mut problems = place::problems(page, &form.venue, &wrong);
    let phone = form.phone.parse::<Phone>();
    let present = venue_changes::present(&venue).map_err(|error| page.venue_error(error))?;
    match &phone {
        Err(_) => problems.add("phone", page.t("wrong-phone")),
        Ok(phone) if *phone != present.phone && !phone.is_of(&app.config.messages.countries) => {
            let countries = format!("+{}", app.config.messages.countries.join(", +"));
            problems.add("phone", page.t1("wrong-country", "countries", countries));
        }
        Ok(_) => {}
    }
    let (Ok(registration), Ok(phone), true) = (read, phone, problems.is_empty()) else {
        return again(unprocessable, problems);
    };
    let proposed = Proposed { registration, phone };
    if present.changed_to(&proposed).is_empty() {
        return again(unprocessable, Problems::of_form(page.t("changes-none")));
    }
    if proposed.phone == present.phone {
        let stored = venue_changes::propose(&app, &venue, proposed, &session.actor()).await;
        return match stored.map_err(|error| page.venue_error(error))? {
            Stored::Yes => Ok(page.go("/venue", "changes-sent")),
            _ => Err(page.refuse(Refusal::Conflict)),
        };
    }
    let begun =
        venue_changes::begin(&app, venue.venue, form.venue.clone(), &proposed.phone, page.language);
    match begun.await {
        Ok(pending) => {
            let (step, phone) = (&CHANGE, &proposed.phone);
            Waiting { page, step, pending: &pending, phone }.ask()
        }
        Err(NotBegun::NotSent(error)) => {
            let (status, text) = not_sent(page, error)?;
            again(status, Problems::of_form(page.t(text)))
        }
        Err(error) => Err(page.fail(error)),
    }
}

/// `GET /venue/change/confirm`: only the form leads there.
pub async fn restart(page: Page) -> Response {
    page.go("/venue/change", "")
}

/// `POST /venue/change/confirm`: proposes the change, or sends the code again.
pub async fn confirm(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<ConfirmForm>,
) -> Result<Response, PageError> {
    let venue = approved(&session).await?;
    let page = &session.page;
    let pending = PendingChange::open(&app, venue.venue, &form.pending);
    let Some((pending, phone)) = pending.and_then(|pending| {
        let phone = pending.phone()?;
        Some((pending, phone))
    }) else {
        return Ok(page.go("/venue/change", "changes-old"));
    };
    let waiting = Waiting { page, step: &CHANGE, pending: &form.pending, phone: &phone };
    let code = match waiting.typed(&form).await? {
        Ok(code) => code,
        Err(answer) => return Ok(answer),
    };
    let stored = pending.confirm(&app, &venue, &code, &session.actor()).await;
    match stored.map_err(|error| page.venue_error(error))? {
        Stored::Yes => Ok(page.go("/venue", "changes-sent")),
        Stored::Code(PhoneCodeCheck::Wrong { left }) => {
            waiting.wrong(page.n1("confirm-wrong", "left", left))
        }
        Stored::Code(_) => waiting.wrong(page.t("confirm-no-code")),
        Stored::PhoneTaken => waiting.wrong(page.t("changes-phone-taken")),
        Stored::OtherState => Err(page.refuse(Refusal::Conflict)),
    }
}

/// `POST /venue/change/withdraw`.
pub async fn withdraw(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    let page = &session.page;
    venue_changes::withdraw(&app, session.venue, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/venue", "changes-withdrawn"))
}

/// `POST /venue/change/read`: the manager has read what an officer decided.
pub async fn put_away(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let put_away = venue_changes::put_decision_away(&app, session.venue).await;
    put_away.map_err(|error| page.fail(error))?;
    Ok(page.go("/venue", ""))
}
