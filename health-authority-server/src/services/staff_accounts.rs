//! Accounts of the authority's staff, as administrators and the command line make, change and close them.
//!
//! Nobody gives more than they have: a role, or a way into an account, is given only by who may do all that it may.
//! Taking away needs no more than the right to write accounts.

use super::app::App;
use super::password_hashing::Busy;
use crate::domain::accounts::{AccountId, Login, ONE_TIME_PASSWORD_SECONDS, Password, Role};
use crate::domain::permissions::Permissions;
use crate::domain::place_search::PlaceQuery;
use crate::storage::StoreError;
use crate::storage::accounts::{Account, Changed, NewAccount};
use crate::storage::audit::Actor;
use vungxanh_protocol::interval::UnixTime;

/// Why an account was not made, changed or found.
#[derive(Debug, thiserror::Error)]
pub enum StaffAccountError {
    #[error("there is an account with this login already")]
    LoginTaken,
    #[error("there is no open account of the authority with this login")]
    Unknown,
    #[error("who gives it may not do all that the account may do")]
    MoreThanOwn,
    #[error("nobody changes the own account here")]
    Own,
    #[error("no administrator would be left who can log in")]
    LastAdministrator,
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who makes and changes accounts and API keys.
#[derive(Debug, Clone)]
pub struct Giver {
    pub actor: Actor,
    /// What may be given.
    permissions: Permissions,
}

impl Giver {
    /// Who runs commands on the server has its keys and its database, and may give everything.
    pub fn operator() -> Self {
        Self { actor: Actor::command_line(), permissions: Permissions::ALL }
    }

    pub fn officer(account: &Account) -> Self {
        Self { actor: account.actor(), permissions: account.role.permissions() }
    }

    pub const fn may_give(&self, permissions: Permissions) -> bool {
        self.permissions.contains(permissions)
    }

    /// The authority's roles that may be given.
    pub fn roles(&self) -> Vec<Role> {
        let may = |role: &Role| role.is_authority() && self.may_give(role.permissions());
        Role::ALL.into_iter().filter(may).collect()
    }

    const fn needs(&self, role: Role) -> Result<(), StaffAccountError> {
        if self.may_give(role.permissions()) { Ok(()) } else { Err(StaffAccountError::MoreThanOwn) }
    }

    fn is_other(&self, account: AccountId) -> Result<(), StaffAccountError> {
        if self.actor.account == Some(account) { Err(StaffAccountError::Own) } else { Ok(()) }
    }
}

/// How an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    Ready,
    /// Its password was given and not replaced yet.
    OneTime,
    /// Its given password has ended.
    OneTimeOver,
    /// No authenticator app is set up.
    NoApp,
    Closed,
}

impl AccountState {
    pub const ALL: [Self; 5] =
        [Self::Ready, Self::OneTime, Self::OneTimeOver, Self::NoApp, Self::Closed];

    pub const fn of(account: &Account, now: UnixTime) -> Self {
        match account {
            Account { disabled_at: Some(_), .. } => Self::Closed,
            Account { one_time_until: Some(until), .. } if until.as_secs() <= now.as_secs() => {
                Self::OneTimeOver
            }
            Account { one_time_until: Some(_), .. } => Self::OneTime,
            Account { has_totp: false, .. } => Self::NoApp,
            _ => Self::Ready,
        }
    }

