//! Codes for a list of cases: the page whose script reads the list, and its lines, one by one.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::checkin::script_page;
use super::super::form::{Failed, PostJson};
use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::reply::plain;
use super::super::session::StaffSession;
use super::codes::date_error;
use crate::domain::diagnosis::{Diagnosis, MAX_DAYS_BACK, TestType, format_day, parse_day};
use crate::domain::permissions::Permission;
use crate::domain::phone::Phone;
use crate::services::codes::{CodeOrder, issue_and_send};
use crate::services::refusal::Refusal;

const PATH: &str = "/staff/codes/list";

#[derive(Template)]
#[template(path = "staff/code_list.html")]
struct ListPage<'a> {
    page: &'a Page,
    can_send: bool,
    data: String,
}

/// `GET /staff/codes/list`.
pub(super) async fn page(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::CodesIssueBulk)?;
    let page = &session.page;
    let types: Map<String, Value> = ["confirmed", "likely", "negative"]
        .into_iter()
        .map(|name| (name.to_owned(), page.named("type", name).into()))
        .collect();
    let mut data = Map::new();
    data.insert("path".into(), page.href(PATH).into());
    data.insert("today".into(), format_day(Some(page.app.config.today(page.now()))).into());
    data.insert("daysBack".into(), MAX_DAYS_BACK.into());
    data.insert("types".into(), types.into());
    let data = script_page(page.language, &["page-codes-"], data);
    let can_send = page.app.sms.is_configured();
    page.html(&ListPage { page, can_send, data })
}

/// A line of the list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Line {
    phone: String,
    test_type: String,
    symptom_date: String,
    test_date: String,
}

/// `POST /staff/codes/list`: JSON of the page's script. The same line again issues no second code, also on
/// another day and from another officer.
pub(super) async fn line(
    session: StaffSession,
    PostJson(line): PostJson<Line>,
) -> Result<Response, Failed> {
    session.require_permission(Permission::CodesIssueBulk)?;
    let page = &session.page;
    let (phone, diagnosis) = match read(page, &line) {
        Ok(read) => read,
        Err(message) => return Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, &message)),
    };
    let order = CodeOrder::of_list(&page.app, &phone, diagnosis);
    let unavailable = |id: &str| Ok(refused(StatusCode::SERVICE_UNAVAILABLE, &page.t(id)));
    match issue_and_send(&page.app, &order, phone.as_str(), &session.actor()).await {
        Ok(issued) => {
            let until = issued.expires_at_timestamp;
            Ok(plain(StatusCode::OK, &json!({"state": "sent", "id": issued.uuid, "until": until})))
        }
        Err(Refusal::UuidExists) => {
            Ok(plain(StatusCode::OK, &json!({"state": "repeated", "id": order.uuid})))
        }
        Err(Refusal::NotSent) => unavailable("code-list-not-sent"),
        Err(Refusal::TooManyMessages) => unavailable("code-list-too-many"),
        Err(Refusal::NoMessages) => unavailable("code-no-messages"),
        Err(Refusal::Busy) => unavailable("refused-busy"),
        Err(refusal) => Err(page.fail(refusal).into()),
    }
}

/// Or what is wrong, in the page's language. The script has said most of it before.
fn read(page: &Page, line: &Line) -> Result<(Phone, Diagnosis), String> {
    let phone = line.phone.parse().map_err(|_| page.t("wrong-phone"))?;
    let test_type = TestType::from_name(&line.test_type);
    let today = page.app.config.today(page.now());
    let day = |text: &str| {
        parse_day(text, today).map_err(|error| page.named("code-date", date_error(error)))
    };
    let diagnosis = Diagnosis {
        test_type: test_type.ok_or_else(|| page.t("warn-test-type-unknown"))?,
        symptom_day: day(&line.symptom_date)?,
        test_day: day(&line.test_date)?,
    };
    Ok((phone, diagnosis))
}

fn refused(status: StatusCode, message: &str) -> Response {
    plain(status, &json!({ "message": message }))
}
