//! From a case's visit to warnings: what the staff's and the venues' pages and the command line do.
//!
//! A stay opens one request for each poster that hung at the place. Shares that the venue handed
//! over in advance answer it at once; otherwise it waits for the venue, which is notified.

use std::collections::{BTreeMap, BTreeSet};

use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::disclosure::{DisclosedVisit, PosterFingerprint};
use vungxanh_protocol::venue::party::PartyKey;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::warning::Notice;

use crate::authority::error::FileError;
use crate::domain::doors::{DoorShares, complete_at, name_of};
use crate::domain::posters::Issuer;
use crate::domain::share_requests::{
    DueWarning, MAX_ADVANCE_DAYS, MAX_REASON_CHARACTERS, NotWarned, RequestId, RequestedPoster,
    ShareError, Shares, SlotName, Stay, WantedSlot, advance_slots, check_shares, make_warnings,
    oldest_kept, visit_hash, wanted_slots,
};
use crate::domain::typed::shows_all_lines;
use crate::domain::venue_secrets::{open_display, open_share, seal_share};
use crate::domain::venues::{UnitId, VenueId};
use crate::services::app::App;
use crate::services::doors::{self, OpenDoorError};
use crate::services::venue_sms::notify_of_requests;
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::doors::OpenedDoors;
use crate::storage::posters::PosterRow;
use crate::storage::share_requests::{NewRequest, RequestDetails, RequestState, ShareRequest};

/// Where a case was.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// At the poster that its device scanned.
    Poster(PosterFingerprint),
    /// At a unit, as a person remembers it.
    Unit(UnitId),
}

/// Why something was not done. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum VenueWarningError {
    /// No one can be warned about that stay.
    #[error(transparent)]
    NotWarned(#[from] NotWarned),
    /// The shares do not fit.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// There is no such request or unit of that venue.
    #[error("there is no such request or unit")]
    NotFound,
    /// The request does not wait any more.
    #[error("the request has been answered already")]
    NotWaiting,
    /// No reason was given, or too long a one.
    #[error("the reason must have 1 to {MAX_REASON_CHARACTERS} characters")]
    Reason,
    /// The unit's present poster does not say that shares are handed over in advance.
    #[error("the unit's poster does not say that shares are handed over in advance")]
    NotInAdvance,
    /// Nothing can be issued without a key for venues.
    #[error("the authority has no valid key for venues")]
    NoVenueKey,
    #[error("the door's records of these hours are not all in yet")]
    TooEarly(UnixTime),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
    /// More shares than are read at a time.
    #[error("more than {0} shares")]
    TooMany(usize),
    /// The work was given up.
    #[error("the work was given up")]
    GivenUp,
}

impl From<OpenDoorError> for VenueWarningError {
    fn from(error: OpenDoorError) -> Self {
        match error {
            OpenDoorError::Share(error) => Self::Share(error),
            OpenDoorError::Store(error) => Self::Store(error),
            OpenDoorError::File(error) => Self::File(error),
            OpenDoorError::GivenUp => Self::GivenUp,
        }
    }
}

/// Opens the requests for a stay, or finds those that were opened for it before. A venue whose
/// request waits is notified.
pub async fn open(
    app: &App,
    place: Place,
    stay: &Stay,
    actor: &Actor,
) -> Result<Vec<ShareRequest>, VenueWarningError> {
    let mut opened = Vec::new();
    let requests = open_stay(app, place, stay, actor, &mut opened).await;
    notify_of_requests(app, &opened).await;
    requests
}

/// All requests for a stay; those that were opened now are added to `opened`.
async fn open_stay(
    app: &App,
    place: Place,
    stay: &Stay,
    actor: &Actor,
    opened: &mut Vec<ShareRequest>,
) -> Result<Vec<ShareRequest>, VenueWarningError> {
    let now = app.clock.now();
    let retention_days = app.profile.tracing.retention_days;
    let notice = stay.notice(&app.profile.risk, retention_days, now)?;
    let mut requests = Vec::new();
    for poster in posters_at(app, place, &notice).await? {
        let wanted = wanted(app, &poster, &notice, now)?;
        let Some(last) = wanted.iter().map(|slot| slot.hour).max() else { continue };
        let new = NewRequest {
            visit_hash: visit_hash(&app.keys.visit_hash, &poster.fingerprint, &notice),
            poster: poster.id,
            notice: notice.clone(),
            reason: stay.reason.trim().to_owned(),
            forget_at: last.end().plus(u64::from(retention_days) * DAY_SECONDS),
        };
        let (mut request, is_new) = app.store.open_share_request(&new, actor, now).await?;
        if request.state == RequestState::Waiting
            && answer_from_advance(app, &request, &poster, wanted, actor).await?
        {
            request.state = RequestState::Approved;
        }
        if is_new {
            opened.push(request.clone());
        }
        requests.push(request);
    }
    if requests.is_empty() { Err(NotWarned::NoPosterThen.into()) } else { Ok(requests) }
}

