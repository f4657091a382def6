//! A venue's telephone is confirmed by a code that is sent to it. Until then nothing is stored here: the form comes back
//! sealed from the browser.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fluent_bundle::FluentValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::seal::{open, seal};

use super::app::App;
use super::limits::attempt;
use super::messages;
use super::sms::SmsError;
use crate::domain::codes::KeyedHash;
use crate::domain::phone::{CODE_SECONDS, Phone, PhoneCode};
use crate::domain::throttle::{Attempt, Limit};
use crate::i18n::Language;
use crate::storage::StoreError;

/// A form that is not finished is worth as long as a few codes.
const PENDING_SECONDS: u64 = 3_600;

/// What a telephone is confirmed for: a code for one is none for another.
#[derive(Debug, Clone, Copy)]
pub enum Confirming {
    Registration,
    Change,
}

/// Why no code was sent.
#[derive(Debug, thiserror::Error)]
pub enum CodeNotSent {
    /// Too many codes were sent.
    #[error("too many codes were sent")]
    TooMany,
    /// The code could not be sent.
    #[error(transparent)]
    Gateway(#[from] SmsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Confirming {
    const fn label(self) -> &'static str {
        match self {
            Self::Registration => "VX-PENDING-REGISTRATION",
            Self::Change => "VX-PENDING-VENUE-CHANGE",
        }
    }

    fn hash(self, app: &App, phone: &Phone, code: &PhoneCode) -> KeyedHash {
        let key = &app.keys.account_hash;
        match self {
            Self::Registration => code.hash(phone, key),
            Self::Change => code.change_hash(phone, key),
        }
    }

    /// Hashes of a telephone and of the code that came from it, as they are stored.
    pub fn hashes(self, app: &App, phone: &Phone, code: &PhoneCode) -> (KeyedHash, KeyedHash) {
        (phone.hash(&app.keys.account_hash), self.hash(app, phone, code))
    }

    /// Sends a fresh code, unless too many were sent.
    pub async fn send_code(
        self,
        app: &App,
        phone: &Phone,
        language: Language,
    ) -> Result<(), CodeNotSent> {
        if attempt(app, Limit::Registrations, phone.as_str()).await? != Attempt::Allowed {
            return Err(CodeNotSent::TooMany);
        }
        let code = PhoneCode::generate(&mut rand::rng());
        let (phone_hash, code_hash) = self.hashes(app, phone, &code);
        let expires_at = app.clock.now().plus(CODE_SECONDS);
        app.store.set_phone_code(&phone_hash, &code_hash, expires_at).await?;
        let arguments = [
            ("code", code.expose().into()),
            ("authority", FluentValue::from(app.config.authority.name_in(language))),
            ("minutes", (CODE_SECONDS / 60).into()),
        ];
        let text = language.messages().text("sms-code", &arguments);
        let sent = messages::send(app, phone, &text).await;
        Ok(sent.inspect_err(|error| tracing::error!(%error, "a code could not be sent"))?)
    }

    /// Until when a form that is sealed now is good.
    pub fn good_until(app: &App) -> UnixTime {
        app.clock.now().plus(PENDING_SECONDS)
    }

    /// A form as the browser holds it.
    pub fn seal_form<T: Serialize>(self, app: &App, form: &T) -> serde_json::Result<String> {
        let json = serde_json::to_vec(form)?;
        let sealed = seal(&app.keys.account_seal, self.label(), b"", &json, &mut rand::rng());
        Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What the browser sends back; `None` when it was not sealed here.
    pub fn open_form<T: DeserializeOwned>(self, app: &App, sealed: &str) -> Option<T> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let json = open(&app.keys.account_seal, self.label(), b"", &sealed).ok()?;
        serde_json::from_slice(&json).ok()
    }
}
