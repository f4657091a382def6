//! A venue registers: its telephone is confirmed by a code. Until then nothing of it is stored here:
//! the form comes back sealed from the browser.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fluent_bundle::FluentValue;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::seal::{open, seal};

use super::app::App;
use super::limits::attempt;
use super::messages;
use super::password_hashing::Busy;
use super::sms::SmsError;
use crate::domain::accounts::Password;
use crate::domain::phone::{CODE_SECONDS, Phone, PhoneCode};
use crate::domain::throttle::{Attempt, Limit};
use crate::domain::venues::{Registration, TypedRegistration};
use crate::i18n::Language;
use crate::storage::StoreError;
use crate::storage::accounts::Account;
use crate::storage::venues::{NewVenue, Registered};

const LABEL: &str = "VX-PENDING-REGISTRATION";
/// An unfinished registration is worth as long as a few codes.
const PENDING_SECONDS: u64 = 3_600;

/// Why a step of a registration is not done.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Too many codes were sent.
    #[error("too many codes were sent")]
    TooManyCodes,
    /// The code could not be sent.
    #[error(transparent)]
    NotSent(#[from] SmsError),
    /// The sealed form does not hold what is registered.
    #[error("the sealed form cannot be read")]
    Unreadable,
    /// The password cannot be hashed now.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The sealed form cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The account is not where it was just put.
    #[error("the new account is gone")]
    AccountGone,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A registration on its way through the browser, sealed.
#[derive(Serialize, Deserialize)]
pub struct PendingRegistration {
    #[serde(flatten)]
    venue: TypedRegistration,
    phone: String,
    password_hash: String,
    expires_at: UnixTime,
}

/// How a confirmation ended.
pub enum Confirmed {
    /// The venue is registered; its manager's account.
    Registered(Box<Account>),
    /// The code is wrong; so many attempts are left.
    WrongCode { left: u32 },
    /// There is no code for this telephone, or it is too old.
    NoCode,
    /// A venue with this telephone is registered already.
    PhoneTaken,
}

/// Sends a code to the telephone, in `language`, and seals the form.
pub async fn begin(
    app: &App,
    venue: TypedRegistration,
    phone: &Phone,
    password: Password,
    language: Language,
) -> Result<String, RegistrationError> {
    send_code(app, phone, language).await?;
    let pending = PendingRegistration {
        venue,
        phone: phone.as_str().to_owned(),
        password_hash: app.passwords.hash(password).await?,
        expires_at: app.clock.now().plus(PENDING_SECONDS),
    };
    let json = serde_json::to_vec(&pending)?;
    let sealed = seal(&app.keys.account_seal, LABEL, b"", &json, &mut rand::rng());
    Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
}

/// Sends a fresh code, unless too many were sent.
pub async fn send_code(
    app: &App,
    phone: &Phone,
    language: Language,
) -> Result<(), RegistrationError> {
    let now = app.clock.now();
    if attempt(app, Limit::Registrations, phone.as_str()).await? != Attempt::Allowed {
        return Err(RegistrationError::TooManyCodes);
    }
    let code = PhoneCode::generate(&mut rand::rng());
    let key = &app.keys.account_hash;
    let (phone_hash, code_hash) = (phone.hash(key), code.hash(phone, key));
    app.store.set_phone_code(&phone_hash, &code_hash, now.plus(CODE_SECONDS)).await?;
    let arguments = [
        ("code", code.expose().into()),
        ("authority", FluentValue::from(app.config.authority.name_in(language))),
        ("minutes", (CODE_SECONDS / 60).into()),
    ];
    let text = language.messages().text("sms-code", &arguments);
    let sent = messages::send(app, phone, &text).await;
    Ok(sent.inspect_err(|error| tracing::error!(%error, "a code could not be sent"))?)
}

impl PendingRegistration {
    /// What the browser sends back; `None` when it is not ours or too old.
    pub fn open(app: &App, sealed: &str) -> Option<Self> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let json = open(&app.keys.account_seal, LABEL, b"", &sealed).ok()?;
        let pending: Self = serde_json::from_slice(&json).ok()?;
        (app.clock.now() < pending.expires_at).then_some(pending)
    }

    /// The telephone to be confirmed.
    pub fn phone(&self) -> Result<Phone, RegistrationError> {
        self.phone.parse().map_err(|_| RegistrationError::Unreadable)
    }

    /// Registers the venue if the code is the one that was sent.
    pub async fn confirm(
        &self,
        app: &App,
        code: &PhoneCode,
    ) -> Result<Confirmed, RegistrationError> {
        let phone = self.phone()?;
        let registration =
            Registration::read(&self.venue).map_err(|_| RegistrationError::Unreadable)?;
        let key = &app.keys.account_hash;
        let new = NewVenue {
            registration: &registration,
            phone: &phone,
            phone_hash: phone.hash(key),
            code_hash: code.hash(&phone, key),
            password: &self.password_hash,
        };
        Ok(match app.store.register_venue(&new, app.clock.now()).await? {
            Registered::Yes { .. } => {
                let credentials = app.store.credentials(phone.as_str()).await?;
                let credentials = credentials.ok_or(RegistrationError::AccountGone)?;
                Confirmed::Registered(Box::new(credentials.account))
            }
            Registered::WrongCode { left } => Confirmed::WrongCode { left },
            Registered::NoCode => Confirmed::NoCode,
            Registered::PhoneTaken => Confirmed::PhoneTaken,
        })
    }
}
