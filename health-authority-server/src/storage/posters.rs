//! Posters: issued, replaced, ended. Ended ones stay, for visits that were made under them.

use ed25519_dalek::VerifyingKey;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::venue::party::{PUBLIC_KEY_BYTES, PartyKey};

use super::audit::{Action, Actor, Subject, audit};
use super::columns::columns;
use super::units::{Unit, open_units};
use super::venues::{Venue, find_venue};
use super::{Store, StoreError, Write, array, integer, nullable_time, seconds, time};
use crate::domain::posters::{Fingerprint, Issuer, Printed};
use crate::domain::venues::{UnitId, VenueId, VenueState};

/// Why a poster is no longer the unit's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Another was issued for the unit.
    Replaced,
    /// The venue took it back, for example because a picture of it went round.
    Revoked,
    /// The venue has another key.
    Rekeyed,
    /// The unit or the venue was closed.
    Closed,
}

impl EndReason {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
            Self::Rekeyed => "rekeyed",
            Self::Closed => "closed",
        }
    }

    /// The reason with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Replaced, Self::Revoked, Self::Rekeyed, Self::Closed]
            .into_iter()
            .find(|reason| reason.name() == name)
    }
}

/// A poster as it was issued.
#[derive(Clone, PartialEq, Eq)]
pub struct PosterRow {
    pub poster: i64,
    pub unit: UnitId,
    /// First half of the payload's SHA-256.
    pub fingerprint: Fingerprint,
    /// What the code holds.
    pub payload: Vec<u8>,
    /// The venue's key that it names.
    pub venue_key: [u8; PUBLIC_KEY_BYTES],
    /// The authority's key that it names.
    pub authority_key_id: u8,
    /// The display's secret, sealed, where it is a display's.
    pub display_secret: Option<Vec<u8>>,
    /// When it was issued.
    pub issued_at: UnixTime,
    /// First day of validity.
    pub not_before: UtcDay,
    /// First day after its validity.
    pub expires: UtcDay,
    /// When it ended, and why.
    pub ended: Option<(UnixTime, EndReason)>,
}

impl std::fmt::Debug for PosterRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PosterRow({}, ..)", hex::encode(self.fingerprint))
    }
}

impl PosterRow {
    pub(super) fn of_row(row: &AnyRow) -> Result<Self, StoreError> {
        let reason: Option<String> = row.try_get("ended_reason")?;
        let reason = reason.as_deref().and_then(EndReason::from_name);
        let ended_at = nullable_time(row, "ended_at")?;
        Ok(Self {
            poster: integer(row, "poster")?,
            unit: integer(row, "unit")?,
            fingerprint: array(row, "fingerprint")?,
            payload: row.try_get("payload")?,
            venue_key: array(row, "venue_key")?,
            authority_key_id: integer(row, "authority_key_id")?,
            display_secret: row.try_get("display_secret")?,
            issued_at: time(row, "issued_at")?,
            not_before: UtcDay::new(integer(row, "not_before_day")?),
            expires: UtcDay::new(integer(row, "expires_day")?),
            ended: ended_at.zip(reason),
        })
    }
}

impl Store {
    /// The posters of a venue's open units that have not ended, by unit; expired ones included.
    pub async fn posters(&self, venue: VenueId) -> Result<Vec<PosterRow>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        present_posters(&mut connection, venue).await
    }

    /// The poster with this name, ended or not.
    pub async fn poster(&self, fingerprint: &Fingerprint) -> Result<Option<PosterRow>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(posters),
            " FROM posters WHERE fingerprint = $1"
        ))
        .bind(fingerprint.to_vec())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(PosterRow::of_row).transpose()
    }

    /// All posters of a unit, ended ones too, in the order of issue.
    pub async fn posters_of_unit(&self, unit: UnitId) -> Result<Vec<PosterRow>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(posters),
            " FROM posters WHERE unit = $1 ORDER BY poster"
        ))
        .bind(unit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(PosterRow::of_row).collect()
    }

    /// Issues posters for units that have none, or one that expires or no longer says what is
    /// registered. Says how many are new.
    pub async fn renew_posters(
        &self,
        venue: VenueId,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<usize, StoreError> {
        self.write().await?.commit_with_posters(venue, issuer, actor, now).await
    }

    /// Takes a unit's poster back and issues another; `false` when there is none.
    pub async fn revoke_poster(
        &self,
        venue: VenueId,
        unit: UnitId,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let posters = present_posters(connection, venue).await?;
        let Some(poster) = posters.iter().find(|poster| poster.unit == unit) else {
            return Ok(false);
        };
        end_poster(connection, poster.poster, EndReason::Revoked, now).await?;
        let (subject, detail) = (Subject::Unit(unit), hex::encode(poster.fingerprint));
        audit(connection, actor.did(Action::PosterRevoked, subject, &detail), now).await?;
        write.commit_with_posters(venue, issuer, actor, now).await?;
        Ok(true)
    }
}

