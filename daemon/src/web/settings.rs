//! What the command line lets a person set: the authority, the language, notifications, the diary.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::confirmation::{Confirmation, Sure};
use super::failed::Failed;
use super::form::{Nothing, PostForm};
use super::form_errors::FormErrors;
use super::page::Page;
use crate::control_api::{EnrolRequest, Status};
use crate::engine::EngineError;
use crate::failure::Failure;
use crate::sync::split_enrolment;

/// Hexadecimal digits in one group, for people to compare.
const GROUP_DIGITS: usize = 4;
/// Of an address with its fingerprint.
const MAX_ADDRESS_BYTES: usize = 2_048;

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    page: &'a Page,
    status: &'a Status,
    notifies: bool,
    errors: FormErrors,
    address: String,
}

impl SettingsPage<'_> {
    /// `0123 4567 ...`
    fn fingerprint(&self) -> String {
        let fingerprint =
            self.status.authority.as_ref().map_or("", |authority| authority.fingerprint.as_str());
        let digits: Vec<char> = fingerprint.chars().collect();
        let groups = digits.chunks(GROUP_DIGITS).map(|group| group.iter().collect::<String>());
        groups.collect::<Vec<_>>().join(" ")
    }
}

#[derive(Deserialize)]
pub(super) struct AuthorityForm {
    /// `https://HOST#sha256=FINGERPRINT`
    address: String,
    #[serde(flatten)]
    sure: Sure,
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    form(&page, StatusCode::OK, FormErrors::default(), String::new()).await
}

/// Asks the authority for what is new, now.
pub(super) async fn exchange(
    page: Page,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, Failed> {
    match page.engine().exchange_now().await {
        Ok(()) => Ok(page.go("/settings", "exchanged")),
        Err(error @ (EngineError::NoAuthority | EngineError::Exchange(_))) => {
            let errors = FormErrors::of_field("exchange", page.why(&Failure::from(error)));
            form(&page, StatusCode::BAD_GATEWAY, errors, String::new()).await
        }
        Err(error) => Err(page.fail(error)),
    }
}

pub(super) async fn choose(
    page: Page,
    PostForm(typed): PostForm<AuthorityForm>,
) -> Result<Response, Failed> {
    let address = typed.address.trim().to_owned();
    let split = Some(address.as_str())
        .filter(|address| address.len() <= MAX_ADDRESS_BYTES)
        .and_then(split_enrolment);
    let Some((url, Some(fingerprint))) = split else {
        let errors = FormErrors::of_field("address", page.t("web-authority-address-wrong"));
        return form(&page, StatusCode::UNPROCESSABLE_ENTITY, errors, address).await;
    };
    let present = page.engine().sync.authority().map(|enrolled| enrolled.authority.fingerprint());
    let replaces = present.is_some_and(|present| present != fingerprint);
    if replaces && !typed.sure.is_given() {
        let asked = Confirmation {
            title: page.t("web-authority-replace-title"),
            consequences: vec![page.t1("web-authority-replace-text", "url", url)],
            button: page.t("web-authority-replace"),
            action: "/settings/authority",
            fields: vec![("address", address)],
            back: "/settings",
        };
        return Ok(asked.show(&page));
    }
    let request = EnrolRequest { url: url.to_owned(), fingerprint, replace: replaces };
    match page.engine().enrol(request).await {
        Ok(()) => Ok(page.go("/settings", "authority-chosen")),
        Err(error) => {
            let errors = FormErrors::of_field("address", page.why(&Failure::from(error)));
            form(&page, StatusCode::UNPROCESSABLE_ENTITY, errors, address).await
        }
    }
}

async fn form(
    page: &Page,
    status_code: StatusCode,
    errors: FormErrors,
    address: String,
) -> Result<Response, Failed> {
    let status = page.engine().status().await.map_err(|error| page.fail(error))?;
    let notifies = page.notifies();
    let shown = SettingsPage { page, status: &status, notifies, errors, address };
    Ok(page.html_with(status_code, &shown))
}
