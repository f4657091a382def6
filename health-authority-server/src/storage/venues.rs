//! Venues: registration, decisions, keys.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::party::{
    PROOF_BYTES, PUBLIC_KEY_BYTES, ProofOfPossession, ProvenKey,
};

use super::accounts::{NewAccount, insert_account};
use super::audit::{Action, Actor, Subject, audit};
use super::columns::columns;
use super::phone_codes::{PhoneCodeCheck, check_phone_code};
use super::posters::{EndReason, end_posters_of_venue};
use super::units::insert_unit;
use super::{
    Store, StoreError, Write, integer, named, nullable_array, nullable_time, seconds, time,
};
use crate::domain::accounts::{AccountId, Role};
use crate::domain::codes::KeyedHash;
use crate::domain::phone::Phone;
use crate::domain::posters::Issuer;
use crate::domain::venues::{Kind, Registration, USUAL_STAY, UnitForm, VenueId, VenueState, Ward};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venue {
    pub venue: VenueId,
    /// What it says of itself.
    pub registration: Registration,
    /// Whom to call; confirmed by a code.
    pub phone: String,
    /// How far its registration is.
    pub state: VenueState,
    /// Why, when an officer gave a reason.
    pub state_reason: String,
    pub registered_at: UnixTime,
    /// When an officer decided last.
    pub decided_at: Option<UnixTime>,
    /// Its half of what visits are sealed to, made by itself.
    pub public_key: Option<[u8; PUBLIC_KEY_BYTES]>,
    /// Since when it has this key.
    pub key_since: Option<UnixTime>,
}

/// A venue that confirms its telephone.
#[derive(Debug, Clone)]
pub struct NewVenue<'a> {
    /// What it says of itself.
    pub registration: &'a Registration,
    /// Whom to call; the login of its manager.
    pub phone: &'a Phone,
    /// Keyed hash of the telephone number.
    pub phone_hash: KeyedHash,
    /// Keyed hash of the code that was typed.
    pub code_hash: KeyedHash,
    /// Hash of the manager's password.
    pub password: &'a str,
}

/// What came of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It is registered, waiting for an officer.
    Yes { venue: VenueId, account: AccountId },
    /// Another code was sent; so many attempts are left.
    WrongCode { left: u32 },
    /// No code was sent, or it expired, or too many wrong ones were typed.
    NoCode,
    /// The telephone number has an account already.
    PhoneTaken,
}

