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
use super::place;
use crate::domain::accounts::{Login, Password};
use crate::domain::password_strength;
use crate::domain::phone::{Phone, PhoneCode};
use crate::domain::venues::{Kind, Registration, TypedRegistration};
use crate::services::app::App;
use crate::services::registration::{self, Confirmed, PendingRegistration, RegistrationError};
use crate::services::sms::SmsError;

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
        Ok(sealed) => {
            ask_for_code(&page, StatusCode::OK, &sealed, &phone, false, Problems::default())
        }
        Err(error) => {
            let (status, text) = refused(&page, error)?;
            show(&page, status, &form, Problems::of_form(page.t(text)))
        }
    }
}

/// The status and text of a code that is not sent.
pub(super) fn refused(
    page: &Page,
    error: RegistrationError,
) -> Result<(StatusCode, &'static str), PageError> {
    match error {
        RegistrationError::TooManyCodes => Ok((StatusCode::TOO_MANY_REQUESTS, "confirm-too-many")),
        RegistrationError::Busy(_) => Err(page.refuse(Refusal::Busy)),
        RegistrationError::NotSent(SmsError::NotConfigured) => {
            Ok((StatusCode::SERVICE_UNAVAILABLE, "sms-not-configured"))
        }
        RegistrationError::NotSent(_) => Ok((StatusCode::SERVICE_UNAVAILABLE, "sms-failed")),
        RegistrationError::Unreadable => Err(page.refuse(Refusal::Unreadable)),
        error => Err(page.fail(error)),
    }
}

#[derive(Template)]
#[template(path = "venue/confirm.html")]
struct ConfirmPage<'a> {
    page: &'a Page,
    pending: &'a str,
    phone: &'a str,
    sent_again: bool,
    problems: Problems,
}

fn ask_for_code(
    page: &Page,
    status: StatusCode,
    pending: &str,
    phone: &Phone,
    sent_again: bool,
    problems: Problems,
) -> Result<Response, PageError> {
    page.html_with(
        status,
        &ConfirmPage { page, pending, phone: phone.as_str(), sent_again, problems },
    )
}

/// What the confirmation holds.
#[derive(Deserialize)]
pub struct ConfirmForm {
    #[serde(default)]
    pending: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    again: String,
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
    let again = |status, text: String| {
        let problems = Problems::of_field("code", text);
        ask_for_code(&page, status, &form.pending, &phone, false, problems)
    };
    if !form.again.is_empty() {
        return match registration::send_code(&app, &phone, page.language).await {
            Ok(()) => {
                let none = Problems::default();
                ask_for_code(&page, StatusCode::OK, &form.pending, &phone, true, none)
            }
            Err(error) => {
                let (status, text) = refused(&page, error)?;
                again(status, page.t(text))
            }
        };
    }
    let Some(code) = PhoneCode::parse(&form.code) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, page.t("confirm-malformed"));
    };
    match pending.confirm(&app, &code).await {
        Ok(Confirmed::Registered(account)) => sign_in(&page, &account).await,
        Ok(Confirmed::WrongCode { left }) => {
            let text = page.n1("confirm-wrong", "left", left);
            again(StatusCode::UNPROCESSABLE_ENTITY, text)
        }
        Ok(Confirmed::NoCode) => again(StatusCode::UNPROCESSABLE_ENTITY, page.t("confirm-no-code")),
        Ok(Confirmed::PhoneTaken) => Ok(page.go("/venue/login", "phone-taken")),
        Err(error) => {
            let (status, text) = refused(&page, error)?;
            again(status, page.t(text))
        }
    }
}
