//! A venue's units: their posters, their displays, and the visits that are counted at their doors.

use ed25519_dalek::VerifyingKey;
use vungxanh_protocol::venue::display::DisplaySecret;

use super::app::App;
use super::venues::VenueServiceError;
use crate::domain::posters::PosterState;
use crate::domain::unit_list::{self, ListFault};
use crate::domain::venue_secrets::seal_display;
use crate::domain::venues::{UnitForm, UnitId, VenueId};
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::posters::PosterRow;
use crate::storage::units::{Unit, VisitCount};

/// An open unit and its present poster.
pub struct UnitWithPoster {
    pub unit: Unit,
    pub poster: Option<PosterRow>,
    pub state: PosterState,
}

/// Why the units of a list were not added: none of them is.
#[derive(Debug)]
pub enum ListRefused {
    /// What is wrong with the list, line by line.
    Faults(Vec<ListFault>),
    /// The list is right, the venue cannot have its units.
    Refused(VenueServiceError),
}

pub async fn open_units(app: &App, venue: VenueId) -> Result<Vec<Unit>, StoreError> {
    app.store.units(venue).await
}

pub async fn with_posters(app: &App, venue: VenueId) -> Result<Vec<UnitWithPoster>, StoreError> {
    let units = app.store.units(venue).await?;
    let posters = app.store.posters(venue).await?;
    let today = app.clock.now().day();
    let row = |unit: Unit| {
        let poster = posters.iter().find(|poster| poster.unit == unit.unit).cloned();
        let state = PosterState::on(today, poster.as_ref().map(|poster| poster.expires));
        UnitWithPoster { unit, poster, state }
    };
    Ok(units.into_iter().map(row).collect())
}

/// Adds units, all or none, and issues their posters if the venue may have them.
pub async fn add(
    app: &App,
    venue: VenueId,
    units: &[UnitForm],
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    let (issuer, now) = (app.issuer(), app.clock.now());
    let added = app.store.add_units(venue, units, issuer.as_ref(), actor, now).await?;
    if added { Ok(()) } else { Err(VenueServiceError::UnitsRefused) }
}

/// Adds all units of a list from a spreadsheet, or none.
pub async fn add_list(
    app: &App,
    venue: VenueId,
    list: &[u8],
    actor: &Actor,
) -> Result<(), ListRefused> {
    let existing = app.store.units(venue).await;
    let existing = existing.map_err(|error| ListRefused::Refused(error.into()))?;
    let names = existing.iter().map(|unit| unit.name.as_str());
    let units = unit_list::read(list, names).map_err(ListRefused::Faults)?;
    add(app, venue, &units, actor).await.map_err(ListRefused::Refused)
}

/// Changes a unit's name and usual stay; a poster that says them is issued again.
pub async fn change(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    form: &UnitForm,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    let (issuer, now) = (app.issuer(), app.clock.now());
    found(app.store.change_unit(venue, unit, form, issuer.as_ref(), actor, now).await?)
}

pub async fn close(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    found(app.store.close_unit(venue, unit, actor, app.clock.now()).await?)
}

/// Puts a unit's code on a screen: its poster names `key`, and slots are derived from `secret`.
pub async fn set_display(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    key: &[u8; 32],
    secret: &DisplaySecret,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    if !VerifyingKey::from_bytes(key).is_ok_and(|key| !key.is_weak()) {
        return Err(VenueServiceError::InvalidKey);
    }
    let sealed = seal_display(&app.keys.venue_seal, unit, secret, &mut rand::rng());
    let (issuer, now) = (app.issuer(), app.clock.now());
    let issuer = issuer.as_ref();
    found(app.store.set_unit_display(venue, unit, key, &sealed, issuer, actor, now).await?)
}

/// Issues posters for units that have none, or one that ends soon or no longer says what is
/// registered.
pub async fn renew_posters(
    app: &App,
    venue: VenueId,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    let issuer = app.issuer().ok_or(VenueServiceError::NoVenueKey)?;
    app.store.renew_posters(venue, Some(&issuer), actor, app.clock.now()).await?;
    Ok(())
}

/// Takes a unit's poster back and issues another.
pub async fn revoke_poster(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    let (issuer, now) = (app.issuer(), app.clock.now());
    found(app.store.revoke_poster(venue, unit, issuer.as_ref(), actor, now).await?)
}

/// Counts visits at a unit's door in the present hour.
pub async fn count_visits(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    people: u32,
) -> Result<(), VenueServiceError> {
    found(app.store.count_visits(venue, unit, people, app.clock.now()).await?)
}

/// What was counted since `from_hour`, in hours since 1970.
pub async fn visit_counts(
    app: &App,
    venue: VenueId,
    from_hour: u32,
) -> Result<Vec<VisitCount>, StoreError> {
    app.store.visit_counts(venue, from_hour).await
}

const fn found(is_found: bool) -> Result<(), VenueServiceError> {
    if is_found { Ok(()) } else { Err(VenueServiceError::NotFound) }
}
