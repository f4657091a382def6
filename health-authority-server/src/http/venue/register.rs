//! Registration: the form, and the confirmation of the telephone. Until the code was typed, nothing
//! of it is kept here: the form comes back sealed from the browser.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::seal::{open, seal};

use super::super::form::PostForm;
use super::super::login::{sign_in, weak_password};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use crate::domain::accounts::{Login, Password};
use crate::domain::phone::{CODE_SECONDS, Phone, PhoneCode};
use crate::domain::venues::{Field, Kind, Registration, TypedRegistration};
use crate::services::app::App;
use crate::services::sms::SmsError;
use crate::storage::venues::{NewVenue, Registered};

const LABEL: &str = "VX-PENDING-REGISTRATION";
/// An unfinished registration is worth as long as a few codes.
const PENDING_SECONDS: u64 = 3_600;

#[derive(Template)]
#[template(path = "venue/register.html")]
struct RegisterPage<'a> {
    page: &'a Page,
    form: &'a TypedRegistration,
    phone: &'a str,
    kinds: [Kind; 11],
    wrong: Vec<Field>,
    problems: Vec<String>,
}

impl RegisterPage<'_> {
    fn is_wrong(&self, name: &str) -> bool {
        self.wrong.iter().any(|field| field.name() == name)
    }
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

/// A registration on its way through the browser, sealed.
#[derive(Serialize, Deserialize)]
struct Pending {
    #[serde(flatten)]
    venue: TypedRegistration,
    phone: String,
    password_hash: String,
    expires_at: UnixTime,
}

/// `GET /venue/register`.
pub async fn form(page: Page) -> Result<Response, PageError> {
    if page.is_signed_in() {
        return Ok(page.go("/venue", ""));
    }
    show(&page, StatusCode::OK, &RegisterForm::default(), Vec::new(), Vec::new())
}

fn show(
    page: &Page,
    status: StatusCode,
    form: &RegisterForm,
    wrong: Vec<Field>,
    mut problems: Vec<String>,
) -> Result<Response, PageError> {
    problems.splice(0..0, wrong.iter().map(|field| page.named("wrong", field.name())));
    let (phone, form) = (form.phone.as_str(), &form.venue);
    let kinds = Kind::ALL;
    page.html_with(status, &RegisterPage { page, form, phone, kinds, wrong, problems })
}

/// `POST /venue/register`: sends a code to the telephone.
pub async fn register(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<RegisterForm>,
) -> Result<Response, PageError> {
    let wrong = Registration::read(&form.venue).err().unwrap_or_default();
    let phone: Result<Phone, _> = form.phone.parse();
    let mut problems = Vec::new();
    if phone.is_err() {
        problems.push(page.t("wrong-phone"));
    }
    let login = phone.clone().ok().map(Login::from);
    if let Err(weak) = form.password.check(login.as_ref()) {
        problems.push(weak_password(&page, weak));
    }
    if form.password.expose() != form.password_again.expose() {
        problems.push(page.t("password-differs"));
    }
    let (true, true, Ok(phone)) = (wrong.is_empty(), problems.is_empty(), phone) else {
        return show(&page, StatusCode::UNPROCESSABLE_ENTITY, &form, wrong, problems);
    };
    if let Err((status, problem)) = send_code(&page, &phone).await? {
        return show(&page, status, &form, Vec::new(), vec![problem]);
    }
    let password_hash =
        app.hash_password(form.password.clone()).await.map_err(|error| page.fail(error))?;
    let pending = Pending {
        venue: form.venue,
        phone: phone.as_str().to_owned(),
        password_hash,
        expires_at: page.now().plus(PENDING_SECONDS),
    };
    let sealed = pending.seal(&page)?;
    ask_for_code(&page, StatusCode::OK, &sealed, &phone, None)
}

