//! What devices ask for: a token for a code, a certificate for a token, publication of keys.
//!
//! A dummy upload marks itself inside the body. It goes the same way through the same statements,
//! which are taken back or change nothing, and is answered alike. Its certificate is signed with a key that
//! publication does not take, so a dummy upload cannot be made into a real publication.

use p256::ecdsa::VerifyingKey;
use vungxanh_protocol::api::{
    CertificateRequest, CertificateResponse, PublishRequest, PublishResponse, VerifyRequest,
    VerifyResponse,
};
use vungxanh_protocol::diagnosis_key::ReportType;

use super::app::App;
use super::limits::{guess, guesses_stopped};
use super::refusal::Refusal;
use crate::domain::certificate::{CertificateError, Claims};
use crate::domain::codes::{Code, CodeKind, TOKEN_SECONDS, new_token, repeat_key, token_hash};
use crate::domain::diagnosis::{TestType, format_day};
use crate::domain::revision::{self, RevisableKey};
use crate::domain::upload_check::{UploadKind, ValidKeys, hmac_matches, onset_interval, validate};
use crate::domain::{base64_any, upload_check::RevisionRefused};
use crate::storage::codes::{Redemption, Used};
use crate::storage::uploads::KeyUpload;

/// Id of the certificate key.
const CERTIFICATE_KEY_ID: &str = "v1";

/// A token for a code.
pub async fn exchange_code(app: &App, request: VerifyRequest) -> Result<VerifyResponse, Refusal> {
    let now = app.clock.now();
    let kind = UploadKind::of(request.look_alike);
    let accepted = TestType::accepted(&request.accept).ok_or(Refusal::InvalidTestType);
    let code = Code::parse(&request.code).ok_or(Refusal::CodeInvalid);
    let (accepted, code) = match kind {
        UploadKind::Real => (accepted?, code?),
        UploadKind::Dummy => (
            accepted.unwrap_or_default(),
            code.unwrap_or_else(|_| Code::generate(CodeKind::Short, &mut rand::rng())),
        ),
    };
    let guess = match code.kind() {
        CodeKind::Short => guess(app),
        CodeKind::Long => None,
    };
    if kind == UploadKind::Real && code.kind() == CodeKind::Short && guess.is_none() {
        return Err(Refusal::TooManyGuesses);
    }
    let token = new_token(&code, &request.nonce, &app.keys.code_hash, &mut rand::rng());
    let redemption = Redemption {
        code_hash: code.hash(&app.keys.code_hash),
        token_hash: token_hash(&token, &app.keys.code_hash),
        token_expires_at: now.plus(TOKEN_SECONDS),
        accepted: &accepted,
        guess,
        kind,
    };
    let used = app.store.redeem_code(&redemption, now).await?;
    match used {
        Used::Now(diagnosis) => Ok(VerifyResponse {
            test_type: diagnosis.test_type.name().into(),
            symptom_date: format_day(diagnosis.symptom_day),
            test_date: format_day(diagnosis.test_day),
            token,
            ..Default::default()
        }),
        Used::Unknown => Err(Refusal::CodeUnknown),
        Used::Before => Err(Refusal::CodeInvalid),
        Used::Expired => Err(Refusal::CodeExpired),
        Used::Stopped { is_first } => {
            guess.inspect(|guess| guesses_stopped(app, guess, is_first));
            Err(Refusal::TooManyGuesses)
        }
        Used::Unsupported => Err(Refusal::UnsupportedTestType),
    }
}

