//! Units of venues, and how many visits they had in each hour.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject, audit};
use super::columns::columns;
use super::statistics::{Counter, count};
use super::{Statement, Store, StoreError, integer, nullable_array, nullable_time, seconds};
use crate::domain::posters::Issuer;
use crate::domain::venues::{UnitForm, UnitId, VenueId};

/// The most open units of one venue.
pub const MAX_OPEN_UNITS: usize = 1_000;

/// A unit: a floor, a department, a hall; with an empty name the whole venue.
#[derive(Clone, PartialEq, Eq)]
pub struct Unit {
    pub unit: UnitId,
    pub venue: VenueId,
    /// As on the poster; empty for the whole venue.
    pub name: String,
    /// After how long a visit ends by itself, in steps of 5 minutes.
    pub default_stay: u8,
    /// Its display's public key, where it has a display.
    pub display_key: Option<[u8; 32]>,
    /// The display's secret, sealed.
    pub display_secret: Option<Vec<u8>>,
    /// The venue hands its shares over in advance.
    pub shares_in_advance: bool,
    /// When it was closed.
    pub closed_at: Option<UnixTime>,
}

impl std::fmt::Debug for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unit({}, ..)", self.unit)
    }
}

/// How many visits a unit had in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitCount {
    pub unit: UnitId,
    /// Hours since 1970-01-01 UTC.
    pub hour: u32,
    pub visits: u64,
}

impl Unit {
    fn of_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            unit: integer(row, "unit")?,
            venue: integer(row, "venue")?,
            name: row.try_get("name")?,
            default_stay: integer(row, "default_stay")?,
            display_key: nullable_array(row, "display_key")?,
            display_secret: row.try_get("display_secret")?,
            shares_in_advance: integer::<i64>(row, "shares_in_advance")? != 0,
            closed_at: nullable_time(row, "closed_at")?,
        })
    }

    /// After how many minutes a visit ends by itself.
    pub fn default_stay_minutes(&self) -> u32 {
        u32::from(self.default_stay) * crate::domain::venues::STAY_STEP_MINUTES
    }
}

/// Adds a unit as part of the caller's transaction.
pub(super) async fn insert_unit(
    connection: &mut AnyConnection,
    venue: VenueId,
    form: &UnitForm,
    now: UnixTime,
) -> Result<UnitId, StoreError> {
    let row = sqlx::query(
        "INSERT INTO units (venue, name, default_stay, created_at) VALUES ($1, $2, $3, $4) \
         RETURNING unit",
    )
    .bind(venue)
    .bind(form.name.as_str())
    .bind(i64::from(form.default_stay))
    .bind(seconds(now))
    .fetch_one(connection)
    .await?;
    integer(&row, "unit")
}

/// The open units of a venue, in the caller's transaction.
pub(super) async fn open_units(
    connection: &mut AnyConnection,
    venue: VenueId,
) -> Result<Vec<Unit>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT ",
        columns!(units),
        " FROM units WHERE venue = $1 AND closed_at IS NULL ORDER BY unit"
    ))
    .bind(venue)
    .fetch_all(connection)
    .await?;
    rows.iter().map(Unit::of_row).collect()
}

