//! Registration: the form, and the confirmation of the telephone.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::units::Province;

use super::super::form::PostForm;
use super::super::login::{sign_in, weak_password};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::unit_files;
use super::phone_confirmation::{ConfirmForm, REGISTRATION, Waiting, not_sent};
use super::place;
use crate::domain::accounts::{Login, Password};
use crate::domain::password_strength;
use crate::domain::phone::Phone;
use crate::domain::venues::{Kind, Registration, TypedRegistration};
use crate::services::app::App;
use crate::services::registration::{self, Confirmed, PendingRegistration, RegistrationError};

#[derive(Template)]
#[template(path = "venue/register.html")]
struct RegisterPage<'a> {
    page: &'a Page,
    form: &'a TypedRegistration,
    phone: &'a str,
    kinds: [Kind; 11],
    provinces: &'static [Province],
    problems: Problems,
    data: String,
    /// Without messages no telephone can be confirmed; the form is not shown.
    can_register: bool,
}

/// What the form holds.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    #[serde(flatten)]
    venue: TypedRegistration,
    phone: String,
    password: Password,
    password_again: Password,
}

/// `GET /venue/register`.
pub async fn form(page: Page) -> Result<Response, PageError> {
    if page.is_signed_in() {
        return Ok(page.go("/venue", ""));
    }
    show(&page, StatusCode::OK, &RegisterForm::default(), Problems::default())
}

fn show(
    page: &Page,
    status: StatusCode,
    form: &RegisterForm,
    problems: Problems,
) -> Result<Response, PageError> {
    let (phone, form) = (form.phone.as_str(), &form.venue);
    let kinds = Kind::ALL;
    let (provinces, data) = (unit_files::provinces(), place::data(page));
    let can_register = page.app.sms.is_configured();
    let template =
        RegisterPage { page, form, phone, kinds, provinces, problems, data, can_register };
    page.html_with(status, &template)
}

/// `POST /venue/register`: sends a code to the telephone.
pub async fn register(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<RegisterForm>,
) -> Result<Response, PageError> {
    let wrong = Registration::read(&form.venue).err().unwrap_or_default();
    let phone: Result<Phone, _> = form.phone.parse();
    let mut problems = place::problems(&page, &form.venue, &wrong);
    if phone.is_err() {
        problems.add("phone", page.t("wrong-phone"));
    }
    let countries = &app.config.messages.countries;
    if phone.as_ref().is_ok_and(|phone| !phone.is_of(countries)) {
        let countries = format!("+{}", countries.join(", +"));
        problems.add("phone", page.t1("wrong-country", "countries", countries));
    }
    let login = phone.clone().ok().map(Login::from);
    let names = [form.venue.name.as_str(), form.venue.registrant.as_str()];
    if let Err(weak) = password_strength::check(&form.password, login.as_ref(), &names) {
        problems.add("password", weak_password(&page, weak));
    }
    if form.password.expose() != form.password_again.expose() {
        problems.add("password_again", page.t("password-differs"));
    }
    let (true, Ok(phone)) = (problems.is_empty(), phone) else {
        return show(&page, StatusCode::UNPROCESSABLE_ENTITY, &form, problems);
    };
    let password = form.password.clone();
    match registration::begin(&app, form.venue.clone(), &phone, password, page.language).await {
        Ok(pending) => {
            let (step, pending) = (&REGISTRATION, pending.as_str());
            Waiting { page: &page, step, pending, phone: &phone }.ask()
        }
        Err(error) => {
            let (status, text) = refused(&page, error)?;
            show(&page, status, &form, Problems::of_form(page.t(text)))
        }
    }
}

/// The status and text of a step that is not done.
fn refused(page: &Page, error: RegistrationError) -> Result<(StatusCode, &'static str), PageError> {
    match error {
        RegistrationError::NotSent(error) => not_sent(page, error),
        RegistrationError::Busy(_) => Err(page.refuse(Refusal::Busy)),
        RegistrationError::Unreadable => Err(page.refuse(Refusal::Unreadable)),
        error => Err(page.fail(error)),
    }
}

/// `GET /venue/confirm`: only the form leads there.
pub async fn restart(page: Page) -> Response {
    page.go("/venue/register", "")
}

/// `POST /venue/confirm`: registers the venue, or sends the code again.
pub async fn confirm(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<ConfirmForm>,
) -> Result<Response, PageError> {
    let Some(pending) = PendingRegistration::open(&app, &form.pending) else {
        return Ok(page.go("/venue/register", "registration-old"));
    };
    let phone = pending.phone().map_err(|_| page.refuse(Refusal::Unreadable))?;
    let waiting =
        Waiting { page: &page, step: &REGISTRATION, pending: &form.pending, phone: &phone };
    let code = match waiting.typed(&form).await? {
        Ok(code) => code,
        Err(answer) => return Ok(answer),
    };
    match pending.confirm(&app, &code).await {
        Ok(Confirmed::Registered(account)) => sign_in(&page, &account).await,
        Ok(Confirmed::WrongCode { left }) => waiting.wrong(page.n1("confirm-wrong", "left", left)),
        Ok(Confirmed::NoCode) => waiting.wrong(page.t("confirm-no-code")),
        Ok(Confirmed::PhoneTaken) => Ok(page.go("/venue/login", "phone-taken")),
        Err(error) => {
            let (status, text) = refused(&page, error)?;
            waiting.refused(status, page.t(text))
        }
    }
}