/// Sends a fresh code, unless too many were sent.
async fn send_code(
    page: &Page,
    phone: &Phone,
) -> Result<Result<(), (StatusCode, String)>, PageError> {
    let app = &page.app;
    if !app.messages.attempt(phone.as_str(), page.now()) {
        return Ok(Err((StatusCode::TOO_MANY_REQUESTS, page.t("confirm-too-many"))));
    }
    let code = PhoneCode::generate(&mut rand::rng());
    let key = &app.keys.account_hash;
    let expires_at = page.now().plus(CODE_SECONDS);
    app.store
        .set_phone_code(&phone.hash(key), &code.hash(phone, key), expires_at)
        .await
        .map_err(|error| page.fail(error))?;
    let arguments = [
        ("code", code.expose().into()),
        ("authority", page.authority().into()),
        ("minutes", (CODE_SECONDS / 60).into()),
    ];
    match app.sms.send(phone, &page.with("sms-code", &arguments)).await {
        Ok(()) => Ok(Ok(())),
        Err(error) => {
            tracing::error!(%error, "a code could not be sent");
            let text = match error {
                SmsError::NotConfigured => "sms-not-configured",
                SmsError::Unreachable(_) | SmsError::Refused(_) => "sms-failed",
            };
            Ok(Err((StatusCode::SERVICE_UNAVAILABLE, page.t(text))))
        }
    }
}

#[derive(Template)]
#[template(path = "venue/confirm.html")]
struct ConfirmPage<'a> {
    page: &'a Page,
    pending: &'a str,
    phone: &'a str,
    problem: Option<String>,
}

fn ask_for_code(
    page: &Page,
    status: StatusCode,
    pending: &str,
    phone: &Phone,
    problem: Option<String>,
) -> Result<Response, PageError> {
    page.html_with(status, &ConfirmPage { page, pending, phone: phone.as_str(), problem })
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
    let Some(pending) = Pending::open(&page, &form.pending) else {
        return Ok(page.go("/venue/register", "registration-old"));
    };
    let unreadable = || page.refuse(Refusal::Unreadable);
    let phone: Phone = pending.phone.parse().map_err(|_| unreadable())?;
    let again =
        |status, text: String| ask_for_code(&page, status, &form.pending, &phone, Some(text));
    if !form.again.is_empty() {
        return match send_code(&page, &phone).await? {
            Ok(()) => again(StatusCode::OK, page.t("confirm-sent-again")),
            Err((status, problem)) => again(status, problem),
        };
    }
    let Some(code) = PhoneCode::parse(&form.code) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, page.t("confirm-malformed"));
    };
    let registration = Registration::read(&pending.venue).map_err(|_| unreadable())?;
    let key = &app.keys.account_hash;
    let new = NewVenue {
        registration: &registration,
        phone: &phone,
        phone_hash: phone.hash(key),
        code_hash: code.hash(&phone, key),
        password: &pending.password_hash,
    };
    let registered =
        app.store.register_venue(&new, page.now()).await.map_err(|error| page.fail(error))?;
    match registered {
        Registered::Yes { .. } => {
            let credentials = app.store.credentials(phone.as_str()).await;
            let credentials = credentials.map_err(|error| page.fail(error))?;
            let credentials = credentials.ok_or_else(|| page.fail("the new account is gone"))?;
            sign_in(&page, &credentials.account).await
        }
        Registered::WrongCode { left } => {
            let text = page.n1("confirm-wrong", "left", left);
            again(StatusCode::UNPROCESSABLE_ENTITY, text)
        }
        Registered::NoCode => again(StatusCode::UNPROCESSABLE_ENTITY, page.t("confirm-no-code")),
        Registered::PhoneTaken => Ok(page.go("/venue/login", "phone-taken")),
    }
}

impl Pending {
    fn seal(&self, page: &Page) -> Result<String, PageError> {
        let json = serde_json::to_vec(self).map_err(|error| page.fail(error))?;
        let sealed = seal(&page.app.keys.account_seal, LABEL, b"", &json, &mut rand::rng());
        Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    /// `None` when it is not ours or too old.
    fn open(page: &Page, sealed: &str) -> Option<Self> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let json = open(&page.app.keys.account_seal, LABEL, b"", &sealed).ok()?;
        let pending: Self = serde_json::from_slice(&json).ok()?;
        (page.now() < pending.expires_at).then_some(pending)
    }
}
