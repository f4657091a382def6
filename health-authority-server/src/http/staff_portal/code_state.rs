//! What became of a code, by its id, and ending it. Nobody can list codes here.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal as PageRefusal};
use super::super::problems::Problems;
use super::super::session::StaffSession;
use crate::domain::codes::CodeState;
use crate::domain::permissions::Permission;
use crate::services::code_states::{self, CodeId, CodeStatus};
use crate::services::refusal::Refusal;

const PATH: &str = "/staff/codes/state";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Revocation {
    id: String,
    #[serde(flatten)]
    sure: Sure,
}

struct Found {
    status: CodeStatus,
    /// By which the audit log names it.
    number: i64,
}

#[derive(Template)]
#[template(path = "staff/code_state.html")]
struct StatePage<'a> {
    page: &'a Page,
    typed: &'a str,
    found: Option<Found>,
    problems: Problems,
}

impl StatePage<'_> {
    fn is_revocable(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.status.state == CodeState::Unused)
    }
}

/// `GET /staff/codes/state`: without an id, the form only.
pub(super) async fn page(
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::CodesRead)?;
    let page = &session.page;
    if asked.id.trim().is_empty() {
        let problems = Problems::default();
        return page.html(&StatePage { page, typed: "", found: None, problems });
    }
    show(page, &asked.id, Problems::default()).await
}

/// Where the state of the code with this id is.
pub(super) fn path_of(id: &str) -> String {
    let query = serde_urlencoded::to_string([("id", id)]).unwrap_or_default();
    format!("{PATH}?{query}")
}

/// `POST /staff/codes/revoke`.
pub(super) async fn revoke(
    session: StaffSession,
    PostForm(form): PostForm<Revocation>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::CodesRevoke)?;
    let page = &session.page;
    let id = match CodeId::read(&page.app, &form.id) {
        Ok(id) => id,
        Err(_) => return show(page, &form.id, Problems::default()).await,
    };
    if !form.sure.is_given() {
        let asked = Confirmation {
            title: page.t("code-revoke-sure"),
            consequences: vec![page.t("code-revoke-text"), page.t("code-revoke-used-text")],
            button: page.t("code-revoke"),
            action: "/staff/codes/revoke".into(),
            fields: vec![("id", form.id.trim().to_owned())],
            back: path_of(form.id.trim()),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    match code_states::revoke(&page.app, &id, &session.actor()).await {
        Ok(_) => Ok(page.go(PATH, "code-revoked")),
        Err(Refusal::CodeNotUnused(_)) => {
            show(page, &form.id, Problems::of_form(page.t("code-not-revoked"))).await
        }
        Err(Refusal::CodeIdUnknown) => show(page, &form.id, Problems::default()).await,
        Err(refusal) => Err(failed(page, refusal)),
    }
}

/// The state of the code with this id, and what else is wrong.
async fn show(page: &Page, id: &str, mut problems: Problems) -> Result<Response, PageError> {
    let asked = async {
        let code = CodeId::read(&page.app, id)?;
        let status = code_states::status(&page.app, &code).await?;
        Ok(Found { status, number: code.log_number() })
    };
    let found = match asked.await {
        Ok(found) => Some(found),
        Err(Refusal::CodeIdUnknown | Refusal::LongUuid) => {
            problems.add("id", page.t("code-id-unknown"));
            None
        }
        Err(refusal) => return Err(failed(page, refusal)),
    };
    let status =
        if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.html_with(status, &StatePage { page, typed: id.trim(), found, problems })
}

fn failed(page: &Page, refusal: Refusal) -> PageError {
    match refusal {
        Refusal::Busy => page.refuse(PageRefusal::Busy),
        refusal => page.fail(refusal),
    }
}
