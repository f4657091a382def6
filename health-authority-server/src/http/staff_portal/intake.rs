//! Declarations for officers: a page whose script opens them in the browser. What is answered here is
//! ciphertext, and numbers of days; opened content never comes back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::json;
use vungxanh_protocol::intake::{HALF_BYTES, SealedHalf};

use super::super::checkin::script_json;
use super::super::form::{PostBytes, PostJson};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::reply::plain;
use super::super::session::StaffSession;
use super::super::{assets, unit_files};
use super::intake_stream;
use crate::authority::intake::GivenHalf;
use crate::domain::accounts::Role;
use crate::services::intake_officers::{self, ListedDay, OfficerError};

/// Ids of the texts that the page's script shows begin with this.
const SCRIPT_TEXTS: &str = "page-intake-";
/// The longest request that gives access, in bytes: its halves in Base64 with their days.
pub const MAX_ACCESS_BYTES: usize = 512 * 1_024;
/// Says which version of a register was read.
const VERSION_HEADER: &str = "x-register-version";

#[derive(Template)]
#[template(path = "staff/intake.html")]
struct IntakePage<'a> {
    page: &'a Page,
    data: String,
    name: &'a str,
}

/// An account whose role is to read declarations; administrators are told why they do not.
fn require(session: &StaffSession) -> Result<(), PageError> {
    match session.account.role.may(Role::IntakeOfficer) {
        true => Ok(()),
        false => Err(session.page.refuse(Refusal::NotIntakeOfficer)),
    }
}

/// `GET /staff/intake`.
pub(super) async fn page(session: StaffSession) -> Result<Response, PageError> {
    require(&session)?;
    let StaffSession { page, account } = &session;
    let key = page.app.store.officer_key(account.account).await;
    let key = key.map_err(|error| page.fail(error))?;
    let mut values = serde_json::Map::new();
    let worker = assets::path("officer-worker.js");
    values.insert("worker".into(), page.href(&worker).into());
    values.insert("base".into(), page.href("/").into());
    values.insert("paths".into(), page.href("/staff/intake").into());
    values.insert("keyPath".into(), page.href("/staff/intake/key").into());
    values.insert("units".into(), unit_files::version().into());
    values.insert("account".into(), account.account.into());
    values.insert("name".into(), account.name.clone().into());
    values.insert("publicKey".into(), key.map(hex::encode).into());
    let provinces: Vec<_> =
        unit_files::provinces().iter().map(|one| json!([one.code, one.name])).collect();
    values.insert("provinces".into(), provinces.into());
    values.insert("form".into(), texts(page, &["declare-"]));
    values.insert("texts".into(), texts(page, &["page-key-", SCRIPT_TEXTS]));
    let data = script_json(&values.into());
    page.html(&IntakePage { page, data, name: &account.name })
}