impl Store {
    /// The open units of a venue.
    pub async fn units(&self, venue: VenueId) -> Result<Vec<Unit>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        open_units(&mut connection, venue).await
    }

    /// An open unit of this venue.
    pub async fn unit(&self, venue: VenueId, unit: UnitId) -> Result<Option<Unit>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(units),
            " FROM units WHERE unit = $1 AND venue = $2 AND closed_at IS NULL"
        ))
        .bind(unit)
        .bind(venue)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(Unit::of_row).transpose()
    }

    /// Adds units, all or none, and issues their posters if the venue may have them. `false` when
    /// the venue would have more than `MAX_OPEN_UNITS`, or a name twice.
    pub async fn add_units(
        &self,
        venue: VenueId,
        forms: &[UnitForm],
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let open = open_units(connection, venue).await?;
        let twice = forms.iter().any(|form| open.iter().any(|unit| unit.name == form.name));
        if twice || open.len() + forms.len() > MAX_OPEN_UNITS {
            return Ok(false);
        }
        for form in forms {
            insert_unit(connection, venue, form, now).await?;
        }
        let (subject, detail) = (Subject::Venue(venue), forms.len().to_string());
        audit(connection, actor.did(Action::UnitsAdded, subject, &detail), now).await?;
        write.commit_with_posters(venue, issuer, actor, now).await?;
        Ok(true)
    }

    /// Changes a unit; its poster is replaced. `false` when the venue has no such open unit.
    pub async fn change_unit(
        &self,
        venue: VenueId,
        unit: UnitId,
        form: &UnitForm,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let change = sqlx::query(
            "UPDATE units SET name = $3, default_stay = $4 \
             WHERE unit = $1 AND venue = $2 AND closed_at IS NULL",
        )
        .bind(unit)
        .bind(venue)
        .bind(form.name.as_str())
        .bind(i64::from(form.default_stay));
        let entry = Some((Action::UnitChanged, form.name.as_str()));
        self.alter_unit((venue, unit), change, entry, issuer, actor, now).await
    }

    /// Closes a unit and ends its poster; `false` when the venue has no such open unit.
    pub async fn close_unit(
        &self,
        venue: VenueId,
        unit: UnitId,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let close = sqlx::query(
            "UPDATE units SET closed_at = $3, display_secret = NULL \
             WHERE unit = $1 AND venue = $2 AND closed_at IS NULL",
        )
        .bind(unit)
        .bind(venue)
        .bind(seconds(now));
        let entry = Some((Action::UnitClosed, ""));
        self.alter_unit((venue, unit), close, entry, None, actor, now).await
    }

    /// Sets up a unit's display: its public key and its sealed secret. Its poster is replaced.
    #[allow(clippy::too_many_arguments, reason = "what a display is, and who does it when")]
    pub async fn set_unit_display(
        &self,
        venue: VenueId,
        unit: UnitId,
        display_key: &[u8; 32],
        sealed_secret: &[u8],
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let set = sqlx::query(
            "UPDATE units SET display_key = $3, display_secret = $4 \
             WHERE unit = $1 AND venue = $2 AND closed_at IS NULL",
        )
        .bind(unit)
        .bind(venue)
        .bind(display_key.to_vec())
        .bind(sealed_secret.to_vec());
        let entry = Some((Action::DisplaySet, ""));
        self.alter_unit((venue, unit), set, entry, issuer, actor, now).await
    }

    /// Notes whether a unit's shares are handed over in advance; its poster, which says so, is
    /// replaced.
    pub async fn set_shares_in_advance(
        &self,
        venue: VenueId,
        unit: UnitId,
        in_advance: bool,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let set = sqlx::query(
            "UPDATE units SET shares_in_advance = $3 \
             WHERE unit = $1 AND venue = $2 AND closed_at IS NULL",
        )
        .bind(unit)
        .bind(venue)
        .bind(i64::from(in_advance));
        self.alter_unit((venue, unit), set, None, issuer, actor, now).await
    }

    /// Runs a statement on an open unit, notes what was done and with what, and brings the venue's
    /// posters up to date; `false` when the venue has no such open unit.
    async fn alter_unit(
        &self,
        (venue, unit): (VenueId, UnitId),
        statement: Statement<'_>,
        entry: Option<(Action, &str)>,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        if write.execute(statement).await? == 0 {
            return Ok(false);
        }
        let connection = write.connection()?;
        if let Some((action, detail)) = entry {
            audit(connection, actor.did(action, Subject::Unit(unit), detail), now).await?;
        }
        write.commit_with_posters(venue, issuer, actor, now).await?;
        Ok(true)
    }

    /// Adds visits to a unit's count of an hour; `false` when the venue has no such open unit.
    pub async fn count_visits(
        &self,
        venue: VenueId,
        unit: UnitId,
        visits: u32,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let counted = sqlx::query(
            "INSERT INTO visit_counts (unit, hour, visits) \
             SELECT unit, $3, $4 FROM units WHERE unit = $1 AND venue = $2 AND closed_at IS NULL \
             ON CONFLICT (unit, hour) DO UPDATE SET visits = visit_counts.visits + excluded.visits",
        )
        .bind(unit)
        .bind(venue)
        .bind(seconds(now) / 3_600)
        .bind(i64::from(visits));
        let mut write = self.write().await?;
        let has_unit = write.execute(counted).await? == 1;
        if has_unit {
            let visits = usize::try_from(visits).unwrap_or(usize::MAX);
            count(write.connection()?, Counter::VisitsCounted, visits, now).await?;
        }
        write.commit().await?;
        Ok(has_unit)
    }

    /// Counts of a venue's units, closed ones included, from an hour on; by hour, then unit.
    pub async fn visit_counts(
        &self,
        venue: VenueId,
        from_hour: u32,
    ) -> Result<Vec<VisitCount>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.unit AS unit, c.hour AS hour, c.visits AS visits FROM visit_counts c \
             JOIN units u ON u.unit = c.unit WHERE u.venue = $1 AND c.hour >= $2 \
             ORDER BY c.hour, c.unit",
        )
        .bind(venue)
        .bind(i64::from(from_hour))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(VisitCount {
                    unit: integer(row, "unit")?,
                    hour: integer(row, "hour")?,
                    visits: integer(row, "visits")?,
                })
            })
            .collect()
    }
}
