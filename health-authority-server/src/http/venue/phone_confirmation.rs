//! The page that asks for the code that was sent to a venue's telephone.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::problems::Problems;
use crate::domain::phone::{Phone, PhoneCode};
use crate::services::phone_confirmation::{CodeNotSent, Confirming};
use crate::services::sms::SmsError;

/// What a confirmation is for, and what its page says.
pub(super) struct Step {
    confirming: Confirming,
    /// Where its forms are sent to.
    path: &'static str,
    title: &'static str,
    progress: &'static str,
    button: &'static str,
    /// Where another telephone can be typed, and what leads there.
    back: (&'static str, &'static str),
}

pub(super) const REGISTRATION: Step = Step {
    confirming: Confirming::Registration,
    path: "/venue/confirm",
    title: "confirm-title",
    progress: "register-progress",
    button: "confirm-button",
    back: ("/venue/register", "confirm-other-phone"),
};

pub(super) const CHANGE: Step = Step {
    confirming: Confirming::Change,
    path: "/venue/change/confirm",
    title: "changes-confirm-title",
    progress: "changes-confirm-progress",
    button: "changes-send",
    back: ("/venue/change", "confirm-other-phone"),
};

/// What the confirmation holds.
#[derive(Deserialize)]
pub struct ConfirmForm {
    #[serde(default)]
    pub(super) pending: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    again: String,
}

#[derive(Template)]
#[template(path = "venue/confirm.html")]
struct ConfirmPage<'a> {
    page: &'a Page,
    step: &'static Step,
    pending: &'a str,
    phone: &'a str,
    sent_again: bool,
    problems: Problems,
}

/// A form that waits for its code.
pub(super) struct Waiting<'a> {
    pub(super) page: &'a Page,
    pub(super) step: &'static Step,
    /// The form, sealed.
    pub(super) pending: &'a str,
    pub(super) phone: &'a Phone,
}

impl Waiting<'_> {
    /// The page.
    pub(super) fn ask(&self) -> Result<Response, PageError> {
        self.show(StatusCode::OK, false, Problems::default())
    }

    /// The page again, with what is wrong with the code.
    pub(super) fn wrong(&self, text: String) -> Result<Response, PageError> {
        self.refused(StatusCode::UNPROCESSABLE_ENTITY, text)
    }

    /// The same with another status.
    pub(super) fn refused(&self, status: StatusCode, text: String) -> Result<Response, PageError> {
        self.show(status, false, Problems::of_field("code", text))
    }

    /// The code that was typed; or the answer where it is none, or another was asked for.
    pub(super) async fn typed(
        &self,
        form: &ConfirmForm,
    ) -> Result<Result<PhoneCode, Response>, PageError> {
        let page = self.page;
        if form.again.is_empty() {
            let malformed = || self.wrong(page.t("confirm-malformed"));
            return PhoneCode::parse(&form.code)
                .map_or_else(|| malformed().map(Err), |code| Ok(Ok(code)));
        }
        let sent = self.step.confirming.send_code(&page.app, self.phone, page.language).await;
        let answer = match sent {
            Ok(()) => self.show(StatusCode::OK, true, Problems::default()),
            Err(error) => {
                let (status, text) = not_sent(page, error)?;
                self.refused(status, page.t(text))
            }
        };
        answer.map(Err)
    }

    fn show(
        &self,
        status: StatusCode,
        sent_again: bool,
        problems: Problems,
    ) -> Result<Response, PageError> {
        let Self { page, step, pending, phone } = *self;
        let phone = phone.as_str();
        page.html_with(status, &ConfirmPage { page, step, pending, phone, sent_again, problems })
    }
}

/// The status and text of a code that is not sent.
pub(super) fn not_sent(
    page: &Page,
    error: CodeNotSent,
) -> Result<(StatusCode, &'static str), PageError> {
    match error {
        CodeNotSent::TooMany => Ok((StatusCode::TOO_MANY_REQUESTS, "confirm-too-many")),
        CodeNotSent::Gateway(SmsError::NotConfigured) => {
            Ok((StatusCode::SERVICE_UNAVAILABLE, "sms-not-configured"))
        }
        CodeNotSent::Gateway(_) => Ok((StatusCode::SERVICE_UNAVAILABLE, "sms-failed")),
        CodeNotSent::Store(error) => Err(page.fail(error)),
    }
}
