//! Units and where they are, for an officer who looks for a place.

use sqlx::Row;

use super::{Store, StoreError, array, integer};
use crate::domain::posters::{Fingerprint, PosterCharacters};

/// A unit, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPlace {
    pub unit: i64,
    pub venue_name: String,
    /// The unit's name; empty for the whole venue.
    pub unit_name: String,
    pub street: String,
    pub ward_name: String,
}

/// A poster that an officer looked for by what stands on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundPoster {
    pub fingerprint: Fingerprint,
    pub unit: i64,
    pub venue: i64,
}

impl Store {
    /// Every unit of venues that have, or had, posters, with where it is.
    pub async fn unit_places(&self) -> Result<Vec<UnitPlace>, StoreError> {
        let rows = sqlx::query(
            "SELECT u.unit AS unit, u.name AS unit_name, v.name AS venue_name, \
             v.street AS street, v.ward_name AS ward_name FROM units u \
             JOIN venues v ON v.venue = u.venue WHERE v.state IN ('approved', 'closed') \
             ORDER BY v.name, u.unit",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(UnitPlace {
                    unit: integer(row, "unit")?,
                    venue_name: row.try_get("venue_name")?,
                    unit_name: row.try_get("unit_name")?,
                    street: row.try_get("street")?,
                    ward_name: row.try_get("ward_name")?,
                })
            })
            .collect()
    }

    /// Posters, ended ones too, whose fingerprints begin with these characters: hardly ever more than one.
    pub async fn posters_with(
        &self,
        characters: PosterCharacters,
    ) -> Result<Vec<FoundPoster>, StoreError> {
        let (first, last) = characters.range();
        let rows = sqlx::query(
            "SELECT p.fingerprint AS fingerprint, p.unit AS unit, u.venue AS venue \
             FROM posters p JOIN units u ON u.unit = p.unit \
             WHERE p.fingerprint >= $1 AND p.fingerprint <= $2 ORDER BY p.poster DESC LIMIT 20",
        )
        .bind(first.to_vec())
        .bind(last.to_vec())
        .fetch_all(&self.pool)
        .await?;
        let poster = |row| {
            Ok(FoundPoster {
                fingerprint: array(row, "fingerprint")?,
                unit: integer(row, "unit")?,
                venue: integer(row, "venue")?,
            })
        };
        rows.iter().map(poster).collect()
    }
}
