//! The first start: who has the link that the server printed makes the first administrator.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::form::PostForm;
use super::super::login::{sign_in, weak_password};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::accounts::name_and_login;
use crate::domain::accounts::{Login, Password};
use crate::domain::password_strength;
use crate::services::app::App;
use crate::services::first_start::{self, FirstStartError};

#[derive(Template)]
#[template(path = "staff/first_start.html")]
struct FirstStartPage<'a> {
    page: &'a Page,
    form: &'a FirstForm,
    problems: Problems,
}

/// Says no more than that the link does not work: not why, and not whether there is an administrator.
#[derive(Template)]
#[template(path = "staff/first_start_refused.html")]
struct RefusedPage<'a> {
    page: &'a Page,
    text: &'static str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FirstForm {
    token: String,
    name: String,
    login: String,
    password: Password,
    password_again: Password,
}

/// The token of a link.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// `GET /staff/start`.
pub async fn page(
    page: Page,
    State(app): State<Arc<App>>,
    Query(link): Query<Link>,
) -> Result<Response, PageError> {
    match first_start::check(&app, &link.token).await {
        Ok(_) => {
            let form = FirstForm { token: link.token, ..FirstForm::default() };
            page.html(&FirstStartPage { page: &page, form: &form, problems: Problems::default() })
        }
        Err(error) => refuse(&page, error),
    }
}

fn refuse(page: &Page, error: FirstStartError) -> Result<Response, PageError> {
    let (status, text) = match error {
        FirstStartError::TooMany => (StatusCode::TOO_MANY_REQUESTS, "first-start-too-many"),
        FirstStartError::Busy(_) => return Err(page.refuse(Refusal::Busy)),
        FirstStartError::Store(error) => return Err(page.fail(error)),
        _ => (StatusCode::FORBIDDEN, "first-start-refused"),
    };
    page.html_with(status, &RefusedPage { page, text })
}

/// `POST /staff/start`: makes the first administrator, who is logged in and sets up an authenticator app next.
pub async fn make(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<FirstForm>,
) -> Result<Response, PageError> {
    let token = match first_start::check(&app, &form.token).await {
        Ok(token) => token,
        Err(error) => return refuse(&page, error),
    };
    let again = |problems| {
        let shown = FirstStartPage { page: &page, form: &form, problems };
        page.html_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
    };
    let mut problems = Problems::default();
    let (name, login) = name_and_login(&page, &form.name, &form.login, &mut problems);
    check_password(&page, &form, login.as_ref(), &mut problems);
    let (Some(name), Some(login), true) = (name, login, problems.is_empty()) else {
        return again(problems);
    };
    match first_start::make(&app, &token, &login, &name, form.password.clone()).await {
        Ok(account) => sign_in(&page, &account).await,
        Err(FirstStartError::LoginTaken) => {
            again(Problems::of_field("login", page.t("account-login-taken")))
        }
        Err(error) => refuse(&page, error),
    }
}

fn check_password(page: &Page, form: &FirstForm, login: Option<&Login>, problems: &mut Problems) {
    if let Err(weak) = password_strength::check(&form.password, login, &[&form.name]) {
        problems.add("password", weak_password(page, weak));
    }
    if form.password.expose() != form.password_again.expose() {
        problems.add("password_again", page.t("password-differs"));
    }
}
