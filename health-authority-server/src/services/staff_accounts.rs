//! Accounts of the authority's staff, as the command line makes and closes them.

use super::app::App;
use super::password_hashing::Busy;
use crate::domain::accounts::{Login, ONE_TIME_PASSWORD_SECONDS, Password, Role};
use crate::storage::StoreError;
use crate::storage::accounts::{Account, NewAccount};
use crate::storage::audit::Actor;

/// Why an account was not made or found.
#[derive(Debug, thiserror::Error)]
pub enum StaffAccountError {
    #[error("there is an account with this login already")]
    LoginTaken,
    #[error("there is no open account of the authority with this login")]
    Unknown,
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub async fn all(app: &App) -> Result<Vec<Account>, StoreError> {
    app.store.accounts(None).await
}

/// The open account with this login.
pub async fn find(app: &App, login: &Login) -> Result<Account, StaffAccountError> {
    let found = app.store.credentials(login.as_str()).await?.map(|found| found.account);
    found
        .filter(|account| account.role.is_authority() && account.disabled_at.is_none())
        .ok_or(StaffAccountError::Unknown)
}

/// Makes an account; its password must be changed at the first login.
pub async fn add(
    app: &App,
    login: &Login,
    name: &str,
    role: Role,
    actor: &Actor,
) -> Result<Password, StaffAccountError> {
    let password = Password::generate(&mut rand::rng());
    let hash = app.passwords.hash(password.clone()).await?;
    let now = app.clock.now();
    let new = NewAccount {
        login: login.as_str(),
        name,
        password: &hash,
        one_time_until: Some(now.plus(ONE_TIME_PASSWORD_SECONDS)),
        role,
        venue: None,
    };
    let added = app.store.add_account(&new, actor, now).await?;
    added.map(|_| password).ok_or(StaffAccountError::LoginTaken)
}

/// Closes the account with this login for good and ends its sessions.
pub async fn close(app: &App, login: &Login, actor: &Actor) -> Result<Account, StaffAccountError> {
    let account = find(app, login).await?;
    app.store.disable_account(account.account, None, actor, app.clock.now()).await?;
    Ok(account)
}
