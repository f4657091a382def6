//! Issuing verification codes: for the staff's pages and programs and for the command line alike.

use fluent_bundle::FluentValue;
use futures_util::future::join_all;
use vungxanh_protocol::api::{IssueRequest, IssueResponse};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime, UtcDay};

use super::app::App;
use super::limits::{attempt, retract, short_codes_stopped};
use super::messages;
use super::refusal::Refusal;
use super::sms::SmsError;
use crate::domain::codes::{
    Code, CodeKind, MAX_UUID_CHARACTERS, list_request_id, random_uuid, request_id_hash,
};
use crate::domain::diagnosis::{Diagnosis, MAX_DAYS_BACK, TestType, local_day, parse_day};
use crate::domain::phone::{InvalidPhone, Phone};
use crate::domain::throttle::{Attempt, Limit};
use crate::i18n::Language;
use crate::storage::audit::Actor;
use crate::storage::codes::{Issued, NewCode};

/// A code that staff ask for.
#[derive(Debug, Clone)]
pub struct CodeOrder {
    pub diagnosis: Diagnosis,
    pub kind: CodeKind,
    pub uuid: String,
    /// For how many days the same id issues no second code, beyond the validity of this one.
    remembered_days: u32,
}

impl CodeOrder {
    /// With an id drawn at random.
    pub fn new(diagnosis: Diagnosis, kind: CodeKind) -> Self {
        Self::with_id(diagnosis, kind, random_uuid(&mut rand::rng()))
    }

    /// With an id that issues one code, however often it is asked for.
    pub const fn with_id(diagnosis: Diagnosis, kind: CodeKind, uuid: String) -> Self {
        Self { diagnosis, kind, uuid, remembered_days: 0 }
    }

    /// For a line of a list. The same line issues one code as long as its dates can be of a case.
    pub fn of_list(app: &App, phone: &Phone, diagnosis: Diagnosis) -> Self {
        let uuid = list_request_id(phone.as_str(), &diagnosis, &app.keys.code_hash);
        let order = Self::with_id(diagnosis, CodeKind::Long, uuid);
        Self { remembered_days: MAX_DAYS_BACK, ..order }
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
            uuid => Ok(Self::with_id(diagnosis, kind, uuid.to_owned())),
        }
    }
}

/// Issues a code: a long one while short ones are stopped, whatever was asked for.
pub async fn issue(app: &App, order: &CodeOrder, actor: &Actor) -> Result<IssueResponse, Refusal> {
    let now = app.clock.now();
    let kind = match short_codes_stopped(app).await? {
        Some(_) => CodeKind::Long,
        None => order.kind,
    };
    let expires_at = now.plus(kind.seconds());
    let remembered_until = now.plus(u64::from(order.remembered_days) * DAY_SECONDS);
    loop {
        let code = Code::generate(kind, &mut rand::rng());
        let new = NewCode {
            code_hash: code.hash(&app.keys.code_hash),
            request_hash: request_id_hash(&order.uuid, &app.keys.code_hash),
            diagnosis: order.diagnosis,
            expires_at,
            remembered_until: expires_at.max(remembered_until),
        };
        match app.store.issue_code(&new, actor, now).await? {
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
    actor: &Actor,
) -> Result<IssueResponse, Refusal> {
    let phone: Phone = phone.parse().map_err(|InvalidPhone| Refusal::InvalidPhone)?;
    if !app.sms.is_configured() {
        return Err(Refusal::NoMessages);
    }
    if attempt(app, Limit::CaseCodes, phone.as_str()).await? != Attempt::Allowed {
        return Err(Refusal::TooManyMessages);
    }
    let issued = match issue(app, order, actor).await {
        Ok(issued) => issued,
        Err(refusal) => {
            retract(app, Limit::CaseCodes, phone.as_str()).await?;
            return Err(refusal);
        }
    };
    if let Err(error) = messages::send(app, &phone, &message(app, &issued)).await {
        tracing::error!(%error, "a code could not be sent");
        retract(app, Limit::CaseCodes, phone.as_str()).await?;
        let code = Code::parse(&issued.code).ok_or(Refusal::Internal)?;
        let request_hash = request_id_hash(&order.uuid, &app.keys.code_hash);
        let code_hash = code.hash(&app.keys.code_hash);
        app.store.withdraw_code(&code_hash, &request_hash, actor, app.clock.now()).await?;
        return Err(Refusal::NotSent);
    }
    Ok(issued)
}

/// What a program asks for: sent, where it names a telephone.
pub async fn issue_as_asked(
    app: &App,
    request: &IssueRequest,
    actor: &Actor,
) -> Result<IssueResponse, Refusal> {
    let now = app.clock.now();
    let order = CodeOrder::read(request, app.config.today(now), now)?;
    match request.phone.as_str() {
        "" => issue(app, &order, actor).await,
        phone => issue_and_send(app, &order, phone, actor).await,
    }
}

/// Several, each for itself and at the same time: a gateway that does not answer holds all of them up no
/// longer than one.
pub async fn issue_each(
    app: &App,
    requests: &[IssueRequest],
    actor: &Actor,
) -> Vec<Result<IssueResponse, Refusal>> {
    join_all(requests.iter().map(|request| issue_as_asked(app, request, actor))).await
}

/// A code for an officer's screen, and whether it was sent as well.
pub struct Shown {
    pub issued: IssueResponse,
    /// None when no telephone was named.
    pub sent: Option<Result<(), NotSent>>,
}

/// Why a code that an officer sees was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error("as many messages as this telephone, or all together, get in an hour were sent")]
    TooMany,
    #[error(transparent)]
    Gateway(#[from] SmsError),
}

/// Issues a code for an officer who sees it: it is valid whether or not its message can be sent.
pub async fn issue_and_show(
    app: &App,
    order: &CodeOrder,
    phone: Option<&Phone>,
    actor: &Actor,
) -> Result<Shown, Refusal> {
    let issued = issue(app, order, actor).await?;
    let sent = match phone {
        Some(phone)
            if attempt(app, Limit::CaseCodes, phone.as_str()).await? != Attempt::Allowed =>
        {
            Some(Err(NotSent::TooMany))
        }
        Some(phone) => {
            let sent = messages::send(app, phone, &message(app, &issued)).await;
            if sent.is_err() {
                retract(app, Limit::CaseCodes, phone.as_str()).await?;
            }
            Some(sent.map_err(NotSent::from))
        }
        None => None,
    };
    if let Some(Err(error)) = &sent {
        tracing::error!(%error, "a code could not be sent; an officer sees it");
    }
    Ok(Shown { issued, sent })
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