/// Opens the requests for each disclosed visit, in their order.
pub async fn open_disclosed(
    app: &App,
    visits: &[DisclosedVisit],
    stay: &Stay,
    actor: &Actor,
) -> Vec<Result<Vec<ShareRequest>, VenueWarningError>> {
    let (mut results, mut opened) = (Vec::with_capacity(visits.len()), Vec::new());
    for visit in visits {
        let stay = Stay { from: visit.from(), until: visit.until(), ..stay.clone() };
        let place = Place::Poster(visit.poster());
        results.push(open_stay(app, place, &stay, actor, &mut opened).await);
    }
    notify_of_requests(app, &opened).await;
    results
}

/// All requests, the newest first.
pub async fn requests(app: &App) -> Result<Vec<ShareRequest>, StoreError> {
    app.store.share_requests().await
}

/// A request with what its shares are made of.
#[derive(Debug)]
pub struct Asked {
    pub id: RequestId,
    pub details: RequestDetails,
    pub poster: RequestedPoster,
    pub slots: Vec<WantedSlot>,
    /// The hours of the unit's door.
    pub doors: BTreeSet<Hour>,
}

impl Asked {
    /// From when on it can be answered, where that is not yet.
    pub fn answer_from(&self, now: UnixTime) -> Option<UnixTime> {
        complete_at(&self.doors).filter(|from| *from > now)
    }
}

/// A venue's answer to a request.
#[derive(Debug, Default)]
pub struct Given {
    pub slots: Shares,
    /// Of the door, in the same hours.
    pub doors: DoorShares,
}

/// The requests that wait for a venue, with their slots.
pub async fn waiting(app: &App, venue: VenueId) -> Result<Vec<Asked>, VenueWarningError> {
    let mut asked = Vec::new();
    for request in app.store.waiting_share_requests(venue).await? {
        if let Some(details) = request.details {
            asked.push(with_slots(app, request.id, details).await?);
        }
    }
    Ok(asked)
}

/// Makes the warnings of a venue's request from its shares, all of them at once, and opens the hours of
/// the unit's door.
pub async fn approve(
    app: &App,
    venue: VenueId,
    request: RequestId,
    given: Given,
    actor: &Actor,
) -> Result<(), VenueWarningError> {
    let found = app.store.venue_share_request(request, venue).await?;
    let found = found.ok_or(VenueWarningError::NotFound)?;
    if found.state != RequestState::Waiting {
        return Err(VenueWarningError::NotWaiting);
    }
    let details = found.details.ok_or(VenueWarningError::NotFound)?;
    let asked = with_slots(app, request, details).await?;
    let now = app.clock.now();
    if let Some(from) = asked.answer_from(now) {
        return Err(VenueWarningError::TooEarly(from));
    }
    let Asked { details, poster, slots, doors, .. } = asked;
    let notice = details.notice.clone();
    let warnings = make(app, poster.clone(), notice, slots, given.slots).await?;
    let opened = doors::open(app, &details, &poster, &doors, given.doors).await?;
    let approved = app.store.approve_share_request(request, &warnings, &opened, actor, now);
    if approved.await? { Ok(()) } else { Err(VenueWarningError::NotWaiting) }
}

/// The venue gives no shares, and says why.
pub async fn refuse(
    app: &App,
    venue: VenueId,
    request: RequestId,
    reason: &str,
    actor: &Actor,
) -> Result<(), VenueWarningError> {
    let reason = reason.trim();
    let is_short = (1..=MAX_REASON_CHARACTERS).contains(&reason.chars().count());
    if !is_short || !shows_all_lines(reason) {
        return Err(VenueWarningError::Reason);
    }
    let found = app.store.venue_share_request(request, venue).await?;
    found.ok_or(VenueWarningError::NotFound)?;
    let refused = app.store.refuse_share_request(request, reason, actor, app.clock.now());
    if refused.await? { Ok(()) } else { Err(VenueWarningError::NotWaiting) }
}

