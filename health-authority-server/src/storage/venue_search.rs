//! Venues that an officer looks for. Names are compared without diacritics, which the databases do not know:
//! rows are read one by one, and only those of one page are held.

use futures_util::TryStreamExt;

use super::columns::columns;
use super::venues::Venue;
use super::{Store, StoreError};
use crate::domain::venue_search::VenueSearch;
use crate::domain::venues::VenueState;

impl Store {
    /// At most `count` venues after the first `skipped` of those that are looked for, the oldest first.
    pub async fn find_venues(
        &self,
        search: &VenueSearch,
        skipped: usize,
        count: usize,
    ) -> Result<Vec<Venue>, StoreError> {
        let mut rows = sqlx::query(concat!(
            "SELECT ",
            columns!(venues),
            " FROM venues WHERE ($1 = '' OR state = $1) ORDER BY venue"
        ))
        .bind(search.state.map_or("", VenueState::name))
        .fetch(&self.pool);
        let (mut found, mut passed) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            let venue = Venue::of_row(&row)?;
            if !search.matches(venue.venue, &venue.registration, &venue.phone) {
                continue;
            }
            if passed < skipped {
                passed += 1;
                continue;
            }
            found.push(venue);
            if found.len() == count {
                break;
            }
        }
        Ok(found)
    }
}
