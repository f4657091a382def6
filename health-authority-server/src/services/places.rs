//! Places as officers look for them: units of venues, by name and address.

use super::app::App;
use crate::domain::place_search::PlaceQuery;
use crate::domain::venues::UnitId;
use crate::storage::StoreError;
use crate::storage::share_requests::UnitPlace;

/// The most places that a search finds.
const MAX_PLACES: usize = 20;

/// Units whose names or addresses match a search, and one that was chosen before.
#[derive(Default)]
pub struct FoundPlaces {
    /// At most [`MAX_PLACES`].
    pub places: Vec<UnitPlace>,
    pub chosen: Option<UnitPlace>,
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
    for place in app.store.unit_places().await? {
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
