//! An approved venue changes its name, address, telephone: it proposes, an officer decides. A new
//! telephone is confirmed by a code first; until then the proposal comes back sealed from the browser.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fluent_bundle::FluentValue;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::seal::{open, seal};

use super::app::App;
use super::limits::attempt;
use super::messages;
use super::registration::RegistrationError;
use super::venues::VenueServiceError;
use crate::domain::phone::{CODE_SECONDS, Phone, PhoneCode};
use crate::domain::throttle::{Attempt, Limit};
use crate::domain::venue_changes::{ChangedField, Proposed};
use crate::domain::venues::{Registration, TypedRegistration, VenueId};
use crate::i18n::Language;
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::venue_changes::{ChangeState, Decided, Stored, VenueChange};
use crate::storage::venues::Venue;

const LABEL: &str = "VX-PENDING-VENUE-CHANGE";
/// An unconfirmed change is worth as long as a few codes.
const PENDING_SECONDS: u64 = 3_600;
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
    let key = &app.keys.account_hash;
    let hashes =
        code.map(|code| (proposed.phone.hash(key), code.change_hash(&proposed.phone, key)));
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

/// Sends a code to the new telephone and seals the form.
pub async fn begin(
    app: &App,
    venue: VenueId,
    form: TypedRegistration,
    phone: &Phone,
    language: Language,
) -> Result<String, RegistrationError> {
    send_code(app, phone, language).await?;
    let expires_at = app.clock.now().plus(PENDING_SECONDS);
    let pending = PendingChange { form, phone: phone.as_str().to_owned(), venue, expires_at };
    let json = serde_json::to_vec(&pending)?;
    let sealed = seal(&app.keys.account_seal, LABEL, b"", &json, &mut rand::rng());
    Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
}

/// Sends a fresh code, unless too many were sent.
pub async fn send_code(
    app: &App,
    phone: &Phone,
    language: Language,
) -> Result<(), RegistrationError> {
    if attempt(app, Limit::Registrations, phone.as_str()).await? != Attempt::Allowed {
        return Err(RegistrationError::TooManyCodes);
    }
    let code = PhoneCode::generate(&mut rand::rng());
    let key = &app.keys.account_hash;
    let (phone_hash, code_hash) = (phone.hash(key), code.change_hash(phone, key));
    let expires_at = app.clock.now().plus(CODE_SECONDS);
    app.store.set_phone_code(&phone_hash, &code_hash, expires_at).await?;
    let arguments = [
        ("code", code.expose().into()),
        ("authority", FluentValue::from(app.config.authority.name_in(language))),
        ("minutes", (CODE_SECONDS / 60).into()),
    ];
    let text = language.messages().text("sms-code", &arguments);
    let sent = messages::send(app, phone, &text).await;
    Ok(sent.inspect_err(|error| tracing::error!(%error, "a code could not be sent"))?)
}

impl PendingChange {
    /// What the browser of this venue's manager sends back; `None` when it is not that, or too old.
    pub fn open(app: &App, venue: VenueId, sealed: &str) -> Option<Self> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let json = open(&app.keys.account_seal, LABEL, b"", &sealed).ok()?;
        let pending: Self = serde_json::from_slice(&json).ok()?;
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

/// The change of a venue that waits, or the last one if it was refused.
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

/// Puts the proposal that an officer saw in force.
pub async fn approve(
    app: &App,
    (venue, proposal): (VenueId, i64),
    actor: &Actor,
) -> Result<Decided, VenueServiceError> {
    let fields = names(&waiting_of(app, venue).await?.fields);
    let (issuer, now) = (app.issuer(), app.clock.now());
    let decided = app.store.approve_change((venue, proposal), &fields, issuer.as_ref(), actor, now);
    Ok(decided.await?)
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
