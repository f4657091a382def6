//! Posters: renewing and revoking them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::{Nothing, PostForm};
use super::super::page_error::PageError;
use super::super::session::VenueSession;
use super::units::row_of;
use crate::domain::venues::UnitId;
use crate::services::app::App;
use crate::services::units;

/// `POST /venue/posters/renew`: issues posters for units that have none that is right.
pub async fn renew(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    let page = &session.page;
    units::renew_posters(&app, session.venue, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/venue/units", "renewed"))
}

/// `POST /venue/posters/{unit}/revoke`: takes a poster back and issues another.
pub async fn revoke(
    session: VenueSession,
    Path(unit): Path<UnitId>,
    State(app): State<Arc<App>>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let row = row_of(&session, unit).await?;
    if !sure.is_given() {
        let asked = Confirmation {
            title: page.t1("poster-revoke-sure", "unit", row.shown_name(page)),
            consequences: vec![page.t("poster-revoke-text")],
            button: page.t("poster-revoke"),
            action: format!("/venue/posters/{unit}/revoke"),
            back: format!("/venue/units/{unit}"),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    units::revoke_poster(&app, session.venue, unit, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/venue/units", "revoked"))
}
