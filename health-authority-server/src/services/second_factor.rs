//! An account's authenticator app, and the recovery codes that stand in for it.

use vungxanh_protocol::seal::{open, seal};
use zeroize::Zeroizing;

use super::app::App;
use super::signed_in::{LoginError, SignedIn};
use crate::domain::accounts::AccountId;
use crate::domain::codes::KeyedHash;
use crate::domain::recovery_codes::{RECOVERY_CODES, RecoveryCode};
use crate::domain::totp::TotpSecret;
use crate::storage::StoreError;
use crate::storage::accounts::{Account, Credentials};

const TOTP_LABEL: &str = "VX-ACCOUNT-TOTP";
const TOTP_SETUP_LABEL: &str = "VX-ACCOUNT-TOTP-SETUP";

/// Whether this can be a code: of an app, or for recovery.
pub fn is_code(typed: &str) -> bool {
    TotpSecret::is_code(typed) || RecoveryCode::parse(typed).is_some()
}

/// Whether the code is the authenticator app's or a recovery code, and uses it up; `true` without an app.
pub(super) async fn check_code(
    app: &App,
    credentials: &Credentials,
    code: &str,
) -> Result<bool, LoginError> {
    let Some(sealed) = &credentials.totp else { return Ok(true) };
    let (account, now) = (&credentials.account, app.clock.now());
    if let Some(code) = RecoveryCode::parse(code) {
        let hash = code.hash(account.account, &app.keys.account_hash);
        let actor = account.actor();
        return Ok(app.store.use_recovery_code(account.account, &hash, &actor, now).await?);
    }
    let context = account.account.to_be_bytes();
    let secret = open(&app.keys.account_seal, TOTP_LABEL, &context, sealed)
        .ok()
        .and_then(|bytes| TotpSecret::from_slice(&bytes))
        .ok_or(LoginError::SecretDamaged)?;
    match secret.accepts(code, credentials.totp_step, now) {
        Some(step) => Ok(app.store.use_totp_step(account.account, step).await?),
        None => Ok(false),
    }
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

/// Puts an authenticator app in force that knows `code`, and gives the recovery codes, which can be shown only now.
pub async fn set_authenticator(
    app: &App,
    signed_in: &SignedIn,
    sealed: &[u8],
    code: &str,
) -> Result<Vec<RecoveryCode>, LoginError> {
    let account = &signed_in.account;
    let context = account.account.to_be_bytes();
    let key = &app.keys.account_seal;
    let now = app.clock.now();
    let secret = open(key, TOTP_SETUP_LABEL, &context, sealed)
        .ok()
        .and_then(|bytes| TotpSecret::from_slice(&bytes))
        .ok_or(LoginError::Unreadable)?;
    let step = secret.accepts(code, 0, now).ok_or(LoginError::Wrong)?;
    let sealed = seal(key, TOTP_LABEL, &context, secret.expose(), &mut rand::rng());
    let (codes, hashes) = fresh_codes(app, account.account);
    let (keep, actor) = (Some(&signed_in.token_hash), account.actor());
    let totp = Some((sealed, step, hashes.as_slice()));
    app.store.set_totp(account.account, totp, keep, &actor, now).await?;
    Ok(codes)
}

/// Takes the authenticator app away, and with it the recovery codes.
pub async fn remove_authenticator(app: &App, signed_in: &SignedIn) -> Result<(), LoginError> {
    let account = &signed_in.account;
    let (keep, now) = (Some(&signed_in.token_hash), app.clock.now());
    Ok(app.store.set_totp(account.account, None, keep, &account.actor(), now).await?)
}

/// New recovery codes in place of the old, which can be shown only now; none without an authenticator app.
pub async fn renew_codes(
    app: &App,
    account: &Account,
) -> Result<Option<Vec<RecoveryCode>>, StoreError> {
    let (codes, hashes) = fresh_codes(app, account.account);
    let (actor, now) = (account.actor(), app.clock.now());
    let renewed = app.store.renew_recovery_codes(account.account, &hashes, &actor, now).await?;
    Ok(renewed.then_some(codes))
}

pub async fn codes_left(app: &App, account: AccountId) -> Result<u64, StoreError> {
    app.store.recovery_codes_left(account).await
}

fn fresh_codes(app: &App, account: AccountId) -> (Vec<RecoveryCode>, Vec<KeyedHash>) {
    let one = |_| {
        let code = RecoveryCode::generate(&mut rand::rng());
        let hash = code.hash(account, &app.keys.account_hash);
        (code, hash)
    };
    (0..RECOVERY_CODES).map(one).unzip()
}