impl Store {
    /// Registers a venue, with its manager's account and one unit for the whole of it, if the code
    /// is the one that was sent. A used code is deleted.
    pub async fn register_venue(
        &self,
        new: &NewVenue<'_>,
        now: UnixTime,
    ) -> Result<Registered, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        match check_phone_code(connection, (&new.phone_hash, &new.code_hash), now).await? {
            PhoneCodeCheck::Right => {}
            PhoneCodeCheck::NoCode => return Ok(Registered::NoCode),
            PhoneCodeCheck::Wrong { left } => {
                write.commit().await?;
                return Ok(Registered::WrongCode { left });
            }
        }
        let venue = insert_venue(connection, new, now).await?;
        let account = NewAccount {
            login: new.phone.as_str(),
            name: &new.registration.registrant,
            password: new.password,
            one_time_until: None,
            role: Role::VenueManager,
            venue: Some(venue),
        };
        let Some(account) = insert_account(connection, &account, now).await? else {
            drop(write);
            self.delete_phone_code(&new.phone_hash).await?;
            return Ok(Registered::PhoneTaken);
        };
        let whole = UnitForm { name: String::new(), default_stay: USUAL_STAY };
        insert_unit(connection, venue, &whole, now).await?;
        let actor = Actor { account: Some(account), name: new.phone.as_str().to_owned() };
        let (subject, name) = (Subject::Venue(venue), &new.registration.name);
        write.commit_audited(actor.did(Action::VenueRegistered, subject, name), now).await?;
        Ok(Registered::Yes { venue, account })
    }

    /// A refused or waiting venue corrects what it said; it waits for an officer again.
    pub async fn correct_venue(
        &self,
        venue: VenueId,
        registration: &Registration,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let change = sqlx::query(
            "UPDATE venues SET name = $2, kind = $3, ward = $4, ward_name = $5, street = $6, \
             registrant = $7, state = 'pending' \
             WHERE venue = $1 AND state IN ('pending', 'refused')",
        )
        .bind(venue)
        .bind(registration.name.as_str())
        .bind(registration.kind.name())
        .bind(i64::from(registration.ward.code))
        .bind(registration.ward.name.as_str())
        .bind(registration.street.as_str())
        .bind(registration.registrant.as_str());
        if write.execute(change).await? == 0 {
            return Ok(false);
        }
        let (action, name) = (Action::VenueCorrected, &registration.name);
        write.commit_audited(actor.did(action, Subject::Venue(venue), name), now).await?;
        Ok(true)
    }

    pub async fn venue(&self, venue: VenueId) -> Result<Option<Venue>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        find_venue(&mut connection, venue).await
    }

    /// Venues in a state, those that waited longest first; at most `count`.
    pub async fn venues(&self, state: VenueState, count: u32) -> Result<Vec<Venue>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(venues),
            " FROM venues WHERE state = $1 ORDER BY venue LIMIT $2"
        ))
        .bind(state.name())
        .bind(i64::from(count))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Venue::of_row).collect()
    }

    /// How many venues are in a state.
    pub async fn venue_count(&self, state: VenueState) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS venues FROM venues WHERE state = $1")
            .bind(state.name())
            .fetch_one(&self.pool)
            .await?;
        let venues: i64 = row.try_get("venues")?;
        Ok(venues.unsigned_abs())
    }

    /// A write transaction, and the venue that it is about.
    async fn write_on_venue(&self, venue: VenueId) -> Result<(Write, Option<Venue>), StoreError> {
        let mut write = self.write().await?;
        let found = find_venue(write.connection()?, venue).await?;
        Ok((write, found))
    }

    /// An officer's decision. Approval issues posters if the venue has its key, closing ends them.
    /// `false` when the venue's state does not allow it (any more).
    pub async fn decide_venue(
        &self,
        venue: VenueId,
        next: VenueState,
        reason: &str,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let (mut write, found) = self.write_on_venue(venue).await?;
        if !found.is_some_and(|found| found.state.may_become(next)) {
            return Ok(false);
        }
        let connection = write.connection()?;
        sqlx::query(
            "UPDATE venues SET state = $2, state_reason = $3, decided_at = $4 WHERE venue = $1",
        )
        .bind(venue)
        .bind(next.name())
        .bind(reason)
        .bind(seconds(now))
        .execute(&mut *connection)
        .await?;
        let action = match next {
            VenueState::Pending | VenueState::Approved => Action::VenueApproved,
            VenueState::Refused => Action::VenueRefused,
            VenueState::Closed => Action::VenueClosed,
        };
        audit(connection, actor.did(action, Subject::Venue(venue), reason), now).await?;
        if next == VenueState::Closed {
            sqlx::query("DELETE FROM venue_changes WHERE venue = $1")
                .bind(venue)
                .execute(&mut *connection)
                .await?;
            end_posters_of_venue(connection, venue, EndReason::Closed, now).await?;
        }
        write.commit_with_posters(venue, issuer, actor, now).await?;
        Ok(true)
    }

    /// Gives a venue its key, whose proof was verified. Posters of another key end, and new ones
    /// are issued if the venue is approved. `false` when the venue is closed.
    pub async fn set_venue_key(
        &self,
        venue: VenueId,
        key: &ProvenKey,
        proof: &ProofOfPossession,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let (mut write, found) = self.write_on_venue(venue).await?;
        let Some(found) = found.filter(|found| found.state != VenueState::Closed) else {
            return Ok(false);
        };
        let connection = write.connection()?;
        let bytes = key.key().to_bytes();
        if found.public_key == Some(bytes) {
            return Ok(true);
        }
        let proof: &[u8; PROOF_BYTES] = &proof.0;
        sqlx::query(
            "UPDATE venues SET public_key = $2, proof = $3, key_since = $4 WHERE venue = $1",
        )
        .bind(venue)
        .bind(bytes.to_vec())
        .bind(proof.to_vec())
        .bind(seconds(now))
        .execute(&mut *connection)
        .await?;
        let detail = hex::encode(&bytes[..8]);
        audit(connection, actor.did(Action::VenueKeySet, Subject::Venue(venue), &detail), now)
            .await?;
        end_posters_of_venue(connection, venue, EndReason::Rekeyed, now).await?;
        write.commit_with_posters(venue, issuer, actor, now).await?;
        Ok(true)
    }
}

impl Venue {
    pub(super) fn of_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            venue: integer(row, "venue")?,
            registration: Registration {
                name: row.try_get("name")?,
                kind: named(row, "kind", Kind::from_name)?,
                ward: Ward { code: integer(row, "ward")?, name: row.try_get("ward_name")? },
                street: row.try_get("street")?,
                registrant: row.try_get("registrant")?,
            },
            phone: row.try_get("phone")?,
            state: named(row, "state", VenueState::from_name)?,
            state_reason: row.try_get("state_reason")?,
            registered_at: time(row, "registered_at")?,
            decided_at: nullable_time(row, "decided_at")?,
            public_key: nullable_array(row, "public_key")?,
            key_since: nullable_time(row, "key_since")?,
        })
    }
}

/// A venue, in the caller's transaction.
pub(super) async fn find_venue(
    connection: &mut AnyConnection,
    venue: VenueId,
) -> Result<Option<Venue>, StoreError> {
    let row = sqlx::query(concat!("SELECT ", columns!(venues), " FROM venues WHERE venue = $1"))
        .bind(venue)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(Venue::of_row).transpose()
}

async fn insert_venue(
    connection: &mut AnyConnection,
    new: &NewVenue<'_>,
    now: UnixTime,
) -> Result<VenueId, StoreError> {
    let registration = new.registration;
    let row = sqlx::query(
        "INSERT INTO venues (name, kind, ward, ward_name, street, registrant, phone, state, \
         registered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8) RETURNING venue",
    )
    .bind(registration.name.as_str())
    .bind(registration.kind.name())
    .bind(i64::from(registration.ward.code))
    .bind(registration.ward.name.as_str())
    .bind(registration.street.as_str())
    .bind(registration.registrant.as_str())
    .bind(new.phone.as_str())
    .bind(seconds(now))
    .fetch_one(connection)
    .await?;
    integer(&row, "venue")
}
