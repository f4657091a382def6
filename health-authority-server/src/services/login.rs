//! Logging in, sessions, and an account's own settings; alike for venues and the authority's staff.

use vungxanh_protocol::seal::{open, seal};
use zeroize::Zeroizing;

use super::app::App;
use crate::domain::accounts::{CannotHash, Login, Password, Role};
use crate::domain::codes::KeyedHash;
use crate::domain::sessions::{CsrfToken, Invitation, SessionToken};
use crate::domain::throttle::ANYBODY;
use crate::domain::totp::TotpSecret;
use crate::storage::StoreError;
use crate::storage::accounts::{Account, Credentials};

const TOTP_LABEL: &str = "VX-ACCOUNT-TOTP";
const TOTP_SETUP_LABEL: &str = "VX-ACCOUNT-TOTP-SETUP";

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
    /// The password cannot be hashed.
    #[error(transparent)]
    CannotHash(#[from] CannotHash),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody types to log in.
pub struct Attempt<'a> {
    /// The login.
    pub login: &'a str,
    /// The password.
    pub password: &'a Password,
    /// The authenticator app's code; empty without an app.
    pub code: &'a str,
}

/// A session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Whose.
    pub account: Account,
    /// What the database knows it by.
    pub token_hash: KeyedHash,
    /// What requests that change something must carry.
    pub csrf: CsrfToken,
}

/// The account that logs in. Accounts whose role `admits` refuses are unknown here.
pub async fn log_in(
    app: &App,
    attempt: &Attempt<'_>,
    admits: impl Fn(Role) -> bool,
) -> Result<Account, LoginError> {
    let now = app.clock.now();
    let Ok(login) = attempt.login.parse::<Login>() else {
        // As much work as for a login that could exist.
        app.verify_password(attempt.password.clone(), None).await;
        return Err(LoginError::Wrong);
    };
    if !app.logins.attempt(login.as_str(), now) {
        return Err(LoginError::TooMany);
    }
    let credentials = app.store.credentials(login.as_str()).await?;
    let hash = credentials.as_ref().map(|credentials| credentials.password.clone());
    let right = app.verify_password(attempt.password.clone(), hash).await;
    let is_open = |account: &Account| {
        let in_time = account.one_time_until.is_none_or(|until| now < until);
        account.disabled_at.is_none() && in_time && admits(account.role)
    };
    let admitted = credentials.filter(|found| right && is_open(&found.account));
    let credentials = admitted.ok_or(LoginError::Wrong)?;
    if !check_code(app, &credentials, attempt.code).await? {
        return Err(LoginError::Wrong);
    }
    app.logins.reset(login.as_str());
    Ok(credentials.account)
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
    if !app.invitations.attempt(ANYBODY, now) {
        return Err(LoginError::TooMany);
    }
    let invitation = Invitation::parse(typed).ok_or(LoginError::Wrong)?;
    let account = app.store.use_invitation(&invitation.hash(&app.keys.account_hash), now).await?;
    let account = account.ok_or(LoginError::Wrong)?;
    app.invitations.retract(ANYBODY);
    Ok(account)
}

/// The session with this token, if it is good.
pub async fn session(app: &App, token: &SessionToken) -> Result<Option<SignedIn>, StoreError> {
    let token_hash = token.hash(&app.keys.account_hash);
    let account = app.store.session(&token_hash, app.clock.now()).await?;
    Ok(account.map(|account| SignedIn { account, token_hash, csrf: token.csrf() }))
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
    if !app.logins.attempt(login, app.clock.now()) {
        return Err(LoginError::TooMany);
    }
    let credentials = app.store.credentials(login).await?;
    let hash = credentials.map(|credentials| credentials.password);
    if !app.verify_password(password.clone(), hash).await {
        return Err(LoginError::Wrong);
    }
    app.logins.reset(login);
    Ok(())
}

/// Sets a new password, which was checked, and ends the account's other sessions.
pub async fn change_password(
    app: &App,
    signed_in: &SignedIn,
    new: Password,
) -> Result<(), LoginError> {
    let hash = app.hash_password(new).await?;
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
