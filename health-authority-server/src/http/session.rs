//! Who asks: sessions in cookies, and what handlers take to demand one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};

use super::page::{Page, Portal, cookie, is_secure};
use super::page_error::{PageError, Refusal};
use crate::domain::accounts::Role;
use crate::domain::permissions::Permission;
use crate::domain::sessions::{Lifetime, SessionToken};
use crate::domain::venues::VenueId;
use crate::services::app::App;
use crate::services::login::{self, SignedIn};
use crate::services::staff_accounts::Giver;
use crate::storage::StoreError;
use crate::storage::accounts::Account;
use crate::storage::audit::Actor;

/// The session that the browser's cookie names, if it is good.
pub(super) async fn find(
    app: &App,
    portal: Portal,
    headers: &HeaderMap,
) -> Result<Option<SignedIn>, StoreError> {
    let token = cookie(headers, cookie_name(app, portal)).and_then(SessionToken::from_cookie);
    let Some(token) = token else { return Ok(None) };
    let found = login::session(app, &token).await?;
    Ok(found.filter(|signed_in| portal.admits(signed_in.account.role)))
}

/// Begins a session in place of the one that the browser had; the cookie for it.
pub(super) async fn begin(page: &Page, account: &Account) -> Result<HeaderValue, PageError> {
    let token = login::begin_session(&page.app, account, page.signed_in.as_ref())
        .await
        .map_err(|error| page.fail(error))?;
    let age = Lifetime::of(account.role).longest;
    set_cookie(page, &token.to_cookie(), age)
}

/// The cookie that ends a session in the browser.
pub(super) fn end_cookie(page: &Page) -> Result<HeaderValue, PageError> {
    set_cookie(page, "", 0)
}

fn set_cookie(page: &Page, value: &str, age: u64) -> Result<HeaderValue, PageError> {
    let name = cookie_name(&page.app, page.portal);
    let secure = if is_secure(&page.app) { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    let mut cookie = HeaderValue::try_from(cookie).map_err(|error| page.fail(error))?;
    cookie.set_sensitive(true);
    Ok(cookie)
}

/// With `__Host-`, browsers take the cookie from this host by https only.
fn cookie_name(app: &App, portal: Portal) -> &'static str {
    match (is_secure(app), portal) {
        (true, Portal::Staff) => "__Host-vx-staff",
        (true, _) => "__Host-vx-venue",
        (false, Portal::Staff) => "vx-staff",
        (false, _) => "vx-venue",
    }
}

/// Anybody who is logged in, even if the account is not set up yet.
pub struct AnySession {
    pub page: Page,
    pub signed_in: SignedIn,
}

/// A manager of a venue.
pub struct VenueSession {
    pub page: Page,
    pub account: Account,
    pub venue: VenueId,
}

/// A manager of a venue, or a phone of its staff.
pub struct VenueStaffSession {
    pub page: Page,
    pub account: Account,
    pub venue: VenueId,
}

/// Somebody of the authority's staff. What they may do is asked with [`StaffSession::require_permission`], or with
/// [`StaffSession::require`] where all that a role may do is needed.
pub struct StaffSession {
    pub page: Page,
    pub account: Account,
}

impl VenueSession {
    /// For the audit log.
    pub fn actor(&self) -> Actor {
        self.account.actor()
    }
}

impl StaffSession {
    /// For the audit log.
    pub fn actor(&self) -> Actor {
        self.account.actor()
    }

    /// Refuses unless the account has this permission.
    pub fn require_permission(&self, permission: Permission) -> Result<(), PageError> {
        match self.account.role.permissions().has(permission) {
            true => Ok(()),
            false => Err(self.page.refuse(Refusal::Forbidden)),
        }
    }

    /// What this one may give to others.
    pub fn giver(&self) -> Giver {
        Giver::officer(&self.account)
    }

    /// Refuses unless the account may do what `role` may.
    pub fn require(&self, role: Role) -> Result<(), PageError> {
        if self.account.role.may(role) { Ok(()) } else { Err(self.page.refuse(Refusal::Forbidden)) }
    }
}

impl FromRequestParts<Arc<App>> for AnySession {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let page = Page::from_request_parts(parts, app).await?;
        let is_page = matches!(parts.method, Method::GET | Method::HEAD);
        match page.signed_in.clone() {
            Some(signed_in) => Ok(Self { page, signed_in }),
            None => Err(page.refuse(Refusal::NotSignedIn { page: is_page })),
        }
    }
}

/// An account that is set up and may do what `role` may.
async fn account_with(
    parts: &mut Parts,
    app: &Arc<App>,
    role: Role,
) -> Result<(Page, Account, VenueId), PageError> {
    let AnySession { page, signed_in: SignedIn { account, .. } } =
        AnySession::from_request_parts(parts, app).await?;
    if account.one_time_until.is_some() {
        return Err(page.refuse(Refusal::Unfinished));
    }
    match account.venue {
        Some(venue) if account.role.may(role) => Ok((page, account, venue)),
        _ => Err(page.refuse(Refusal::Forbidden)),
    }
}

impl FromRequestParts<Arc<App>> for VenueSession {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let (page, account, venue) = account_with(parts, app, Role::VenueManager).await?;
        Ok(Self { page, account, venue })
    }
}

impl FromRequestParts<Arc<App>> for VenueStaffSession {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let (page, account, venue) = account_with(parts, app, Role::VenueStaff).await?;
        Ok(Self { page, account, venue })
    }
}

impl FromRequestParts<Arc<App>> for StaffSession {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let AnySession { page, signed_in: SignedIn { account, .. } } =
            AnySession::from_request_parts(parts, app).await?;
        if !account.role.is_authority() {
            return Err(page.refuse(Refusal::Forbidden));
        }
        let needs_app = app.config.staff.require_authenticator && !account.has_totp;
        if account.one_time_until.is_some() || needs_app {
            return Err(page.refuse(Refusal::Unfinished));
        }
        Ok(Self { page, account })
    }
}
