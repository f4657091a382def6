//! Keys of staff's programs.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::StaffSession;
use crate::domain::api_keys::{ApiKeyId, ApiKeySecret, MAX_API_KEY_NAME_BYTES, MAX_OPEN_API_KEYS};
use crate::domain::permissions::{Permission, Permissions};
use crate::domain::venues::line;
use crate::services::api_keys::{self, ApiKeyError, ApiKeyState};
use crate::storage::api_keys::ApiKey;

/// Begins the names of the fields that give a permission.
const MAY: &str = "may-";

#[derive(Template)]
#[template(path = "staff/api_keys.html")]
struct ApiKeysPage<'a> {
    page: &'a Page,
    keys: Vec<(ApiKey, ApiKeyState)>,
    /// What a new key can be given.
    offered: Vec<Permission>,
    form: &'a NewKey,
    made: Option<Made<'a>>,
    is_writer: bool,
    problems: Problems,
}

/// A key that was made, shown once.
struct Made<'a> {
    name: &'a str,
    secret: ApiKeySecret,
}

impl ApiKeysPage<'_> {
    fn name_of(&self, key: &ApiKey) -> String {
        if key.is_from_file { self.page.t("api-key-of-file") } else { key.name.clone() }
    }

    fn colour(&self, state: &ApiKeyState) -> &'static str {
        if *state == ApiKeyState::InUse { "valid" } else { "" }
    }

    fn is_in_use(&self, state: &ApiKeyState) -> bool {
        *state == ApiKeyState::InUse
    }
}

/// What a new key is called, and what it may do.
#[derive(Default, Deserialize)]
pub struct NewKey {
    #[serde(default)]
    name: String,
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

impl NewKey {
    fn is_ticked(&self, permission: &Permission) -> bool {
        self.fields.contains_key(&format!("{MAY}{}", permission.name()))
    }

    fn permissions(&self) -> Permissions {
        let ticked = Permission::ALL.into_iter().filter(|permission| self.is_ticked(permission));
        Permissions::of(&ticked.collect::<Vec<_>>())
    }
}

/// `GET /staff/api-keys`.
pub async fn list(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::ApiKeysRead)?;
    show(&session, StatusCode::OK, &NewKey::default(), None, Problems::default()).await
}

async fn show(
    session: &StaffSession,
    status: StatusCode,
    form: &NewKey,
    made: Option<Made<'_>>,
    problems: Problems,
) -> Result<Response, PageError> {
    let page = &session.page;
    let giver = session.giver();
    let may_give = |permission: &Permission| giver.may_give(Permissions::of(&[*permission]));
    let offered = Permission::OF_API_KEYS.into_iter().filter(may_give).collect();
    let keys = api_keys::all(&page.app).await.map_err(|error| page.fail(error))?;
    let is_writer = session.require_permission(Permission::ApiKeysWrite).is_ok();
    page.html_with(status, &ApiKeysPage { page, keys, offered, form, made, is_writer, problems })
}

/// `POST /staff/api-keys`.
pub async fn add(
    session: StaffSession,
    PostForm(form): PostForm<NewKey>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::ApiKeysWrite)?;
    let page = &session.page;
    let permissions = form.permissions();
    let mut problems = Problems::default();
    let name = line(&form.name, 1, MAX_API_KEY_NAME_BYTES);
    if name.is_none() {
        problems.add("name", page.t("api-key-name-wrong"));
    }
    if permissions.is_empty() {
        problems.add("permissions", page.t("api-key-permissions-missing"));
    }
    let again = |problems| show(&session, StatusCode::UNPROCESSABLE_ENTITY, &form, None, problems);
    let Some(name) = name.filter(|_| problems.is_empty()) else {
        return again(problems).await;
    };
    match api_keys::add(&page.app, &name, permissions, &session.giver()).await {
        Ok((_, secret)) => {
            let made = Some(Made { name: &name, secret });
            let empty = NewKey::default();
            show(&session, StatusCode::OK, &empty, made, Problems::default()).await
        }
        Err(ApiKeyError::TooMany) => {
            let text = page.n1("api-keys-too-many", "most", MAX_OPEN_API_KEYS);
            again(Problems::of_form(text)).await
        }
        Err(error) => Err(refused(page, error)),
    }
}

fn refused(page: &Page, error: ApiKeyError) -> PageError {
    match error {
        ApiKeyError::MoreThanOwn => page.refuse(Refusal::MoreThanOwn),
        ApiKeyError::Permissions => page.refuse(Refusal::Unreadable),
        ApiKeyError::TooMany => page.refuse(Refusal::Conflict),
        ApiKeyError::Unknown => page.refuse(Refusal::NotFound),
        ApiKeyError::Store(error) => page.fail(error),
    }
}

/// `POST /staff/api-keys/{key}/disable`: for good.
pub async fn disable(
    session: StaffSession,
    Path(key): Path<ApiKeyId>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::ApiKeysWrite)?;
    let page = &session.page;
    let found = api_keys::find(&page.app, key).await.map_err(|error| refused(page, error))?;
    if !sure.is_given() {
        let name = if found.is_from_file { page.t("api-key-of-file") } else { found.name };
        let asked = Confirmation {
            title: page.t1("api-key-disable-sure", "name", name),
            consequences: vec![page.t("api-key-disable-text")],
            button: page.t("api-key-disable"),
            action: format!("/staff/api-keys/{key}/disable"),
            back: "/staff/api-keys".into(),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    api_keys::disable(&page.app, key, &session.giver())
        .await
        .map_err(|error| refused(page, error))?;
    Ok(page.go("/staff/api-keys", "api-key-disabled"))
}