/// A certificate for a token.
pub async fn make_certificate(
    app: &App,
    request: CertificateRequest,
) -> Result<CertificateResponse, Refusal> {
    let now = app.clock.now();
    let kind = UploadKind::of(request.look_alike);
    let is_hmac = base64_any::decode(&request.ekeyhmac).is_some_and(|hmac| hmac.len() == 32);
    if !is_hmac && kind == UploadKind::Real {
        return Err(Refusal::HmacInvalid);
    }
    let hash = token_hash(&request.token, &app.keys.code_hash);
    let repeat = repeat_key(&request.token, &request.ekeyhmac, &app.keys.code_hash);
    let diagnosis = match app.store.use_token(hash, &repeat, kind, now).await? {
        Used::Now(diagnosis) => diagnosis,
        Used::Expired => return Err(Refusal::TokenExpired),
        Used::Unknown | Used::Before | Used::Unsupported | Used::Stopped { .. } => {
            return Err(Refusal::TokenInvalid);
        }
    };
    let onset = diagnosis.symptom_day.map_or(0, |day| day.first_interval().number());
    // A dummy upload's HMAC may be of any length; its certificate is of the usual one.
    let tekmac = if is_hmac { request.ekeyhmac } else { "A".repeat(43) + "=" };
    let claims = Claims::new(&app.parties(), tekmac, diagnosis.test_type.name(), onset, now);
    let key = match kind {
        UploadKind::Real => &app.keys.certificate,
        UploadKind::Dummy => &app.keys.dummy,
    };
    let certificate = claims.sign(CERTIFICATE_KEY_ID, key)?;
    Ok(CertificateResponse { certificate, ..Default::default() })
}

/// An upload whose certificate holds and whose keys are valid.
struct Checked {
    valid: ValidKeys,
    onset: Option<vungxanh_protocol::interval::Interval>,
    token: Option<Vec<RevisableKey>>,
}

/// Takes the keys that a certificate is for.
pub async fn publish_keys(app: &App, request: PublishRequest) -> Result<PublishResponse, Refusal> {
    let kind = UploadKind::of(request.look_alike);
    let now = app.clock.now();
    let checked = match (check_upload(app, &request), kind) {
        (checked, UploadKind::Real) => checked?,
        (checked, UploadKind::Dummy) => checked.unwrap_or_else(|_| Checked {
            valid: validate(&request.temporary_exposure_keys, ReportType::ConfirmedTest, None, now)
                .unwrap_or_default(),
            onset: None,
            token: None,
        }),
    };
    let Checked { valid, onset, token } = checked;
    let upload = KeyUpload { keys: valid.keys.clone(), token: token.clone(), onset, kind };
    let taken = app.key_writer.store(upload).await?;
    let mut revisable: Vec<RevisableKey> = valid.keys.iter().map(RevisableKey::from).collect();
    revisable.extend(
        token.into_iter().flatten().filter(|old| !valid.keys.iter().any(|key| key.key == old.key)),
    );
    let authority = &app.config.authority.id;
    let revision_token =
        revision::seal(&revisable, authority, &app.keys.revision, &mut rand::rng());
    let partial = !valid.failures.is_empty();
    Ok(PublishResponse {
        revision_token,
        inserted_exposures: u32::try_from(taken).unwrap_or(u32::MAX),
        error: valid.failures.join("; "),
        code: if partial { "partial_failure".into() } else { String::new() },
        warnings: valid.warnings,
        padding: String::new(),
    })
}

fn check_upload(app: &App, request: &PublishRequest) -> Result<Checked, Refusal> {
    let now = app.clock.now();
    // Both signatures take the same time, and neither key takes the other's certificates.
    let key = if request.look_alike { &app.keys.dummy } else { &app.keys.certificate };
    let claims = Claims::verify(
        &request.verification_payload,
        &VerifyingKey::from(key),
        &app.parties(),
        now,
    );
    let hmac_matches = |claims: &Claims| hmac_matches(request, &claims.tekmac);
    if request.health_authority_id != app.config.authority.id {
        return Err(Refusal::UnknownAuthority);
    }
    let claims = claims?;
    if !hmac_matches(&claims) {
        return Err(Refusal::WrongKeys);
    }
    let report_type =
        TestType::from_name(&claims.report_type).ok_or(CertificateError::Malformed)?.report_type();
    let onset = onset_interval(claims.symptom_onset_interval, request.symptom_onset_interval, now);
    let valid = validate(&request.temporary_exposure_keys, report_type, onset, now)?;
    let token = match request.revision_token.as_str() {
        "" => None,
        token => Some(
            revision::open(token, &app.config.authority.id, &app.keys.revision)
                .map_err(|_| RevisionRefused::InvalidToken)?,
        ),
    };
    Ok(Checked { valid, onset, token })
}
