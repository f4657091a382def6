//! Telephone codes of declarations: a message to the number, then a proof for the officers and tokens
//! that are signed blindly. Nothing that is stored says which number, and nothing joins number and
//! declaration.

use std::sync::Arc;

use fluent_bundle::FluentValue;
use sha2::{Digest, Sha256};
use vungxanh_protocol::declaration::normalised_phone;
use vungxanh_protocol::phone::{
    BlindToken, CODE_SECONDS, CodeRequest, ConfirmRequest, PhoneError, PhoneIssuer, PhoneResponse,
};

use super::app::App;
use super::declarations::{open_days, published};
use super::limits::attempt;
use super::messages;
use super::refusal::Refusal;
use crate::authority::intake::{DaySecrets, phone_secrets};
use crate::domain::phone::{Phone, PhoneCode};
use crate::domain::throttle::{ANYBODY, Attempt, Limit};
use crate::i18n::Language;
use crate::storage::declaration_codes::{CodeStored, NewCode, TypedCode};

/// Sends a code, unless the number had its messages of the day: the answer is the same, so that nobody
/// learns by it whether a number has declared.
pub async fn request_code(app: &Arc<App>, request: CodeRequest) -> Result<PhoneResponse, Refusal> {
    let phone = number(&request.phone)?;
    let session = request.session()?;
    let language = Language::from_tag(&request.language).unwrap_or(Language::Vi);
    if !app.sms.is_configured() {
        return Err(Refusal::NoMessages);
    }
    if !phone.is_of(&app.config.declarations.countries) {
        return Err(Refusal::OtherCountry);
    }
    let now = app.clock.now();
    let published = published(app)?;
    let day = published.intake.list().local_time.day(now);
    let secrets = secrets(app, &published, day)?;
    if attempt(app, Limit::DeclarationCodes, ANYBODY).await? != Attempt::Allowed {
        return Err(Refusal::TooManyCodes);
    }
    let code = PhoneCode::generate(&mut rand::rng());
    let new = NewCode {
        request: secrets.request_hash(&phone, &session),
        phone: secrets.phone_hash(&phone),
        code: secrets.code_hash(&phone, &code),
        day,
        expires_at: now.plus(CODE_SECONDS),
    };
    if app.store.put_declaration_code(&new).await? == CodeStored::Now {
        send(app, new, phone, code, language);
    }
    Ok(PhoneResponse::default())
}

/// In the background: how long the gateway takes would say whether anything was sent.
fn send(app: &Arc<App>, new: NewCode, phone: Phone, code: PhoneCode, language: Language) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let arguments = [
            ("code", code.expose().into()),
            ("authority", FluentValue::from(app.config.authority.name_in(language))),
            ("minutes", (CODE_SECONDS / 60).into()),
        ];
        let text = language.messages().text("sms-declaration-code", &arguments);
        if let Err(error) = messages::send(&app, &phone, &text).await {
            tracing::error!(%error, "a code for a declaration could not be sent");
            if let Err(error) = app.store.take_back_declaration_code(&new.request).await {
                tracing::error!(%error, "a code that was not sent could not be taken back");
            }
        }
    });
}

/// For the right code: a proof over number and day, and the tokens, signed without being seen. The same
/// request again gets the same answer.
pub async fn confirm(app: &App, request: ConfirmRequest) -> Result<PhoneResponse, Refusal> {
    let phone = number(&request.phone)?;
    let session = request.session()?;
    let tokens = request.tokens()?;
    let published = published(app)?;
    let now = app.clock.now();
    if !open_days(&published, now).contains(&request.day) {
        return Err(Refusal::WrongDay);
    }
    let secrets = secrets(app, &published, request.day)?;
    // What is no code is a wrong one.
    let code = PhoneCode::parse(&request.code).ok_or(Refusal::WrongPhoneCode)?;
    let typed = TypedCode {
        request: secrets.request_hash(&phone, &session),
        code: secrets.code_hash(&phone, &code),
        day: request.day,
        tokens: Sha256::digest(request.blinded.as_bytes()).into(),
    };
    if !app.store.confirm_declaration_code(&typed, now).await? {
        return Err(Refusal::WrongPhoneCode);
    }
    let sign = move || answer(&secrets.issuer, &tokens, request.day, phone.as_str());
    tokio::task::spawn_blocking(sign).await.map_err(|_| Refusal::Internal)
}

fn answer(issuer: &PhoneIssuer, tokens: &[BlindToken], day: u16, number: &str) -> PhoneResponse {
    let signatures: Vec<_> = tokens.iter().map(|token| issuer.issue(token)).collect();
    PhoneResponse::confirmed(&signatures, issuer.prove(day, number))
}

/// The number as it is proven: in the one form that forms hold, too.
fn number(text: &str) -> Result<Phone, Refusal> {
    let phone: Phone = text.parse().map_err(|_| Refusal::NoPhone)?;
    let same = phone.as_str() == text && normalised_phone(text).as_deref() == Some(text);
    if same { Ok(phone) } else { Err(Refusal::NoPhone) }
}

/// The secrets of a day, if they are those of its published key.
fn secrets(
    app: &App,
    published: &crate::authority::intake::Published,
    day: u16,
) -> Result<DaySecrets, Refusal> {
    let keys = published.phones.as_ref().ok_or(Refusal::NoIntakeKeys)?;
    let key = keys.key_for(day).map_err(|_: PhoneError| Refusal::NoIntakeKeys)?;
    match phone_secrets(&app.folder, key) {
        Ok(Some(secrets)) => Ok(secrets),
        Ok(None) => Err(Refusal::NoIntakeKeys),
        Err(error) => {
            tracing::error!(%error, "a key of telephone codes cannot be read");
            Err(Refusal::Internal)
        }
    }
}
