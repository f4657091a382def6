//! Places as officers look for them: units of venues, by name and address.

use super::app::App;
use crate::domain::place_search::PlaceQuery;
use crate::domain::posters::{Fingerprint, PosterCharacters};
use crate::domain::venues::UnitId;
use crate::storage::StoreError;
use crate::storage::unit_places::UnitPlace;

/// The most places that a search finds.
const MAX_PLACES: usize = 20;

/// Units whose names or addresses match a search, or that have the poster that was searched, and what was
/// chosen before.
#[derive(Default)]
pub struct FoundPlaces {
    /// At most [`MAX_PLACES`].
    pub places: Vec<UnitPlace>,
    /// Found by the characters on them.
    pub posters: Vec<PosterPlace>,
    pub chosen: Option<UnitPlace>,
}

/// A poster and where it hung.
pub struct PosterPlace {
    pub fingerprint: Fingerprint,
    pub place: UnitPlace,
}

impl PosterPlace {
    /// Its fingerprint in hexadecimal digits.
    pub fn name(&self) -> String {
        hex::encode(self.fingerprint)
    }

    /// What stands on it.
    pub fn characters(&self) -> String {
        PosterCharacters::of(&self.fingerprint)
    }
}

/// Looks for places by what the officer typed; `chosen` is the unit that was chosen before.
pub async fn find_places(
    app: &App,
    search: &str,
    chosen: Option<UnitId>,
) -> Result<FoundPlaces, StoreError> {
    let query = PlaceQuery::new(search);
    let mut found = FoundPlaces::default();
    if query.is_none() && chosen.is_none() {
        return Ok(found);
    }
    let posters = match PosterCharacters::read(search) {
        Some(characters) => app.store.posters_with(characters).await?,
        None => Vec::new(),
    };
    for place in app.store.unit_places().await? {
        for poster in posters.iter().filter(|poster| poster.unit == place.unit) {
            let fingerprint = poster.fingerprint;
            found.posters.push(PosterPlace { fingerprint, place: place.clone() });
        }
        let texts = [
            place.venue_name.as_str(),
            place.unit_name.as_str(),
            place.street.as_str(),
            place.ward_name.as_str(),
        ];
        let matches = query.as_ref().is_some_and(|query| query.matches(&texts));
        if Some(place.unit) == chosen {
            found.chosen = Some(place.clone());
        }
        if matches && found.places.len() < MAX_PLACES {
            found.places.push(place);
        }
    }
    Ok(found)
}

/// Where posters with these fingerprints hung, in their order; none for one that was not issued here.
pub async fn places_of_posters(
    app: &App,
    posters: &[Fingerprint],
) -> Result<Vec<Option<UnitPlace>>, StoreError> {
    if posters.is_empty() {
        return Ok(Vec::new());
    }
    let places = app.store.unit_places().await?;
    let mut found = Vec::with_capacity(posters.len());
    for fingerprint in posters {
        let unit = app.store.poster(fingerprint).await?.map(|poster| poster.unit);
        found.push(places.iter().find(|place| Some(place.unit) == unit).cloned());
    }
    Ok(found)
}