impl Write {
    /// Keeps what was done, and posters that are in line with it. Says how many are new.
    pub(super) async fn commit_with_posters(
        mut self,
        venue: VenueId,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<usize, StoreError> {
        let issued = bring_up_to_date(self.connection()?, venue, issuer, actor, now).await?;
        self.commit().await?;
        Ok(issued)
    }
}

/// Brings a venue's posters in line with what is registered: those of closed units end; each open
/// unit of an approved venue with a key gets one if it has none that is right. Without an issuer
/// nothing is issued, and nothing that only a new poster would replace is ended.
async fn bring_up_to_date(
    connection: &mut AnyConnection,
    venue: VenueId,
    issuer: Option<&Issuer>,
    actor: &Actor,
    now: UnixTime,
) -> Result<usize, StoreError> {
    end_posters_of_closed_units(connection, venue, now).await?;
    let (Some(found), Some(issuer)) = (find_venue(connection, venue).await?, issuer) else {
        return Ok(0);
    };
    let (VenueState::Approved, Some(key)) = (found.state, found.public_key) else { return Ok(0) };
    let key = PartyKey::from_bytes(&key).map_err(|_| StoreError::Corrupt("public_key"))?;
    let posters = present_posters(connection, venue).await?;
    let mut issued = 0;
    for unit in open_units(connection, venue).await? {
        let printed = printed(&found, &unit, key)?;
        let present = posters.iter().find(|poster| poster.unit == unit.unit);
        if present.is_some_and(|poster| issuer.still_right(&poster.payload, &printed, now)) {
            continue;
        }
        if let Some(present) = present {
            end_poster(connection, present.poster, EndReason::Replaced, now).await?;
        }
        issue(connection, &unit, &printed, issuer, actor, now).await?;
        issued += 1;
    }
    Ok(issued)
}

fn printed(venue: &Venue, unit: &Unit, venue_key: PartyKey) -> Result<Printed, StoreError> {
    let display_key = unit.display_key.as_ref().map(VerifyingKey::from_bytes).transpose();
    Ok(Printed {
        unit: unit.unit,
        venue_name: venue.registration.name.clone(),
        unit_name: unit.name.clone(),
        street: venue.registration.street.clone(),
        ward: venue.registration.ward.clone(),
        default_stay: unit.default_stay,
        venue_key,
        shares_in_advance: unit.shares_in_advance,
        display_key: display_key.map_err(|_| StoreError::Corrupt("display_key"))?,
    })
}

async fn issue(
    connection: &mut AnyConnection,
    unit: &Unit,
    printed: &Printed,
    issuer: &Issuer,
    actor: &Actor,
    now: UnixTime,
) -> Result<(), StoreError> {
    let issued = issuer
        .issue(printed, now, &mut rand::rng())
        .map_err(|_| StoreError::Corrupt("unit that cannot be printed"))?;
    sqlx::query(
        "INSERT INTO posters (unit, fingerprint, payload, venue_key, authority_key_id, \
         display_secret, issued_at, not_before_day, expires_day) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(unit.unit)
    .bind(issued.fingerprint.to_vec())
    .bind(issued.payload)
    .bind(printed.venue_key.to_bytes().to_vec())
    .bind(i64::from(issuer.signer.key_id))
    .bind(unit.display_secret.clone())
    .bind(seconds(now))
    .bind(i64::from(issued.not_before.number()))
    .bind(i64::from(issued.expires.number()))
    .execute(&mut *connection)
    .await?;
    let (subject, detail) = (Subject::Unit(unit.unit), hex::encode(issued.fingerprint));
    audit(connection, actor.did(Action::PosterIssued, subject, &detail), now).await
}

async fn present_posters(
    connection: &mut AnyConnection,
    venue: VenueId,
) -> Result<Vec<PosterRow>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT ",
        columns!("p." posters),
        " FROM posters p JOIN units u ON u.unit = p.unit \
             WHERE u.venue = $1 AND p.ended_at IS NULL ORDER BY p.unit"
    ))
    .bind(venue)
    .fetch_all(connection)
    .await?;
    rows.iter().map(PosterRow::of_row).collect()
}

async fn end_poster(
    connection: &mut AnyConnection,
    poster: i64,
    reason: EndReason,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE posters SET ended_at = $2, ended_reason = $3 WHERE poster = $1")
        .bind(poster)
        .bind(seconds(now))
        .bind(reason.name())
        .execute(connection)
        .await?;
    Ok(())
}

async fn end_posters_of_closed_units(
    connection: &mut AnyConnection,
    venue: VenueId,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE posters SET ended_at = $2, ended_reason = $3 WHERE ended_at IS NULL AND unit IN \
         (SELECT unit FROM units WHERE venue = $1 AND closed_at IS NOT NULL)",
    )
    .bind(venue)
    .bind(seconds(now))
    .bind(EndReason::Closed.name())
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends all posters of a venue.
pub(super) async fn end_posters_of_venue(
    connection: &mut AnyConnection,
    venue: VenueId,
    reason: EndReason,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE posters SET ended_at = $2, ended_reason = $3 WHERE ended_at IS NULL AND unit IN \
         (SELECT unit FROM units WHERE venue = $1)",
    )
    .bind(venue)
    .bind(seconds(now))
    .bind(reason.name())
    .execute(connection)
    .await?;
    Ok(())
}
