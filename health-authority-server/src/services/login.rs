//! Logging in, sessions, and an account's own settings; alike for venues and the authority's staff.

use vungxanh_protocol::seal::{open, seal};
use zeroize::Zeroizing;

use super::app::App;
use super::limits::{attempt, reset, retract};
use super::password_hashing::Busy;
use crate::domain::accounts::{Login, Password, Role};
use crate::domain::codes::KeyedHash;
use crate::domain::sessions::{CsrfToken, Invitation, SessionToken};
use crate::domain::throttle::{ANYBODY, Attempt, Limit};
use crate::domain::totp::TotpSecret;
use crate::storage::StoreError;
use crate::storage::accounts::{Account, Credentials};

const TOTP_LABEL: &str = "VX-ACCOUNT-TOTP";
const TOTP_SETUP_LABEL: &str = "VX-ACCOUNT-TOTP-SETUP";
/// What logins that cannot exist are counted as; no login has this form.
const MALFORMED: &str = "(malformed)";

/// Why somebody is not let in, or may not change an account.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Login, password or code are not right.
    #[error("the login is not right")]
    Wrong,
    /// Too many were wrong.
    #[error("too many logins were wrong")]
    TooMany,
    /// What was sealed for the browser does not come back.
    #[error("the sealed secret is not ours")]
    Unreadable,
    /// The secret of an authenticator app cannot be opened.
    #[error("the secret of an authenticator app cannot be opened")]
    SecretDamaged,
    /// The password cannot be hashed now.
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody types to log in.
pub struct TypedLogin<'a> {
    pub login: &'a str,
    pub password: &'a Password,
    /// The authenticator app's code; empty without an app.
    pub code: &'a str,
}

#[derive(Debug, Clone)]
pub struct SignedIn {
    pub account: Account,
    /// What the database knows it by.
    pub token_hash: KeyedHash,
    /// What requests that change something must carry.
    pub csrf: CsrfToken,
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

/// Whether the code is the authenticator app's, and uses it up; `true` without an app.
async fn check_code(app: &App, credentials: &Credentials, code: &str) -> Result<bool, LoginError> {
    let Some(sealed) = &credentials.totp else { return Ok(true) };
    let account = credentials.account.account;
    let secret = open(&app.keys.account_seal, TOTP_LABEL, &account.to_be_bytes(), sealed)
        .ok()
        .and_then(|bytes| TotpSecret::from_slice(&bytes))
        .ok_or(LoginError::SecretDamaged)?;
    match secret.accepts(code, credentials.totp_step, app.clock.now()) {
        Some(step) => Ok(app.store.use_totp_step(account, step).await?),
        None => Ok(false),
    }
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
    app.store.begin_session(account, &token_hash, replaced, app.clock.now()).await?;
    Ok(token)
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

/// A fresh secret for an authenticator app, not in force before a code of it was typed.
pub struct AuthenticatorSetup {
    /// For the browser, which sends it back with the first code.
    pub sealed: Vec<u8>,
    /// For the person, to be typed.
    pub base32: Zeroizing<String>,
    /// For the app, as a QR code.
    pub url: Zeroizing<String>,
}

/// A fresh secret; `issuer` is what the app shows.
pub fn new_authenticator(app: &App, account: &Account, issuer: &str) -> AuthenticatorSetup {
    let secret = TotpSecret::generate(&mut rand::rng());
    let context = account.account.to_be_bytes();
    let key = &app.keys.account_seal;
    AuthenticatorSetup {
        sealed: seal(key, TOTP_SETUP_LABEL, &context, secret.expose(), &mut rand::rng()),
        base32: secret.to_base32(),
        url: secret.to_url(issuer, &account.login),
    }
}

/// Puts an authenticator app in force that knows `code`.
pub async fn set_authenticator(
    app: &App,
    signed_in: &SignedIn,
    sealed: &[u8],
    code: &str,
) -> Result<(), LoginError> {
    let context = signed_in.account.account.to_be_bytes();
    let key = &app.keys.account_seal;
    let secret = open(key, TOTP_SETUP_LABEL, &context, sealed)
        .ok()
        .and_then(|bytes| TotpSecret::from_slice(&bytes))
        .ok_or(LoginError::Unreadable)?;
    let step = secret.accepts(code, 0, app.clock.now()).ok_or(LoginError::Wrong)?;
    let sealed = seal(key, TOTP_LABEL, &context, secret.expose(), &mut rand::rng());
    set_totp(app, signed_in, Some((sealed, step))).await
}

/// Takes the authenticator app away.
pub async fn remove_authenticator(app: &App, signed_in: &SignedIn) -> Result<(), LoginError> {
    set_totp(app, signed_in, None).await
}

async fn set_totp(
    app: &App,
    signed_in: &SignedIn,
    totp: Option<(Vec<u8>, u64)>,
) -> Result<(), LoginError> {
    let account = &signed_in.account;
    let (keep, now) = (Some(&signed_in.token_hash), app.clock.now());
    Ok(app.store.set_totp(account.account, totp, keep, &account.actor(), now).await?)
}
