//! Posters: renewing and revoking them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::{Nothing, PostForm};
use super::super::page_error::{PageError, Refusal};
use super::super::session::VenueSession;
use super::units::row_of;
use crate::domain::venues::UnitId;
use crate::services::app::App;

/// `POST /venue/posters/renew`: issues posters for units that have none that is right.
pub async fn renew(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let issuer = app.issuer().ok_or_else(|| page.refuse(Refusal::NoVenueKey))?;
    app.store
        .renew_posters(session.venue, Some(&issuer), &session.actor(), page.now())
        .await
        .map_err(|error| page.fail(error))?;
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
    let issuer = app.issuer();
    let revoked = app
        .store
        .revoke_poster(session.venue, unit, issuer.as_ref(), &session.actor(), page.now())
        .await
        .map_err(|error| page.fail(error))?;
    page.require(revoked, Refusal::NotFound)?;
    Ok(page.go("/venue/units", "revoked"))
}
