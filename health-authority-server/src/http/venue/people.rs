//! Phones of a venue's staff: they count visits, and can do nothing else.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::PostForm;
use super::super::login::{refused, sign_in};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::qr;
use super::super::session::VenueSession;
use crate::domain::accounts::{AccountId, MAX_PERSON_BYTES};
use crate::domain::venues::line;
use crate::services::app::App;
use crate::services::login::accept_invitation;
use crate::services::staff_phones::{self, MAX_PHONES};
use crate::services::venues::VenueServiceError;
use crate::storage::accounts::Account;

#[derive(Template)]
#[template(path = "venue/people.html")]
struct PeoplePage<'a> {
    page: &'a Page,
    people: Vec<Account>,
    invited: Option<Invited>,
    problems: Problems,
}

/// An invitation, shown once.
struct Invited {
    name: String,
    code: String,
    address: String,
    /// The address with the code behind its #, as a QR code for the phone's camera.
    qr: String,
}

/// Who gets a phone.
#[derive(Deserialize)]
pub struct NewPhone {
    #[serde(default)]
    name: String,
}

/// `GET /venue/people`.
pub async fn list(session: VenueSession) -> Result<Response, PageError> {
    show(&session, StatusCode::OK, None, Problems::default()).await
}

async fn phones(session: &VenueSession) -> Result<Vec<Account>, PageError> {
    let page = &session.page;
    let open = staff_phones::open_phones(&page.app, session.venue).await;
    open.map_err(|error| page.fail(error))
}

async fn phone(session: &VenueSession, account: AccountId) -> Result<Account, PageError> {
    let found = phones(session).await?.into_iter().find(|known| known.account == account);
    found.ok_or_else(|| session.page.refuse(Refusal::NotFound))
}

async fn show(
    session: &VenueSession,
    status: StatusCode,
    invited: Option<Invited>,
    problems: Problems,
) -> Result<Response, PageError> {
    let people = phones(session).await?;
    let page = &session.page;
    page.html_with(status, &PeoplePage { page, people, invited, problems })
}

/// `POST /venue/people`: an account for a phone, and its first invitation.
pub async fn add(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<NewPhone>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let refuse = |text: String| {
        let problems = Problems::of_field("person", text);
        show(&session, StatusCode::UNPROCESSABLE_ENTITY, None, problems)
    };
    let Some(name) = line(&form.name, 1, MAX_PERSON_BYTES) else {
        return refuse(page.t("wrong-person")).await;
    };
    match staff_phones::add(&app, session.venue, name, &session.actor()).await {
        Ok(invited) => {
            let invited = Some(shown(page, invited)?);
            show(&session, StatusCode::OK, invited, Problems::default()).await
        }
        Err(VenueServiceError::TooManyPhones) => {
            refuse(page.n1("people-too-many", "most", MAX_PHONES)).await
        }
        Err(error) => Err(page.venue_error(error)),
    }
}

fn shown(page: &Page, invited: staff_phones::Invited) -> Result<Invited, PageError> {
    let code = invited.invitation.grouped().to_string();
    let address = page.address("/venue/join");
    // What stands behind the # reaches no server and no log.
    let qr = qr::svg(&format!("{address}#{code}")).map_err(|error| page.fail(error))?;
    Ok(Invited { name: invited.name, address, qr, code })
}

/// `POST /venue/people/{account}/invite`: another phone in place of the one before.
pub async fn invite(
    session: VenueSession,
    Path(account): Path<AccountId>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    let page = &session.page;
    if !sure.is_given() {
        let asked = Confirmation {
            title: page.t1("people-invite-sure", "name", &phone(&session, account).await?.name),
            consequences: vec![page.t("people-invite-text")],
            button: page.t("people-invite"),
            action: format!("/venue/people/{account}/invite"),
            back: "/venue/people".into(),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    let invited = staff_phones::replace(&page.app, session.venue, account, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    show(&session, StatusCode::OK, Some(shown(page, invited)?), Problems::default()).await
}

/// `POST /venue/people/{account}/close`.
pub async fn close(
    session: VenueSession,
    Path(account): Path<AccountId>,
    State(app): State<Arc<App>>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let phone = phone(&session, account).await?;
    if !sure.is_given() {
        let asked = Confirmation {
            title: page.t1("people-close-sure", "name", &phone.name),
            consequences: vec![page.t("people-close-text")],
            button: page.t("people-close"),
            action: format!("/venue/people/{account}/close"),
            back: "/venue/people".into(),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    staff_phones::close(&app, session.venue, account, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/venue/people", "phone-closed"))
}

#[derive(Template)]
#[template(path = "venue/join.html")]
struct JoinPage<'a> {
    page: &'a Page,
    /// What was typed.
    code: &'a str,
    problems: Problems,
}

/// The code of an invitation.
#[derive(Deserialize)]
pub struct JoinForm {
    #[serde(default)]
    code: String,
}

/// `GET /venue/join`: where a phone of the staff types its code.
pub async fn join_page(page: Page) -> Result<Response, PageError> {
    page.html(&JoinPage { page: &page, code: "", problems: Problems::default() })
}

/// `POST /venue/join`.
pub async fn join(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<JoinForm>,
) -> Result<Response, PageError> {
    match accept_invitation(&app, &form.code).await {
        Ok(account) => sign_in(&page, &account).await,
        Err(error) => {
            let (status, problem) = refused(&page, error, "join-wrong")?;
            let problems = Problems::of_field("code", page.t(problem));
            page.html_with(status, &JoinPage { page: &page, code: &form.code, problems })
        }
    }
}