/// The texts whose ids begin with one of these, by the rest of their ids; later ones count.
fn texts(page: &Page, prefixes: &[&str]) -> serde_json::Value {
    let all = prefixes.iter().flat_map(|prefix| page.language.patterns(prefix));
    all.map(|(id, text)| (id, serde_json::Value::String(text)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What the script sends: hexadecimal.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewKey {
    #[serde(with = "hex::serde")]
    public_key: [u8; 32],
}

/// `POST /staff/intake/key`: the public half of the key that was made in the browser.
pub(super) async fn set_key(
    session: StaffSession,
    PostJson(new): PostJson<NewKey>,
) -> Result<Response, PageError> {
    require(&session)?;
    let StaffSession { page, account } = &session;
    let actor = session.actor();
    let taken =
        intake_officers::hand_in_key(&page.app, account.account, &new.public_key, &actor).await;
    Ok(match taken {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refusal(page, &error),
    })
}

/// `GET /staff/intake/days`: which days and groups there are. An account whose key is in no roster gets
/// none, and is told so by `officer`.
pub(super) async fn days(session: StaffSession) -> Result<Response, PageError> {
    require(&session)?;
    let StaffSession { page, account } = &session;
    let app = &page.app;
    let today = app.config.local_time(page.now()).day(page.now());
    let retention = app.config.declarations.retention_days;
    let none = |officer: Option<u16>, days: &[ListedDay]| {
        let days: Vec<_> = days.iter().map(shown).collect();
        let body =
            json!({"officer": officer, "today": today, "retentionDays": retention, "days": days});
        plain(StatusCode::OK, &body)
    };
    let officer = match intake_officers::officer_of(app, account.account).await {
        Ok(officer) => officer,
        Err(OfficerError::NotAnOfficer) => return Ok(none(None, &[])),
        Err(error) => return Ok(refusal(page, &error)),
    };
    Ok(match intake_officers::days(app, &officer).await {
        Ok(days) => none(Some(officer.id), &days),
        Err(error) => refusal(page, &error),
    })
}

fn shown(day: &ListedDay) -> serde_json::Value {
    json!({
        "day": day.key.day, "group": day.key.group, "keyId": day.key.id,
        "declarations": day.declarations, "calls": day.calls, "holders": day.holders,
        "half": day.half.as_ref().map(|half| BASE64_STANDARD.encode(half.as_bytes())),
    })
}

/// `GET /staff/intake/days/{day}/{group}`: all that is sealed to the key of that day and group.
pub(super) async fn fetch(
    session: StaffSession,
    Path(of): Path<(u16, u8)>,
) -> Result<Response, PageError> {
    require(&session)?;
    let StaffSession { page, account } = &session;
    let app = &page.app;
    let actor = session.actor();
    let fetched = async {
        let officer = intake_officers::officer_of(app, account.account).await?;
        let day = intake_officers::fetch(app, &officer, of, &actor).await?;
        Ok::<_, OfficerError>((officer, day))
    };
    Ok(match fetched.await {
        Ok((officer, day)) => intake_stream::respond(Arc::clone(app), officer.id, &day),
        Err(error) => refusal(page, &error),
    })
}

/// `GET /staff/intake/days/{day}/{group}/register`: what officers noted; version 0 and nothing where they
/// noted nothing.
pub(super) async fn register(
    session: StaffSession,
    Path(of): Path<(u16, u8)>,
) -> Result<Response, PageError> {
    require(&session)?;
    let StaffSession { page, account } = &session;
    let stored = async {
        let officer = intake_officers::officer_of(&page.app, account.account).await?;
        intake_officers::register(&page.app, &officer, of).await
    };
    Ok(match stored.await {
        Ok(stored) => {
            let version = stored.version.to_string();
            let kind = "application/octet-stream".to_owned();
            let headers = [(header::CONTENT_TYPE.as_str(), kind), (VERSION_HEADER, version)];
            (headers, stored.sealed).into_response()
        }
        Err(error) => refusal(page, &error),
    })
}

/// The version in place of which a register is stored.
#[derive(Deserialize)]
pub(super) struct Earlier {
    version: u32,
}

/// `POST /staff/intake/days/{day}/{group}/register?version=N`: the sealed register, in place of version
/// N; 409 where another one is there.
pub(super) async fn put_register(
    session: StaffSession,
    Path(of): Path<(u16, u8)>,
    Query(Earlier { version }): Query<Earlier>,
    PostBytes(sealed): PostBytes,
) -> Result<Response, PageError> {
    require(&session)?;
    let StaffSession { page, account } = &session;
    let stored = async {
        let officer = intake_officers::officer_of(&page.app, account.account).await?;
        let sealed = sealed.to_vec();
        intake_officers::put_register(&page.app, &officer, of, version, sealed).await
    };
    Ok(match stored.await {
        Ok(()) => plain(StatusCode::OK, &json!({"version": version + 1})),
        Err(error) => refusal(page, &error),
    })
}

/// Halves for another officer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Access {
    officer: u16,
    halves: Vec<PostedHalf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PostedHalf {
    day: u16,
    group: u8,
    key_id: u32,
    half: String,
}

impl PostedHalf {
    fn read(&self) -> Option<GivenHalf> {
        let bytes: [u8; HALF_BYTES] = BASE64_STANDARD.decode(&self.half).ok()?.try_into().ok()?;
        let Self { day, group, key_id, .. } = *self;
        Some(GivenHalf { day, group, key_id, half: SealedHalf::from_bytes(bytes) })
    }
}

/// `POST /staff/intake/access`: halves that this officer's browser sealed to another officer.
pub(super) async fn give_access(
    session: StaffSession,
    PostJson(access): PostJson<Access>,
) -> Result<Response, PageError> {
    require(&session)?;
    let StaffSession { page, account } = &session;
    let halves: Option<Vec<GivenHalf>> = access.halves.iter().map(PostedHalf::read).collect();
    let halves = halves.ok_or_else(|| page.refuse(Refusal::Unreadable))?;
    let actor = session.actor();
    let given = async {
        let giver = intake_officers::officer_of(&page.app, account.account).await?;
        intake_officers::give_access(&page.app, &giver, access.officer, &halves, &actor).await
    };
    Ok(match given.await {
        Ok(given) => plain(StatusCode::OK, &json!({"given": given})),
        Err(error) => refusal(page, &error),
    })
}

/// A refusal for the script: `{"error": NAME, "message": TEXT}`.
fn refusal(page: &Page, error: &OfficerError) -> Response {
    let status = match error {
        OfficerError::NotAnOfficer => StatusCode::FORBIDDEN,
        OfficerError::NoKey | OfficerError::UnknownOfficer => StatusCode::NOT_FOUND,
        OfficerError::KeyTaken | OfficerError::OtherVersion => StatusCode::CONFLICT,
        OfficerError::WeakKey | OfficerError::NotARegister | OfficerError::TooMany => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        OfficerError::GivenUp | OfficerError::File(_) | OfficerError::Store(_) => {
            tracing::error!(%error, "declarations could not be given to an officer");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let message = page.named("intake-error", error.name());
    plain(status, &json!({"error": error.name(), "message": message}))
}
