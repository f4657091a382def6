//! A venue registers: its telephone is confirmed by a code. Until then nothing of it is stored here:
//! the form comes back sealed from the browser.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use super::password_hashing::Busy;
use super::phone_confirmation::{CodeNotSent, Confirming};
use crate::domain::accounts::Password;
use crate::domain::phone::{Phone, PhoneCode};
use crate::domain::venues::{Registration, TypedRegistration};
use crate::i18n::Language;
use crate::storage::StoreError;
use crate::storage::accounts::Account;
use crate::storage::venues::{NewVenue, Registered};

/// Why a step of a registration is not done.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    #[error(transparent)]
    NotSent(#[from] CodeNotSent),
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
    Confirming::Registration.send_code(app, phone, language).await?;
    let pending = PendingRegistration {
        venue,
        phone: phone.as_str().to_owned(),
        password_hash: app.passwords.hash(password).await?,
        expires_at: Confirming::good_until(app),
    };
    Ok(Confirming::Registration.seal_form(app, &pending)?)
}

impl PendingRegistration {
    /// What the browser sends back; `None` when it is not ours or too old.
    pub fn open(app: &App, sealed: &str) -> Option<Self> {
        let pending: Self = Confirming::Registration.open_form(app, sealed)?;
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
        let (phone_hash, code_hash) = Confirming::Registration.hashes(app, &phone, code);
        let new = NewVenue {
            registration: &registration,
            phone: &phone,
            phone_hash,
            code_hash,
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
