//! A venue's manager who forgot the password or lost the authenticator app gets in again: by a code to
//! the venue's confirmed telephone, or by an officer. The venue's key is in its browser and stays.

use std::sync::Arc;

use fluent_bundle::FluentValue;
use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use super::limits::attempt;
use super::login::LoginError;
use super::messages;
use crate::domain::accounts::{ONE_TIME_PASSWORD_SECONDS, Password, Role};
use crate::domain::phone::{CODE_SECONDS, Phone, PhoneCode};
use crate::domain::throttle::{Attempt, Limit};
use crate::i18n::Language;
use crate::storage::StoreError;
use crate::storage::accounts::Account;
use crate::storage::audit::Actor;
use crate::storage::phone_codes::PhoneCodeCheck;

/// Sends a code if this is the telephone of a venue's manager. The caller does not learn whether it is, nor waits
/// for the gateway.
pub async fn send_code(
    app: &Arc<App>,
    phone: &Phone,
    language: Language,
) -> Result<(), StoreError> {
    if manager(app, phone).await?.is_none() {
        return Ok(());
    }
    if attempt(app, Limit::Notices, phone.as_str()).await? != Attempt::Allowed {
        return Ok(());
    }
    let code = PhoneCode::generate(&mut rand::rng());
    let key = &app.keys.account_hash;
    let expires_at = app.clock.now().plus(CODE_SECONDS);
    app.store.set_phone_code(&phone.hash(key), &code.reset_hash(phone, key), expires_at).await?;
    let arguments = [
        ("code", FluentValue::from(code.expose())),
        ("authority", app.config.authority.name_in(language).into()),
        ("minutes", (CODE_SECONDS / 60).into()),
    ];
    let text = language.messages().text("sms-reset-code", &arguments);
    let (app, phone) = (Arc::clone(app), phone.clone());
    tokio::spawn(async move {
        if let Err(error) = messages::send(&app, &phone, &text).await {
            tracing::error!(%error, "a code could not be sent");
        }
    });
    Ok(())
}

/// How a code was answered.
pub enum Reset {
    /// The new password is in force, without an authenticator app.
    Done(Box<Account>),
    /// The code is not the one that was sent.
    Code(PhoneCodeCheck),
}

/// Sets a new password, which was checked, if the code is the one that was sent.
pub async fn reset(
    app: &App,
    phone: &Phone,
    code: &PhoneCode,
    new: Password,
) -> Result<Reset, LoginError> {
    let Some(account) = manager(app, phone).await? else {
        return Ok(Reset::Code(PhoneCodeCheck::NoCode));
    };
    let password = app.passwords.hash(new).await?;
    let key = &app.keys.account_hash;
    let hashes = (&phone.hash(key), &code.reset_hash(phone, key));
    let now = app.clock.now();
    match app
        .store
        .reset_by_phone(account.account, hashes, &password, &account.actor(), now)
        .await?
    {
        PhoneCodeCheck::Right => Ok(Reset::Done(Box::new(account))),
        wrong => Ok(Reset::Code(wrong)),
    }
}

/// Gives an account a password that works for some days, without its authenticator app.
pub async fn give_one_time_password(
    app: &App,
    account: &Account,
    actor: &Actor,
) -> Result<(Password, UnixTime), LoginError> {
    let password = Password::generate(&mut rand::rng());
    let hash = app.passwords.hash(password.clone()).await?;
    let now = app.clock.now();
    let until = now.plus(ONE_TIME_PASSWORD_SECONDS);
    app.store.give_password(account.account, &hash, until, actor, now).await?;
    Ok((password, until))
}

/// The account of the venue's manager with this telephone.
pub async fn manager(app: &App, phone: &Phone) -> Result<Option<Account>, StoreError> {
    let found = app.store.credentials(phone.as_str()).await?.map(|found| found.account);
    Ok(found.filter(|account| account.role == Role::VenueManager && account.disabled_at.is_none()))
}