    /// `staff-state-NAME` is its text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::OneTime => "one-time",
            Self::OneTimeOver => "one-time-over",
            Self::NoApp => "no-app",
            Self::Closed => "closed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Which accounts are looked for.
#[derive(Debug, Default)]
pub struct AccountFilter {
    /// Words of the name or the login.
    pub words: Option<PlaceQuery>,
    pub role: Option<Role>,
    /// Without one, all that are open.
    pub state: Option<AccountState>,
}

impl AccountFilter {
    fn admits(&self, account: &Account, now: UnixTime) -> bool {
        let state = AccountState::of(account, now);
        let words = |words: &PlaceQuery| words.matches(&[&account.name, &account.login]);
        self.words.as_ref().is_none_or(words)
            && self.role.is_none_or(|role| role == account.role)
            && self.state.map_or(state != AccountState::Closed, |wanted| wanted == state)
    }
}

pub async fn all(app: &App) -> Result<Vec<Account>, StoreError> {
    app.store.accounts(None).await
}

/// The accounts that are looked for, by name.
pub async fn search(app: &App, filter: &AccountFilter) -> Result<Vec<Account>, StoreError> {
    let now = app.clock.now();
    let mut accounts = all(app).await?;
    accounts.retain(|account| filter.admits(account, now));
    accounts.sort_by(|a, b| (&a.name, &a.login).cmp(&(&b.name, &b.login)));
    Ok(accounts)
}

/// The account of the authority with this number, open or closed.
pub async fn get(app: &App, account: AccountId) -> Result<Account, StaffAccountError> {
    let found = app.store.account(account).await?;
    found.filter(|account| account.role.is_authority()).ok_or(StaffAccountError::Unknown)
}

/// The open account with this login.
pub async fn find(app: &App, login: &Login) -> Result<Account, StaffAccountError> {
    let found = app.store.credentials(login.as_str()).await?.map(|found| found.account);
    found
        .filter(|account| account.role.is_authority() && account.disabled_at.is_none())
        .ok_or(StaffAccountError::Unknown)
}

/// A password that works for some days, and until when.
pub type OneTime = (Password, UnixTime);

/// Makes an account; its password must be changed at the first login.
pub async fn add(
    app: &App,
    login: &Login,
    name: &str,
    role: Role,
    giver: &Giver,
) -> Result<(AccountId, OneTime), StaffAccountError> {
    giver.needs(role)?;
    let password = Password::generate(&mut rand::rng());
    let hash = app.passwords.hash(password.clone()).await?;
    let now = app.clock.now();
    let until = now.plus(ONE_TIME_PASSWORD_SECONDS);
    let new = NewAccount {
        login: login.as_str(),
        name,
        password: &hash,
        one_time_until: Some(until),
        role,
        venue: None,
    };
    let added = app.store.add_account(&new, &giver.actor, now).await?;
    let account = added.ok_or(StaffAccountError::LoginTaken)?;
    Ok((account, (password, until)))
}

/// Gives an account another role and ends its sessions. `account` is as the giver has seen it.
pub async fn change_role(
    app: &App,
    account: &Account,
    to: Role,
    giver: &Giver,
) -> Result<(), StaffAccountError> {
    giver.is_other(account.account)?;
    giver.needs(to)?;
    if !to.is_authority() {
        return Err(StaffAccountError::Unknown);
    }
    let (roles, now) = ((account.role, to), app.clock.now());
    changed(app.store.change_role(account.account, roles, &giver.actor, now).await?)
}

/// Gives an account a password for some days; its authenticator app is gone and its sessions end.
pub async fn reset(
    app: &App,
    account: &Account,
    giver: &Giver,
) -> Result<OneTime, StaffAccountError> {
    giver.is_other(account.account)?;
    giver.needs(account.role)?;
    let password = Password::generate(&mut rand::rng());
    let hash = app.passwords.hash(password.clone()).await?;
    let now = app.clock.now();
    let until = now.plus(ONE_TIME_PASSWORD_SECONDS);
    if !app.store.give_password(account.account, &hash, until, &giver.actor, now).await? {
        return Err(StaffAccountError::Unknown);
    }
    Ok((password, until))
}

/// Takes the authenticator app of an account away; its password stays and its sessions end.
pub async fn remove_authenticator(
    app: &App,
    account: &Account,
    giver: &Giver,
) -> Result<(), StaffAccountError> {
    giver.is_other(account.account)?;
    giver.needs(account.role)?;
    if account.disabled_at.is_some() {
        return Err(StaffAccountError::Unknown);
    }
    let now = app.clock.now();
    Ok(app.store.set_totp(account.account, None, None, &giver.actor, now).await?)
}

/// Closes an account for good and ends its sessions.
pub async fn close(app: &App, account: &Account, giver: &Giver) -> Result<(), StaffAccountError> {
    giver.is_other(account.account)?;
    let now = app.clock.now();
    changed(app.store.disable_account(account.account, None, &giver.actor, now).await?)
}

const fn changed(changed: Changed) -> Result<(), StaffAccountError> {
    match changed {
        Changed::Done => Ok(()),
        Changed::OtherState => Err(StaffAccountError::Unknown),
        Changed::LastAdministrator => Err(StaffAccountError::LastAdministrator),
    }
}
