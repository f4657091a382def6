//! One account of the authority's staff: role, a new password, the end.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::session::StaffSession;
use super::accounts::{Row, show_password};
use crate::domain::accounts::{AccountId, Role};
use crate::domain::permissions::Permission;
use crate::services::{second_factor, staff_accounts};
use crate::storage::accounts::Account;

#[derive(Template)]
#[template(path = "staff/account.html")]
struct AccountPage<'a> {
    page: &'a Page,
    row: Row,
    codes_left: u64,
    /// The roles that may be given to it.
    roles: Vec<Role>,
    is_own: bool,
    is_writer: bool,
    /// Whether a way into it may be given.
    is_within: bool,
}

impl AccountPage<'_> {
    const fn is_open(&self) -> bool {
        self.row.account.disabled_at.is_none()
    }
}

async fn find(session: &StaffSession, account: AccountId) -> Result<Account, PageError> {
    let page = &session.page;
    staff_accounts::get(&page.app, account).await.map_err(|error| page.account_error(error))
}

/// The open account that is to be changed.
async fn find_open(session: &StaffSession, account: AccountId) -> Result<Account, PageError> {
    session.require_permission(Permission::AccountsWrite)?;
    let found = find(session, account).await?;
    if found.account == session.account.account {
        return Err(session.page.refuse(Refusal::OwnAccount));
    }
    match found.disabled_at {
        None => Ok(found),
        Some(_) => Err(session.page.refuse(Refusal::Conflict)),
    }
}

/// `GET /staff/accounts/{account}`.
pub async fn page(
    session: StaffSession,
    Path(account): Path<AccountId>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::AccountsRead)?;
    let page = &session.page;
    let found = find(&session, account).await?;
    let left = second_factor::codes_left(&page.app, account).await;
    let giver = session.giver();
    let mut roles = giver.roles();
    roles.retain(|role| *role != found.role);
    let shown = AccountPage {
        page,
        codes_left: left.map_err(|error| page.fail(error))?,
        roles,
        is_own: found.account == session.account.account,
        is_writer: session.require_permission(Permission::AccountsWrite).is_ok(),
        is_within: giver.may_give(found.role.permissions()),
        row: Row::of(page, found),
    };
    page.html(&shown)
}

/// The page that asks before a deed on an account; `id` begins its texts.
fn ask(
    page: &Page,
    account: &Account,
    id: &str,
    path: &str,
    fields: Vec<(&'static str, String)>,
) -> Confirmation {
    Confirmation {
        title: page.t1(&format!("{id}-sure"), "name", &account.name),
        consequences: vec![page.t(&format!("{id}-text"))],
        button: page.t(id),
        action: format!("/staff/accounts/{}/{path}", account.account),
        fields,
        back: format!("/staff/accounts/{}", account.account),
        ..Confirmation::default()
    }
}

#[derive(Default, Deserialize)]
pub struct RoleForm {
    #[serde(default)]
    role: String,
    /// The role that the account had on the page.
    #[serde(default)]
    from: String,
    #[serde(flatten)]
    sure: Sure,
}

/// `POST /staff/accounts/{account}/role`.
pub async fn change_role(
    session: StaffSession,
    Path(account): Path<AccountId>,
    PostForm(form): PostForm<RoleForm>,
) -> Result<Response, PageError> {
    let found = find_open(&session, account).await?;
    let page = &session.page;
    let to = Role::from_name(&form.role).filter(|role| role.is_authority());
    let to = to.ok_or_else(|| page.refuse(Refusal::Unreadable))?;
    if form.from != found.role.name() || to == found.role {
        return Err(page.refuse(Refusal::Conflict));
    }
    let giver = session.giver();
    if !giver.may_give(to.permissions()) {
        return Err(page.refuse(Refusal::MoreThanOwn));
    }
    if !form.sure.is_given() {
        let fields = vec![("role", form.role), ("from", form.from)];
        let mut asked = ask(page, &found, "account-role", "role", fields);
        let said = |role: Role| page.named("role", role.name());
        let may = page.named("role-may", to.name());
        asked.consequences.insert(0, format!("{} → {}: {may}", said(found.role), said(to)));
        return asked.show(page);
    }
    staff_accounts::change_role(&page.app, &found, to, &giver)
        .await
        .map_err(|error| page.account_error(error))?;
    Ok(page.go(&format!("/staff/accounts/{account}"), "role-changed"))
}

/// `POST /staff/accounts/{account}/reset`: a one-time password; the authenticator app is gone.
pub async fn reset(
    session: StaffSession,
    Path(account): Path<AccountId>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    let found = find_open(&session, account).await?;
    let page = &session.page;
    if !session.giver().may_give(found.role.permissions()) {
        return Err(page.refuse(Refusal::MoreThanOwn));
    }
    if !sure.is_given() {
        return ask(page, &found, "account-reset", "reset", Vec::new()).show(page);
    }
    let given = staff_accounts::reset(&page.app, &found, &session.giver()).await;
    let given = given.map_err(|error| page.account_error(error))?;
    show_password(page, "account-was-reset", (account, &found.name, &found.login), &given)
}

/// `POST /staff/accounts/{account}/authenticator`: who lost the app and the recovery codes sets it up again.
pub async fn remove_authenticator(
    session: StaffSession,
    Path(account): Path<AccountId>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    let found = find_open(&session, account).await?;
    let page = &session.page;
    if !found.has_totp {
        return Err(page.refuse(Refusal::Conflict));
    }
    if !session.giver().may_give(found.role.permissions()) {
        return Err(page.refuse(Refusal::MoreThanOwn));
    }
    if !sure.is_given() {
        return ask(page, &found, "account-app", "authenticator", Vec::new()).show(page);
    }
    staff_accounts::remove_authenticator(&page.app, &found, &session.giver())
        .await
        .map_err(|error| page.account_error(error))?;
    Ok(page.go(&format!("/staff/accounts/{account}"), "app-removed"))
}

/// `POST /staff/accounts/{account}/close`: for good.
pub async fn close(
    session: StaffSession,
    Path(account): Path<AccountId>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    let found = find_open(&session, account).await?;
    let page = &session.page;
    if !sure.is_given() {
        return ask(page, &found, "account-close", "close", Vec::new()).show(page);
    }
    staff_accounts::close(&page.app, &found, &session.giver())
        .await
        .map_err(|error| page.account_error(error))?;
    Ok(page.go(&format!("/staff/accounts/{account}"), "account-closed"))
}
