//! The first administrator is made in the browser, by who has the link that the server printed.

use super::app::App;
use super::limits::{attempt, retract};
use super::password_hashing::Busy;
use crate::domain::accounts::{Login, Password, Role};
use crate::domain::first_start::{FIRST_START_SECONDS, FirstStartToken};
use crate::domain::throttle::{ANYBODY, Attempt, Limit};
use crate::storage::StoreError;
use crate::storage::accounts::{Account, NewAccount};
use crate::storage::first_starts::FirstStart;
use vungxanh_protocol::interval::UnixTime;

/// Where the link leads, on this server.
pub const PATH: &str = "/staff/start";

/// Why nobody is let in.
#[derive(Debug, thiserror::Error)]
pub enum FirstStartError {
    /// The link is wrong, used or too old, or there is an administrator.
    #[error("the link does not work")]
    Refused,
    #[error("too many wrong links were tried")]
    TooMany,
    #[error("there is an account with this login already")]
    LoginTaken,
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A link, and until when it works.
pub struct StartLink {
    pub link: String,
    pub until: UnixTime,
}

/// Makes a link; none when there is an administrator.
pub async fn new_link(app: &App) -> Result<Option<StartLink>, StoreError> {
    let token = FirstStartToken::generate(&mut rand::rng());
    let now = app.clock.now();
    let until = now.plus(FIRST_START_SECONDS);
    let hash = token.hash(&app.keys.account_hash);
    if !app.store.add_first_start(&hash, until, now).await? {
        return Ok(None);
    }
    let link = format!("{}{PATH}?token={}", app.config.authority.url, token.expose());
    Ok(Some(StartLink { link, until }))
}

/// Whether the link with this token works.
pub async fn check(app: &App, token: &str) -> Result<FirstStartToken, FirstStartError> {
    if attempt(app, Limit::FirstStarts, ANYBODY).await? != Attempt::Allowed {
        return Err(FirstStartError::TooMany);
    }
    let token = FirstStartToken::parse(token).ok_or(FirstStartError::Refused)?;
    let hash = token.hash(&app.keys.account_hash);
    if !app.store.knows_first_start(&hash, app.clock.now()).await? {
        return Err(FirstStartError::Refused);
    }
    retract(app, Limit::FirstStarts, ANYBODY).await?;
    Ok(token)
}

/// Makes the first administrator with a token that [`check`] has let through, and a password that was judged.
pub async fn make(
    app: &App,
    token: &FirstStartToken,
    login: &Login,
    name: &str,
    password: Password,
) -> Result<Account, FirstStartError> {
    let hash = app.passwords.hash(password).await?;
    let new = NewAccount {
        login: login.as_str(),
        name,
        password: &hash,
        one_time_until: None,
        role: Role::Administrator,
        venue: None,
    };
    let token = token.hash(&app.keys.account_hash);
    match app.store.make_first_administrator(&token, &new, app.clock.now()).await? {
        FirstStart::Done(account) => Ok(*account),
        FirstStart::Refused => Err(FirstStartError::Refused),
        FirstStart::LoginTaken => Err(FirstStartError::LoginTaken),
    }
}
