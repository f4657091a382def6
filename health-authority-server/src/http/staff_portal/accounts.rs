//! Accounts of the authority's staff: who has one, and a new one.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::StaffSession;
use crate::domain::accounts::{Login, MAX_PERSON_BYTES, Password, Role};
use crate::domain::permissions::Permission;
use crate::domain::place_search::{MAX_QUERY_CHARACTERS, PlaceQuery};
use crate::domain::venues::line;
use crate::services::staff_accounts::{
    self, AccountFilter, AccountState, OneTime, StaffAccountError,
};
use crate::storage::accounts::Account;

/// So many accounts stand on the page; the rest is found by searching.
const SHOWN: usize = 200;

impl Page {
    /// What a service did not do with an account, on this page.
    pub(super) fn account_error(&self, error: StaffAccountError) -> PageError {
        match error {
            StaffAccountError::Unknown => self.refuse(Refusal::NotFound),
            StaffAccountError::LoginTaken => self.refuse(Refusal::Conflict),
            StaffAccountError::MoreThanOwn => self.refuse(Refusal::MoreThanOwn),
            StaffAccountError::Own => self.refuse(Refusal::OwnAccount),
            StaffAccountError::LastAdministrator => self.refuse(Refusal::LastAdministrator),
            StaffAccountError::Busy(_) => self.refuse(Refusal::Busy),
            StaffAccountError::Store(error) => self.fail(error),
        }
    }
}

/// An account with its state.
pub(super) struct Row {
    pub(super) account: Account,
    pub(super) state: AccountState,
}

impl Row {
    pub(super) fn of(page: &Page, account: Account) -> Self {
        let state = AccountState::of(&account, page.now());
        Self { account, state }
    }

    /// What chooses the state's colour.
    pub(super) const fn colour(&self) -> &'static str {
        match self.state {
            AccountState::Ready => "valid",
            AccountState::OneTime | AccountState::NoApp => "ending",
            AccountState::OneTimeOver => "expired",
            AccountState::Closed => "",
        }
    }
}

#[derive(Template)]
#[template(path = "staff/accounts.html")]
struct AccountsPage<'a> {
    page: &'a Page,
    rows: Vec<Row>,
    filter: &'a Filter,
    roles: Vec<Role>,
    states: [AccountState; 5],
    more: bool,
    own: i64,
}

impl AccountsPage<'_> {
    fn is_filtered(&self) -> bool {
        let Filter { q, role, state } = self.filter;
        [q, role, state].iter().any(|value| !value.is_empty())
    }
}

/// What is looked for; a value that nothing has is as if it were left out.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    q: String,
    role: String,
    state: String,
}

/// `GET /staff/accounts`.
pub async fn list(
    session: StaffSession,
    Query(filter): Query<Filter>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::AccountsRead)?;
    let page = &session.page;
    let wanted = AccountFilter {
        words: PlaceQuery::new(&filter.q.chars().take(MAX_QUERY_CHARACTERS).collect::<String>()),
        role: Role::from_name(&filter.role),
        state: AccountState::from_name(&filter.state),
    };
    let found = staff_accounts::search(&page.app, &wanted).await;
    let mut found = found.map_err(|error| page.fail(error))?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let rows = found.into_iter().map(|account| Row::of(page, account)).collect();
    let roles = Role::ALL.into_iter().filter(|role| role.is_authority()).collect();
    let states = AccountState::ALL;
    let own = session.account.account;
    page.html(&AccountsPage { page, rows, filter: &filter, roles, states, more, own })
}

#[derive(Template)]
#[template(path = "staff/account_add.html")]
struct AddPage<'a> {
    page: &'a Page,
    form: &'a NewStaff,
    roles: Vec<Role>,
    problems: Problems,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewStaff {
    name: String,
    login: String,
    role: String,
}

/// A password that is handed over in person, shown once.
#[derive(Template)]
#[template(path = "staff/one_time.html")]
struct OneTimePage<'a> {
    page: &'a Page,
    title: String,
    login: &'a str,
    password: &'a Password,
    until: String,
    account: i64,
}

/// `GET /staff/accounts/add`.
pub async fn add_page(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::AccountsWrite)?;
    show_add(&session, StatusCode::OK, &NewStaff::default(), Problems::default())
}

fn show_add(
    session: &StaffSession,
    status: StatusCode,
    form: &NewStaff,
    problems: Problems,
) -> Result<Response, PageError> {
    let (page, roles) = (&session.page, session.giver().roles());
    page.html_with(status, &AddPage { page, form, roles, problems })
}

/// `POST /staff/accounts/add`.
pub async fn add(
    session: StaffSession,
    PostForm(form): PostForm<NewStaff>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::AccountsWrite)?;
    let page = &session.page;
    let again = |problems| show_add(&session, StatusCode::UNPROCESSABLE_ENTITY, &form, problems);
    let mut problems = Problems::default();
    let (name, login) = name_and_login(page, &form.name, &form.login, &mut problems);
    let role = Role::from_name(&form.role).filter(|role| role.is_authority());
    if role.is_none() {
        problems.add("role", page.t("account-role-missing"));
    }
    let (Some(name), Some(login), Some(role)) = (name, login, role) else {
        return again(problems);
    };
    match staff_accounts::add(&page.app, &login, &name, role, &session.giver()).await {
        Ok((account, given)) => {
            show_password(page, "account-added", (account, &name, login.as_str()), &given)
        }
        Err(StaffAccountError::LoginTaken) => {
            again(Problems::of_field("login", page.t("account-login-taken")))
        }
        Err(error) => Err(page.account_error(error)),
    }
}

/// A person's name and login as typed into `name` and `login`.
pub(super) fn name_and_login(
    page: &Page,
    name: &str,
    login: &str,
    problems: &mut Problems,
) -> (Option<String>, Option<Login>) {
    let name = line(name, 1, MAX_PERSON_BYTES);
    if name.is_none() {
        problems.add("name", page.t("account-name-wrong"));
    }
    let login = login.parse::<Login>().ok().filter(|login| !login.is_phone());
    if login.is_none() {
        problems.add("login", page.t("account-login-wrong"));
    }
    (name, login)
}

/// The password of the account with this number, name and login, shown once.
pub(super) fn show_password(
    page: &Page,
    title: &str,
    (account, name, login): (i64, &str, &str),
    (password, until): &OneTime,
) -> Result<Response, PageError> {
    let (title, until) = (page.t1(title, "name", name), page.time(until));
    page.html(&OneTimePage { page, title, login, password, until, account })
}
