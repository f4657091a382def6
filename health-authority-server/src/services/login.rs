//! Logging in, sessions, and an account's own settings; alike for venues and the authority's staff.

use super::app::App;
use super::limits::{attempt, reset, retract};
use super::password_hashing::Busy;
use super::second_factor::check_code;
pub use super::signed_in::{LoginError, SignedIn};
use crate::domain::accounts::{Login, Password, Role};
use crate::domain::sessions::{Invitation, SessionToken};
use crate::domain::throttle::{ANYBODY, Attempt, Limit};
use crate::storage::StoreError;
use crate::storage::accounts::Account;
use crate::storage::sessions::PastLogin;

/// So many of an account's last logins are shown.
const LOGINS_SHOWN: u32 = 10;
/// What logins that cannot exist are counted as; no login has this form.
const MALFORMED: &str = "(malformed)";

/// What somebody types to log in.
pub struct TypedLogin<'a> {
    pub login: &'a str,
    pub password: &'a Password,
    /// The authenticator app's code, or a recovery code; empty without an app.
    pub code: &'a str,
}

/// The account that logs in. Accounts whose role `admits` refuses are unknown here.
pub async fn log_in(
    app: &App,
    typed: &TypedLogin<'_>,
    admits: impl Fn(Role) -> bool,
) -> Result<Account, LoginError> {
    let now = app.clock.now();
    let login = typed.login.parse::<Login>().ok();
    let credentials = match &login {
        Some(login) => app.store.credentials(login.as_str()).await?,
        None => None,
    };
    let limit = if credentials.is_some() { Limit::Logins } else { Limit::UnknownLogins };
    let subject = login.as_ref().map_or(MALFORMED, Login::as_str);
    match (attempt(app, limit, subject).await?, limit) {
        (Attempt::Allowed, _) => {}
        (Attempt::TooManyInAll, Limit::UnknownLogins) => {
            // Answered like the others, without their work.
            app.passwords.pretend().await;
            return Err(LoginError::Wrong);
        }
        _ => return Err(LoginError::TooMany),
    }
    let hash = credentials.as_ref().map(|credentials| credentials.password.clone());
    // As much work as for a login that somebody has.
    let Ok(right) = app.passwords.verify(typed.password.clone(), hash).await else {
        // Nothing was tried.
        retract(app, limit, subject).await?;
        return Err(LoginError::TooMany);
    };
    let is_open = |account: &Account| {
        let in_time = account.one_time_until.is_none_or(|until| now < until);
        account.disabled_at.is_none() && in_time && admits(account.role)
    };
    let credentials = credentials.ok_or(LoginError::Wrong)?;
    let admitted = right && is_open(&credentials.account);
    if !admitted || !check_code(app, &credentials, typed.code).await? {
        note_failure(app, credentials.account);
        return Err(LoginError::Wrong);
    }
    reset(app, Limit::Logins, subject).await?;
    Ok(credentials.account)
}

/// Puts a failed login into the audit log. The answer does not wait for it: one that takes as long as writing
/// would show that there is such an account.
fn note_failure(app: &App, account: Account) {
    let (store, now) = (app.store.clone(), app.clock.now());
    tokio::spawn(async move {
        if let Err(error) = store.login_failed(&account, now).await {
            tracing::error!(%error, "a failed login could not be noted");
        }
    });
}

/// The account of a phone of a venue's staff that types its invitation, which is used up.
pub async fn accept_invitation(app: &App, typed: &str) -> Result<Account, LoginError> {
    let now = app.clock.now();
    if attempt(app, Limit::Invitations, ANYBODY).await? != Attempt::Allowed {
        return Err(LoginError::TooMany);
    }
    let invitation = Invitation::parse(typed).ok_or(LoginError::Wrong)?;
    let account = app.store.use_invitation(&invitation.hash(&app.keys.account_hash), now).await?;
    let account = account.ok_or(LoginError::Wrong)?;
    retract(app, Limit::Invitations, ANYBODY).await?;
    Ok(account)
}

/// The session with this token, if it is good.
pub async fn session(app: &App, token: &SessionToken) -> Result<Option<SignedIn>, StoreError> {
    let token_hash = token.hash(&app.keys.account_hash);
    let account = app.store.session(&token_hash, app.clock.now()).await?;
    Ok(account.map(|account| SignedIn { account, token_hash, csrf: token.csrf() }))
}

/// The session ends at once, wherever its cookie is.
pub async fn end_session(app: &App, signed_in: &SignedIn) -> Result<(), StoreError> {
    app.store.end_session(&signed_in.token_hash).await
}

/// Begins a session in place of the one that the browser had.
pub async fn begin_session(
    app: &App,
    account: &Account,
    replaced: Option<&SignedIn>,
) -> Result<SessionToken, StoreError> {
    let token = SessionToken::generate(&mut rand::rng());
    let token_hash = token.hash(&app.keys.account_hash);
    let replaced = replaced.map(|signed_in| &signed_in.token_hash);
    let now = app.clock.now();
    let today = app.config.today(now);
    app.store.begin_session(account, &token_hash, replaced, today, now).await?;
    Ok(token)
}

/// When somebody logged in to the account lately, or tried to.
pub async fn last_logins(app: &App, account: &Account) -> Result<Vec<PastLogin>, StoreError> {
    app.store.logins_of(account.account, LOGINS_SHOWN).await
}

/// Asks for the password again, so that a browser left alone does not give the account away.
pub async fn confirm_password(
    app: &App,
    signed_in: &SignedIn,
    password: &Password,
) -> Result<(), LoginError> {
    let login = &signed_in.account.login;
    if attempt(app, Limit::Logins, login).await? != Attempt::Allowed {
        return Err(LoginError::TooMany);
    }
    let credentials = app.store.credentials(login).await?;
    let hash = credentials.map(|credentials| credentials.password);
    match app.passwords.verify(password.clone(), hash).await {
        Ok(true) => {}
        Ok(false) => return Err(LoginError::Wrong),
        Err(Busy) => {
            retract(app, Limit::Logins, login).await?;
            return Err(Busy.into());
        }
    }
    reset(app, Limit::Logins, login).await?;
    Ok(())
}

/// Sets a new password, which was checked, and ends the account's other sessions.
pub async fn change_password(
    app: &App,
    signed_in: &SignedIn,
    new: Password,
) -> Result<(), LoginError> {
    let hash = app.passwords.hash(new).await?;
    let account = &signed_in.account;
    let keep = Some(&signed_in.token_hash);
    let now = app.clock.now();
    Ok(app.store.set_password(account.account, &hash, None, keep, &account.actor(), now).await?)
}