/// A unit's shares in advance.
#[derive(Debug)]
pub struct Advance {
    pub unit_name: String,
    /// Whether the unit's poster says that shares are handed over.
    pub is_on: bool,
    /// The present poster, where it says so.
    pub poster: Option<RequestedPoster>,
    /// Until when, exclusive, shares are there.
    pub until: Option<UnixTime>,
}

/// How a unit's shares in advance stand.
pub async fn advance(
    app: &App,
    venue: VenueId,
    unit: UnitId,
) -> Result<Advance, VenueWarningError> {
    let found = app.store.unit(venue, unit).await?.ok_or(VenueWarningError::NotFound)?;
    let rows = app.store.posters_of_unit(unit).await?;
    let present = rows.into_iter().rfind(|row| row.ended.is_none());
    let poster = present.map(|row| requested(app, row)).transpose()?;
    let poster = poster.filter(|_| found.shares_in_advance);
    let until = match &poster {
        Some(poster) => app.store.advance_until(poster.id).await?.map(Hour::start),
        None => None,
    };
    Ok(Advance { unit_name: found.name, is_on: found.shares_in_advance, poster, until })
}

/// The slots of the next [`MAX_ADVANCE_DAYS`] days.
pub fn next_slots(
    app: &App,
    poster: &RequestedPoster,
) -> Result<Vec<WantedSlot>, VenueWarningError> {
    let slots = advance_slots(poster, MAX_ADVANCE_DAYS, app.clock.now());
    slots.map_err(|_| StoreError::Corrupt("poster").into())
}

/// Keeps shares in advance of a unit's present poster: any of those of [`next_slots`], none of its door.
pub async fn hand_over(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    given: Given,
    actor: &Actor,
) -> Result<(), VenueWarningError> {
    if let Some(hour) = given.doors.keys().next() {
        return Err(ShareError::NotWanted(name_of(*hour)).into());
    }
    let shares = given.slots;
    let poster = advance(app, venue, unit).await?.poster.ok_or(VenueWarningError::NotInAdvance)?;
    let mut slots = next_slots(app, &poster)?;
    if let Some(name) = shares.keys().find(|name| !slots.iter().any(|s| s.name() == **name)) {
        return Err(ShareError::NotWanted(*name).into());
    }
    slots.retain(|slot| shares.contains_key(&slot.name()));
    let (id, key) = (poster.id, app.keys.venue_seal.clone());
    let seal = move || -> Result<Vec<(SlotName, Vec<u8>)>, ShareError> {
        check_shares(&slots, &shares, &poster.venue_key)?;
        let rng = &mut rand::rng();
        let sealed =
            |(name, share)| (name, seal_share(&key, &poster.fingerprint, name, share, rng));
        Ok(shares.iter().map(|(name, share)| (*name, share)).map(sealed).collect())
    };
    let sealed = off_the_runtime(seal).await??;
    Ok(app.store.put_advance_shares(id, &sealed, actor, app.clock.now()).await?)
}

/// Turns a unit's shares in advance on, or off and deletes them. Its poster, which says so, is
/// replaced.
pub async fn set_advance(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    on: bool,
    actor: &Actor,
) -> Result<(), VenueWarningError> {
    let (issuer, now): (Option<Issuer>, _) = (app.issuer(), app.clock.now());
    if on && issuer.is_none() {
        return Err(VenueWarningError::NoVenueKey);
    }
    let issuer = issuer.as_ref();
    if !app.store.set_shares_in_advance(venue, unit, on, issuer, actor, now).await? {
        return Err(VenueWarningError::NotFound);
    }
    if !on {
        app.store.revoke_advance_shares(unit, actor, now).await?;
    }
    Ok(())
}

/// The posters at which visitors of the stay can have checked in.
async fn posters_at(
    app: &App,
    place: Place,
    notice: &Notice,
) -> Result<Vec<RequestedPoster>, VenueWarningError> {
    let (unit, disclosed) = match place {
        Place::Unit(unit) => (unit, None),
        Place::Poster(fingerprint) => {
            let found = app.store.poster(fingerprint.as_bytes()).await?;
            (found.ok_or(NotWarned::PosterUnknown)?.unit, Some(fingerprint))
        }
    };
    let lingering = u64::from(app.profile.venues.lingering_minutes) * 60;
    let mut posters = Vec::new();
    for row in app.store.posters_of_unit(unit).await? {
        let poster = requested(app, row)?;
        let until = notice.until.plus(lingering);
        if disclosed == Some(poster.fingerprint) || poster.was_up(notice.from, until) {
            posters.push(poster);
        }
    }
    Ok(posters)
}

