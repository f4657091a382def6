//! A verification code for a case, issued by form: to be read aloud, scanned, or sent.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::verification_code::SHORT_CODE_DIGITS;

use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal as PageRefusal};
use super::super::problems::Problems;
use super::super::qr;
use super::super::session::StaffSession;
use super::code_state;
use crate::domain::codes::{CodeKind, MAX_UUID_CHARACTERS, grouped, random_uuid};
use crate::domain::diagnosis::{DateError, Diagnosis, TestType, parse_day};
use crate::domain::permissions::Permission;
use crate::domain::phone::Phone;
use crate::services::codes::{CodeOrder, NotSent, Shown, issue_and_show};
use crate::services::refusal::Refusal;

/// What the officer typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CodeForm {
    /// Drawn with the form: one form issues one code.
    request: String,
    test_type: String,
    symptom_date: String,
    test_date: String,
    kind: String,
    phone: String,
}

#[derive(Template)]
#[template(path = "staff/codes.html")]
struct CodesPage<'a> {
    page: &'a Page,
    form: &'a CodeForm,
    can_send: bool,
    problems: &'a Problems,
}

#[derive(Template)]
#[template(path = "staff/code.html")]
struct CodePage<'a> {
    page: &'a Page,
    /// In groups, to be read aloud.
    code: String,
    svg: String,
    until: UnixTime,
    id: &'a str,
    /// Short ones were asked for and are stopped.
    is_long_instead: bool,
    /// `none`, `sent`, `not-sent` or `too-many`.
    message: &'static str,
}

#[derive(Template)]
#[template(path = "staff/code_issued.html")]
struct IssuedBeforePage<'a> {
    page: &'a Page,
    id: &'a str,
}

/// The page of a code's state.
fn state_page(page: &Page, id: &str) -> String {
    page.href(&code_state::path_of(id))
}

impl CodePage<'_> {
    fn state_page(&self) -> String {
        state_page(self.page, self.id)
    }
}

impl IssuedBeforePage<'_> {
    fn state_page(&self) -> String {
        state_page(self.page, self.id)
    }
}

/// `GET /staff/codes`.
pub(super) async fn page(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::CodesIssue)?;
    let form = CodeForm { request: random_uuid(&mut rand::rng()), ..CodeForm::default() };
    show(&session.page, StatusCode::OK, &form, &Problems::default())
}

fn show(
    page: &Page,
    status: StatusCode,
    form: &CodeForm,
    problems: &Problems,
) -> Result<Response, PageError> {
    let can_send = page.app.sms.is_configured();
    page.html_with(status, &CodesPage { page, form, can_send, problems })
}

/// `POST /staff/codes`: the code is shown in the answer and nowhere else. The same form again issues no
/// second one.
pub(super) async fn issue(
    session: StaffSession,
    PostForm(form): PostForm<CodeForm>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::CodesIssue)?;
    let page = &session.page;
    if !(16..=MAX_UUID_CHARACTERS).contains(&form.request.len()) {
        return Err(page.refuse(PageRefusal::Unreadable));
    }
    let (order, phone) = match read(page, &form) {
        Ok(read) => read,
        Err(problems) => return show(page, StatusCode::UNPROCESSABLE_ENTITY, &form, &problems),
    };
    match issue_and_show(&page.app, &order, phone.as_ref(), &session.actor()).await {
        Ok(shown) => result(page, &order, &shown),
        Err(Refusal::UuidExists) => {
            page.html_with(StatusCode::CONFLICT, &IssuedBeforePage { page, id: &form.request })
        }
        Err(Refusal::Busy) => Err(page.refuse(PageRefusal::Busy)),
        Err(refusal) => Err(page.fail(refusal)),
    }
}

fn read(page: &Page, form: &CodeForm) -> Result<(CodeOrder, Option<Phone>), Problems> {
    let mut problems = Problems::default();
    let diagnosis = read_diagnosis(page, form, &mut problems);
    let kind = if form.kind == "long" { CodeKind::Long } else { CodeKind::Short };
    let phone = match form.phone.trim() {
        "" => None,
        typed => {
            let phone = typed.parse::<Phone>();
            phone.map_err(|_| problems.add("phone", page.t("wrong-phone"))).ok()
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok((CodeOrder::with_id(diagnosis, kind, form.request.clone()), phone))
}

fn read_diagnosis(page: &Page, form: &CodeForm, problems: &mut Problems) -> Diagnosis {
    let test_type = TestType::from_name(&form.test_type);
    if test_type.is_none() {
        problems.add("test_type", page.t("warn-test-type-unknown"));
    }
    let today = page.app.config.today(page.now());
    let mut day = |field, text: &str| {
        let day = parse_day(text.trim(), today);
        day.unwrap_or_else(|error| {
            problems.add(field, page.named("code-date", date_error(error)));
            None
        })
    };
    let symptom_day = day("symptom_date", &form.symptom_date);
    let test_day = day("test_date", &form.test_date);
    Diagnosis { test_type: test_type.unwrap_or(TestType::Confirmed), symptom_day, test_day }
}

/// By which a text says what is wrong with a date.
pub(super) const fn date_error(error: DateError) -> &'static str {
    match error {
        DateError::Malformed => "malformed",
        DateError::OutOfRange => "range",
    }
}

fn result(page: &Page, order: &CodeOrder, shown: &Shown) -> Result<Response, PageError> {
    let issued = &shown.issued;
    let is_long = issued.code.len() != SHORT_CODE_DIGITS;
    page.html(&CodePage {
        page,
        code: grouped(&issued.code),
        svg: qr::svg(&issued.code).map_err(|error| page.fail(error))?,
        until: UnixTime::from_secs(u64::try_from(issued.expires_at_timestamp).unwrap_or_default()),
        id: &issued.uuid,
        is_long_instead: is_long && order.kind == CodeKind::Short,
        message: match shown.sent {
            None => "none",
            Some(Ok(())) => "sent",
            Some(Err(NotSent::TooMany)) => "too-many",
            Some(Err(NotSent::Gateway(_))) => "not-sent",
        },
    })
}
