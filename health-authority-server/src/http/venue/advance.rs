//! Shares in advance: on, handed over, revoked.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Serialize;
use vungxanh_protocol::interval::UnixTime;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::{PostForm, PostJson};
use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::session::VenueSession;
use super::shares::{
    PostedShares, ShownSlot, done, json_for_page, page_refusal, payload_text, refusal,
};
use crate::domain::share_requests::MAX_ADVANCE_DAYS;
use crate::domain::venues::UnitId;
use crate::services::venue_warnings;

#[derive(Template)]
#[template(path = "venue/advance.html")]
struct AdvancePage<'a> {
    page: &'a Page,
    unit: UnitId,
    unit_name: &'a str,
    is_on: bool,
    until: Option<UnixTime>,
    days: u32,
    data: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    unit: UnitId,
    public_key: Option<String>,
    payload: Option<String>,
    slots: Vec<ShownSlot>,
}

/// `GET /venue/advance/{unit}`.
pub async fn page(session: VenueSession, Path(unit): Path<UnitId>) -> Result<Response, PageError> {
    let (page, venue) = (&session.page, session.venue);
    let advance = venue_warnings::advance(&page.app, venue, unit).await;
    let advance = advance.map_err(|error| page_refusal(page, error))?;
    let mut data = Data { unit, public_key: None, payload: None, slots: Vec::new() };
    if let Some(poster) = &advance.poster {
        let slots = venue_warnings::next_slots(&page.app, poster);
        let slots = slots.map_err(|error| page_refusal(page, error))?;
        data.public_key = Some(hex::encode(poster.venue_key.to_bytes()));
        data.payload = Some(payload_text(poster));
        data.slots = ShownSlot::of(poster, &slots);
    }
    let data = json_for_page(page.language, &data).map_err(|error| page.fail(error))?;
    let (unit_name, is_on, until) = (advance.unit_name.as_str(), advance.is_on, advance.until);
    page.html(&AdvancePage { page, unit, unit_name, is_on, until, days: MAX_ADVANCE_DAYS, data })
}

/// `POST /venue/advance/{unit}`: shares, JSON of the page's script.
pub async fn hand_over(
    session: VenueSession,
    Path(unit): Path<UnitId>,
    PostJson(posted): PostJson<PostedShares>,
) -> Response {
    let (page, actor) = (&session.page, session.actor());
    let taken = async {
        let given = posted.read().await?;
        venue_warnings::hand_over(&page.app, session.venue, unit, given, &actor).await
    };
    taken.await.map_or_else(|error| refusal(page, &error), |()| done())
}

/// Nothing but the token.
#[derive(serde::Deserialize)]
pub struct Nothing {}

/// `POST /venue/advance/{unit}/on`: the unit's poster is replaced by one that says so.
pub async fn turn_on(
    session: VenueSession,
    Path(unit): Path<UnitId>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    set(session, unit, true, "advance-on").await
}

/// `POST /venue/advance/{unit}/revoke`: the shares are deleted, the poster is replaced.
pub async fn revoke(
    session: VenueSession,
    Path(unit): Path<UnitId>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    if !sure.is_given() {
        let page = &session.page;
        let advance = venue_warnings::advance(&page.app, session.venue, unit).await;
        let advance = advance.map_err(|error| page_refusal(page, error))?;
        let name = match advance.unit_name.as_str() {
            "" => page.t("unit-whole"),
            name => name.to_owned(),
        };
        let asked = Confirmation {
            title: page.t1("advance-revoke-sure", "unit", name),
            consequences: vec![page.t("advance-revoke-text")],
            button: page.t("advance-revoke"),
            action: format!("/venue/advance/{unit}/revoke"),
            back: format!("/venue/advance/{unit}"),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    set(session, unit, false, "advance-revoked").await
}

async fn set(
    session: VenueSession,
    unit: UnitId,
    on: bool,
    done: &str,
) -> Result<Response, PageError> {
    let (page, actor) = (&session.page, session.actor());
    let set = venue_warnings::set_advance(&page.app, session.venue, unit, on, &actor).await;
    set.map_err(|error| page_refusal(page, error))?;
    Ok(page.go(&format!("/venue/advance/{unit}"), done))
}