fn wanted(
    app: &App,
    poster: &RequestedPoster,
    notice: &Notice,
    now: UnixTime,
) -> Result<Vec<WantedSlot>, VenueWarningError> {
    let oldest = oldest_kept(app.profile.tracing.retention_days, now);
    let slots = wanted_slots(poster, notice, app.profile.venues.lingering_minutes, oldest);
    slots.map_err(|_| StoreError::Corrupt("poster").into())
}

async fn with_slots(
    app: &App,
    id: RequestId,
    details: RequestDetails,
) -> Result<Asked, VenueWarningError> {
    let row = app.store.poster_with_id(details.poster).await?;
    let poster = requested(app, row.ok_or(StoreError::Corrupt("poster"))?)?;
    let mut slots = wanted(app, &poster, &details.notice, app.clock.now())?;
    let doors = match app.store.unit_has_door(poster.unit).await? {
        true => slots.iter().map(|slot| slot.hour).collect(),
        false => BTreeSet::new(),
    };
    if details.slots_given {
        slots.clear();
    }
    Ok(Asked { id, details, poster, slots, doors })
}

fn requested(app: &App, row: PosterRow) -> Result<RequestedPoster, StoreError> {
    let display = row
        .display_secret
        .map(|sealed| open_display(&app.keys.venue_seal, row.unit, &sealed))
        .transpose()
        .map_err(|_| StoreError::Corrupt("display_secret"))?;
    Ok(RequestedPoster {
        id: row.poster,
        unit: row.unit,
        fingerprint: PosterFingerprint::from_bytes(row.fingerprint),
        payload: row.payload,
        venue_key: PartyKey::from_bytes(&row.venue_key)
            .map_err(|_| StoreError::Corrupt("venue_key"))?,
        authority_key_id: row.authority_key_id,
        display,
        issued_at: row.issued_at,
        not_before: row.not_before,
        expires: row.expires,
        ended_at: row.ended.map(|(at, _)| at),
    })
}

/// Whether shares in advance answered the request. They never cover doors: a unit that has one is
/// still asked for the door's.
async fn answer_from_advance(
    app: &App,
    request: &ShareRequest,
    poster: &RequestedPoster,
    slots: Vec<WantedSlot>,
    actor: &Actor,
) -> Result<bool, VenueWarningError> {
    let Some(details) = request.details.as_ref().filter(|details| !details.slots_given) else {
        return Ok(false);
    };
    let hours = slots.iter().map(|slot| slot.hour);
    let (Some(first), Some(last)) = (hours.clone().min(), hours.max()) else { return Ok(false) };
    let sealed: BTreeMap<SlotName, Vec<u8>> =
        app.store.advance_shares(poster.id, first, last).await?.into_iter().collect();
    let mut shares = Shares::new();
    for name in slots.iter().map(WantedSlot::name) {
        let Some(sealed) = sealed.get(&name) else { return Ok(false) };
        let share = open_share(&app.keys.venue_seal, &poster.fingerprint, name, sealed)
            .map_err(|_| StoreError::Corrupt("share"))?;
        shares.insert(name, share);
    }
    let warnings = make(app, poster.clone(), details.notice.clone(), slots, shares).await?;
    let now = app.clock.now();
    if app.store.unit_has_door(poster.unit).await? {
        app.store.give_slots(request.id, &warnings, actor, now).await?;
        return Ok(false);
    }
    let none = OpenedDoors::default();
    Ok(app.store.approve_share_request(request.id, &warnings, &none, actor, now).await?)
}

/// Verifications take about 3 ms a slot, hence off the runtime's threads.
async fn make(
    app: &App,
    poster: RequestedPoster,
    notice: Notice,
    slots: Vec<WantedSlot>,
    shares: Shares,
) -> Result<Vec<DueWarning>, VenueWarningError> {
    let id = poster.authority_key_id;
    let key = app.venue_keys.with_id(id).ok_or(ShareError::NoAuthorityKey(id))?.clone();
    let make = move || {
        let authority = (&key.sealing, key.proven());
        make_warnings(&poster, &notice, &slots, &shares, authority, &mut rand::rng())
    };
    Ok(off_the_runtime(make).await??)
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VenueWarningError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| VenueWarningError::GivenUp)
}
