//! Issuing verification codes, for staff's programs and the command line alike.

use fluent_bundle::FluentValue;
use rand::RngExt;
use vungxanh_protocol::api::{IssueRequest, IssueResponse};
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::app::App;
use super::limits::short_codes_stopped;
use super::messages;
use super::refusal::Refusal;
use crate::domain::codes::{Code, CodeKind, MAX_UUID_CHARACTERS, request_id_hash};
use crate::domain::diagnosis::{Diagnosis, TestType, local_day, parse_day};
use crate::domain::phone::{InvalidPhone, Phone};
use crate::i18n::Language;
use crate::storage::codes::{Issued, NewCode};

/// A code that staff ask for.
#[derive(Debug, Clone)]
pub struct CodeOrder {
    pub diagnosis: Diagnosis,
    pub kind: CodeKind,
    pub uuid: String,
}

impl CodeOrder {
    /// With an id drawn at random.
    pub fn new(diagnosis: Diagnosis, kind: CodeKind) -> Self {
        Self { diagnosis, kind, uuid: random_uuid() }
    }

    /// What a program of staff asks for, where it is `today`.
    pub fn read(request: &IssueRequest, today: UtcDay, now: UnixTime) -> Result<Self, Refusal> {
        let test_type = match request.test_type.as_str() {
            "" => TestType::Confirmed,
            name => TestType::from_name(name).ok_or(Refusal::InvalidTestType)?,
        };
        // Programs that name no offset, or a wrong one, are not refused where it is tomorrow.
        let today = local_day(now, request.tz_offset).max(today);
        let diagnosis = Diagnosis {
            test_type,
            symptom_day: parse_day(&request.symptom_date, today)?,
            test_day: parse_day(&request.test_date, today)?,
        };
        let kind = if request.long { CodeKind::Long } else { CodeKind::Short };
        if request.uuid.len() > MAX_UUID_CHARACTERS {
            return Err(Refusal::LongUuid);
        }
        match request.uuid.as_str() {
            "" => Ok(Self::new(diagnosis, kind)),
            uuid => Ok(Self { diagnosis, kind, uuid: uuid.to_owned() }),
        }
    }
}

/// Issues a code: a long one while short ones are stopped, whatever was asked for.
pub async fn issue(app: &App, order: &CodeOrder) -> Result<IssueResponse, Refusal> {
    let now = app.clock.now();
    let kind = match short_codes_stopped(app).await? {
        Some(_) => CodeKind::Long,
        None => order.kind,
    };
    let expires_at = now.plus(kind.seconds());
    loop {
        let code = Code::generate(kind, &mut rand::rng());
        let new = NewCode {
            code_hash: code.hash(&app.keys.code_hash),
            request_hash: request_id_hash(&order.uuid, &app.keys.code_hash),
            diagnosis: order.diagnosis,
            expires_at,
        };
        match app.store.issue_code(&new, now).await? {
            Issued::Yes => return Ok(response(&code, order, expires_at)),
            Issued::RequestRepeated => return Err(Refusal::UuidExists),
            Issued::CodeTaken => {}
        }
    }
}

/// Issues a code and sends it to the case's telephone. When it cannot be sent it is not valid, and the
/// same request may come again.
pub async fn issue_and_send(
    app: &App,
    order: &CodeOrder,
    phone: &str,
) -> Result<IssueResponse, Refusal> {
    let phone: Phone = phone.parse().map_err(|InvalidPhone| Refusal::InvalidPhone)?;
    if !app.sms.is_configured() {
        return Err(Refusal::NoMessages);
    }
    let issued = issue(app, order).await?;
    if let Err(error) = messages::send(app, &phone, &message(app, &issued)).await {
        tracing::error!(%error, "a code could not be sent");
        let code = Code::parse(&issued.code).ok_or(Refusal::Internal)?;
        let request_hash = request_id_hash(&order.uuid, &app.keys.code_hash);
        app.store.withdraw_code(&code.hash(&app.keys.code_hash), &request_hash).await?;
        return Err(Refusal::NotSent);
    }
    Ok(issued)
}

/// In both languages: which one the case reads is not known.
fn message(app: &App, issued: &IssueResponse) -> String {
    let time = jiff::Timestamp::from_second(issued.expires_at_timestamp)
        .map(|time| time.to_zoned(app.config.venues.zone()).strftime("%H:%M %d/%m").to_string())
        .unwrap_or_default();
    let said = |language: Language| {
        let arguments = [
            ("authority", FluentValue::from(app.config.authority.name_in(language))),
            ("code", issued.code.as_str().into()),
            ("time", time.as_str().into()),
        ];
        language.messages().text("sms-case-code", &arguments)
    };
    [said(Language::Vi), said(Language::En)].join("\n")
}

/// A random UUID (RFC 9562, version 4).
fn random_uuid() -> String {
    let mut bytes: [u8; 16] = rand::rng().random();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn response(code: &Code, order: &CodeOrder, expires_at: UnixTime) -> IssueResponse {
    let timestamp = i64::try_from(expires_at.as_secs()).unwrap_or(i64::MAX);
    let text = jiff::Timestamp::from_second(timestamp)
        .map(|time| time.strftime("%a, %d %b %Y %H:%M:%S UTC").to_string())
        .unwrap_or_default();
    IssueResponse {
        uuid: order.uuid.clone(),
        code: code.expose().to_owned(),
        expires_at: text.clone(),
        expires_at_timestamp: timestamp,
        long_expires_at: text,
        long_expires_at_timestamp: timestamp,
        ..Default::default()
    }
}
