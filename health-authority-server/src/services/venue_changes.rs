//! An approved venue changes its name, address, telephone: it proposes, an officer decides. A new
//! telephone is confirmed by a code first; until then the proposal comes back sealed from the browser.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use super::phone_confirmation::{CodeNotSent, Confirming};
use super::venue_sms;
use super::venues::VenueServiceError;
use crate::domain::phone::{Phone, PhoneCode};
use crate::domain::venue_changes::{ChangedField, Proposed};
use crate::domain::venues::{Registration, TypedRegistration, VenueId};
use crate::i18n::Language;
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::venue_changes::{ChangeState, Decided, Stored, VenueChange};
use crate::storage::venues::Venue;

/// The most changes in one list for officers.
const MAX_LISTED: u32 = 200;

/// A change on its way through the browser, sealed.
#[derive(Serialize, Deserialize)]
pub struct PendingChange {
    #[serde(flatten)]
    form: TypedRegistration,
    phone: String,
    venue: VenueId,
    expires_at: UnixTime,
}

/// A venue with the change that waits for an officer.
pub struct WaitingChange {
    pub venue: Venue,
    pub change: VenueChange,
    pub fields: Vec<ChangedField>,
}

impl WaitingChange {
    /// Whether another telephone is to be the login.
    pub fn changes_phone(&self) -> bool {
        self.fields.iter().any(|field| field.name == "phone")
    }
}

/// What a venue is registered as.
pub fn present(venue: &Venue) -> Result<Proposed, VenueServiceError> {
    let phone = venue.phone.parse().map_err(|_| VenueServiceError::OtherState)?;
    Ok(Proposed { registration: venue.registration.clone(), phone })
}

/// Stores a change that leaves the telephone as it is.
pub async fn propose(
    app: &App,
    venue: &Venue,
    proposed: Proposed,
    actor: &Actor,
) -> Result<Stored, VenueServiceError> {
    store(app, venue, proposed, None, actor).await
}

async fn store(
    app: &App,
    venue: &Venue,
    proposed: Proposed,
    code: Option<&PhoneCode>,
    actor: &Actor,
) -> Result<Stored, VenueServiceError> {
    let now = app.clock.now();
    let fields = names(&present(venue)?.changed_to(&proposed));
    let hashes = code.map(|code| Confirming::Change.hashes(app, &proposed.phone, code));
    let change = VenueChange {
        venue: venue.venue,
        proposal: rand::rng().random_range(1..i64::MAX),
        proposed,
        proposed_at: now,
        actor: actor.name.clone(),
        state: ChangeState::Waiting,
        reason: String::new(),
    };
    let hashes = hashes.as_ref().map(|(phone, code)| (phone, code));
    Ok(app.store.propose_change(&change, hashes, &fields, actor, now).await?)
}

fn names(fields: &[ChangedField]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(" ")
}

/// Why a change of the telephone is not begun.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    #[error(transparent)]
    NotSent(#[from] CodeNotSent),
    /// The sealed form cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Sends a code to the new telephone and seals the form.
pub async fn begin(
    app: &App,
    venue: VenueId,
    form: TypedRegistration,
    phone: &Phone,
    language: Language,
) -> Result<String, NotBegun> {
    Confirming::Change.send_code(app, phone, language).await?;
    let expires_at = Confirming::good_until(app);
    let pending = PendingChange { form, phone: phone.as_str().to_owned(), venue, expires_at };
    Ok(Confirming::Change.seal_form(app, &pending)?)
}

impl PendingChange {
    /// What the browser of this venue's manager sends back; `None` when it is not that, or too old.
    pub fn open(app: &App, venue: VenueId, sealed: &str) -> Option<Self> {
        let pending: Self = Confirming::Change.open_form(app, sealed)?;
        (pending.venue == venue && app.clock.now() < pending.expires_at).then_some(pending)
    }

    /// The telephone to be confirmed.
    pub fn phone(&self) -> Option<Phone> {
        self.phone.parse().ok()
    }

    /// Stores the change if the code is the one that was sent.
    pub async fn confirm(
        &self,
        app: &App,
        venue: &Venue,
        code: &PhoneCode,
        actor: &Actor,
    ) -> Result<Stored, VenueServiceError> {
        let registration = Registration::read(&self.form);
        let (Ok(registration), Some(phone)) = (registration, self.phone()) else {
            return Ok(Stored::OtherState);
        };
        store(app, venue, Proposed { registration, phone }, Some(code), actor).await
    }
}

/// The change of a venue that waits, or whose decision it has not put away.
pub async fn of_venue(app: &App, venue: VenueId) -> Result<Option<VenueChange>, StoreError> {
    app.store.venue_change(venue).await
}

/// The changes that wait for an officer.
pub async fn waiting(app: &App) -> Result<Vec<WaitingChange>, VenueServiceError> {
    let mut waiting = Vec::new();
    for change in app.store.waiting_changes(MAX_LISTED).await? {
        waiting.push(with_venue(app, change).await?);
    }
    Ok(waiting)
}

/// The change of this venue that waits for an officer.
pub async fn waiting_of(app: &App, venue: VenueId) -> Result<WaitingChange, VenueServiceError> {
    let change = app.store.venue_change(venue).await?;
    let change = change.filter(|change| change.state == ChangeState::Waiting);
    with_venue(app, change.ok_or(VenueServiceError::NotFound)?).await
}

async fn with_venue(app: &App, change: VenueChange) -> Result<WaitingChange, VenueServiceError> {
    let venue = app.store.venue(change.venue).await?.ok_or(VenueServiceError::NotFound)?;
    let fields = present(&venue)?.changed_to(&change.proposed);
    Ok(WaitingChange { venue, change, fields })
}

pub async fn withdraw(app: &App, venue: VenueId, actor: &Actor) -> Result<(), VenueServiceError> {
    match app.store.withdraw_change(venue, actor, app.clock.now()).await? {
        true => Ok(()),
        false => Err(VenueServiceError::OtherState),
    }
}

/// The venue has read what an officer decided.
pub async fn put_decision_away(app: &App, venue: VenueId) -> Result<(), StoreError> {
    app.store.put_decision_away(venue).await
}

/// Puts the proposal that an officer saw in force. The telephone that was the login is told when another one is.
pub async fn approve(
    app: &App,
    (venue, proposal): (VenueId, i64),
    actor: &Actor,
) -> Result<Decided, VenueServiceError> {
    let waiting = waiting_of(app, venue).await?;
    let (fields, issuer, now) = (names(&waiting.fields), app.issuer(), app.clock.now());
    let decided = app.store.approve_change((venue, proposal), &fields, issuer.as_ref(), actor, now);
    let decided = decided.await?;
    if decided == Decided::Yes && waiting.changes_phone() {
        venue_sms::tell_login_moved(app, &waiting.venue).await;
    }
    Ok(decided)
}

/// Refuses the proposal that an officer saw; the venue reads the reason.
pub async fn refuse(
    app: &App,
    (venue, proposal): (VenueId, i64),
    reason: &str,
    actor: &Actor,
) -> Result<Decided, VenueServiceError> {
    Ok(app.store.refuse_change((venue, proposal), reason, actor, app.clock.now()).await?)
}
