//! A forgotten password or a lost authenticator app: a code to the venue's telephone.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::form::PostForm;
use super::super::login::{sign_in, weak_password};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use crate::domain::accounts::{Login, Password};
use crate::domain::password_strength;
use crate::domain::phone::{Phone, PhoneCode};
use crate::services::account_reset::{self, Reset};
use crate::services::app::App;
use crate::services::login::LoginError;
use crate::storage::phone_codes::PhoneCodeCheck;

#[derive(Template)]
#[template(path = "venue/forgot.html")]
struct ForgotPage<'a> {
    page: &'a Page,
    phone: &'a str,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "venue/reset.html")]
struct ResetPage<'a> {
    page: &'a Page,
    phone: &'a str,
    problems: Problems,
}

/// Whose password is forgotten.
#[derive(Deserialize)]
pub struct ForgotForm {
    #[serde(default)]
    phone: String,
}

/// The code and the new password.
#[derive(Deserialize)]
pub struct ResetForm {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    new_password: Password,
    #[serde(default)]
    new_password_again: Password,
}

/// `GET /venue/forgot`.
pub async fn form(page: Page) -> Result<Response, PageError> {
    page.html(&ForgotPage { page: &page, phone: "", problems: Problems::default() })
}

/// `POST /venue/forgot`: sends a code, and says the same whether or not it did.
pub async fn send(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<ForgotForm>,
) -> Result<Response, PageError> {
    let Ok(phone) = form.phone.parse::<Phone>() else {
        let problems = Problems::of_field("phone", page.t("wrong-phone"));
        let again = ForgotPage { page: &page, phone: &form.phone, problems };
        return page.html_with(StatusCode::UNPROCESSABLE_ENTITY, &again);
    };
    let sent = account_reset::send_code(&app, &phone, page.language).await;
    sent.map_err(|error| page.fail(error))?;
    page.html(&ResetPage { page: &page, phone: phone.as_str(), problems: Problems::default() })
}

/// `POST /venue/reset`: the new password, with the code.
pub async fn reset(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<ResetForm>,
) -> Result<Response, PageError> {
    let Ok(phone) = form.phone.parse::<Phone>() else {
        return Ok(page.go("/venue/forgot", ""));
    };
    let again = |status, problems| {
        page.html_with(status, &ResetPage { page: &page, phone: phone.as_str(), problems })
    };
    let mut problems = Problems::default();
    let code = PhoneCode::parse(&form.code);
    if code.is_none() {
        problems.add("code", page.t("confirm-malformed"));
    }
    // The venue's name is not looked at: it would be shown to anyone who knows only the telephone.
    let login = Login::from(phone.clone());
    if let Err(weak) = password_strength::check(&form.new_password, Some(&login), &[]) {
        problems.add("new_password", weak_password(&page, weak));
    }
    if form.new_password.expose() != form.new_password_again.expose() {
        problems.add("new_password_again", page.t("password-differs"));
    }
    let (Some(code), true) = (code, problems.is_empty()) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, problems);
    };
    match account_reset::reset(&app, &phone, &code, form.new_password).await {
        Ok(Reset::Done(account)) => sign_in(&page, &account).await,
        Ok(Reset::Code(PhoneCodeCheck::Wrong { left })) => {
            let text = page.n1("confirm-wrong", "left", left);
            again(StatusCode::UNPROCESSABLE_ENTITY, Problems::of_field("code", text))
        }
        Ok(Reset::Code(_)) => {
            again(StatusCode::UNPROCESSABLE_ENTITY, Problems::of_form(page.t("reset-no-code")))
        }
        Err(LoginError::Busy(_)) => Err(page.refuse(Refusal::Busy)),
        Err(error) => Err(page.fail(error)),
    }
}
