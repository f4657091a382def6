//! Changes of approved venues: proposed by the venue, decided by an officer.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject, audit};
use super::columns::columns;
use super::phone_codes::{PhoneCodeCheck, check_phone_code};
use super::venues::find_venue;
use super::{Store, StoreError, integer, named, seconds, time};
use crate::domain::codes::KeyedHash;
use crate::domain::phone::Phone;
use crate::domain::posters::Issuer;
use crate::domain::venue_changes::Proposed;
use crate::domain::venues::{Kind, Registration, VenueId, VenueState, Ward};

/// A change that waits, or was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueChange {
    pub venue: VenueId,
    /// Names this proposal, of which an officer decides.
    pub proposal: i64,
    pub proposed: Proposed,
    pub proposed_at: UnixTime,
    /// The login of who proposed it.
    pub actor: String,
    pub state: ChangeState,
    /// Why, of a refused one.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeState {
    Waiting,
    Refused,
    /// In force; kept until the venue has read it.
    Approved,
}

impl ChangeState {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Approved => "approved",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Refused, Self::Approved];
        all.into_iter().find(|state| state.name() == name)
    }
}

/// What came of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Yes,
    /// The code to the new telephone was not right.
    Code(PhoneCodeCheck),
    /// The new telephone has an account already.
    PhoneTaken,
    /// The venue is not approved any more.
    OtherState,
}

/// What came of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    Yes,
    /// Another proposal took its place, or it was withdrawn or decided.
    Other,
    PhoneTaken,
}

impl Store {
    /// Stores what an approved venue proposes, in place of an earlier proposal. `code`, of a telephone that
    /// changes: keyed hashes of the new number and of the code that was typed; a used code is deleted.
    pub async fn propose_change(
        &self,
        change: &VenueChange,
        code: Option<(&KeyedHash, &KeyedHash)>,
        fields: &str,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Stored, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let found = find_venue(connection, change.venue).await?;
        if !found.is_some_and(|venue| venue.state == VenueState::Approved) {
            return Ok(Stored::OtherState);
        }
        if let Some(hashes) = code {
            match check_phone_code(connection, hashes, now).await? {
                PhoneCodeCheck::Right => {}
                wrong => {
                    write.commit().await?;
                    return Ok(Stored::Code(wrong));
                }
            }
            if is_taken(connection, &change.proposed.phone).await? {
                write.commit().await?;
                return Ok(Stored::PhoneTaken);
            }
        }
        insert(connection, change, now).await?;
        let entry = actor.did(Action::ChangeProposed, Subject::Venue(change.venue), fields);
        write.commit_audited(entry, now).await?;
        Ok(Stored::Yes)
    }

    /// The change of a venue that waits, or whose decision it has not put away.
    pub async fn venue_change(&self, venue: VenueId) -> Result<Option<VenueChange>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, venue).await
    }

    /// At most `count` changes that wait, those that waited longest first.
    pub async fn waiting_changes(&self, count: u32) -> Result<Vec<VenueChange>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(venue_changes),
            " FROM venue_changes WHERE state = $1 ORDER BY proposed_at, venue LIMIT $2"
        ))
        .bind(ChangeState::Waiting.name())
        .bind(i64::from(count))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(change_of).collect()
    }

    /// How many changes wait.
    pub async fn waiting_change_count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS changes FROM venue_changes WHERE state = $1")
            .bind(ChangeState::Waiting.name())
            .fetch_one(&self.pool)
            .await?;
        integer(&row, "changes")
    }

    /// A venue takes its proposal back; `false` when none waits.
    pub async fn withdraw_change(
        &self,
        venue: VenueId,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let delete = sqlx::query("DELETE FROM venue_changes WHERE venue = $1 AND state = $2")
            .bind(venue)
            .bind(ChangeState::Waiting.name());
        if write.execute(delete).await? == 0 {
            return Ok(false);
        }
        let entry = actor.did(Action::ChangeWithdrawn, Subject::Venue(venue), "");
        write.commit_audited(entry, now).await?;
        Ok(true)
    }

    /// A venue has read what was decided. What waits stays.
    pub async fn put_decision_away(&self, venue: VenueId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM venue_changes WHERE venue = $1 AND state <> $2")
            .bind(venue)
            .bind(ChangeState::Waiting.name())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// An officer puts a proposal in force: the registration, the login of the manager where the telephone
    /// changes, and posters that say it. Sessions, the venue's key and printed posters stay as they are.
    pub async fn approve_change(
        &self,
        (venue, proposal): (VenueId, i64),
        fields: &str,
        issuer: Option<&Issuer>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Decided, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let change = find(connection, venue)
            .await?
            .filter(|change| change.proposal == proposal && change.state == ChangeState::Waiting);
        let present = find_venue(connection, venue).await?;
        let present = present.filter(|venue| venue.state == VenueState::Approved);
        let (Some(change), Some(present)) = (change, present) else { return Ok(Decided::Other) };
        let new = change.proposed.phone.as_str();
        if present.phone != new {
            if is_taken(connection, &change.proposed.phone).await? {
                return Ok(Decided::PhoneTaken);
            }
            sqlx::query("UPDATE accounts SET login = $3 WHERE venue = $1 AND login = $2")
                .bind(venue)
                .bind(present.phone.as_str())
                .bind(new)
                .execute(&mut *connection)
                .await?;
        }
        let registration = &change.proposed.registration;
        sqlx::query(
            "UPDATE venues SET name = $2, kind = $3, ward = $4, ward_name = $5, street = $6, \
             registrant = $7, phone = $8 WHERE venue = $1",
        )
        .bind(venue)
        .bind(registration.name.as_str())
        .bind(registration.kind.name())
        .bind(i64::from(registration.ward.code))
        .bind(registration.ward.name.as_str())
        .bind(registration.street.as_str())
        .bind(registration.registrant.as_str())
        .bind(new)
        .execute(&mut *connection)
        .await?;
        sqlx::query("UPDATE venue_changes SET state = $2 WHERE venue = $1")
            .bind(venue)
            .bind(ChangeState::Approved.name())
            .execute(&mut *connection)
            .await?;
        let entry = actor.did(Action::ChangeApproved, Subject::Venue(venue), fields);
        audit(connection, entry, now).await?;
        write.commit_with_posters(venue, issuer, actor, now).await?;
        Ok(Decided::Yes)
    }

    /// An officer refuses a proposal.
    pub async fn refuse_change(
        &self,
        (venue, proposal): (VenueId, i64),
        reason: &str,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Decided, StoreError> {
        let mut write = self.write().await?;
        let update = sqlx::query(
            "UPDATE venue_changes SET state = $3, reason = $4 \
             WHERE venue = $1 AND proposal = $2 AND state = $5",
        )
        .bind(venue)
        .bind(proposal)
        .bind(ChangeState::Refused.name())
        .bind(reason)
        .bind(ChangeState::Waiting.name());
        if write.execute(update).await? == 0 {
            return Ok(Decided::Other);
        }
        let entry = actor.did(Action::ChangeRefused, Subject::Venue(venue), reason);
        write.commit_audited(entry, now).await?;
        Ok(Decided::Yes)
    }
}

async fn is_taken(connection: &mut AnyConnection, phone: &Phone) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT account FROM accounts WHERE login = $1")
        .bind(phone.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

async fn insert(
    connection: &mut AnyConnection,
    change: &VenueChange,
    now: UnixTime,
) -> Result<(), StoreError> {
    delete_change(connection, change.venue).await?;
    let registration = &change.proposed.registration;
    sqlx::query(
        "INSERT INTO venue_changes (venue, proposal, name, kind, ward, ward_name, street, \
         registrant, phone, proposed_at, actor, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(change.venue)
    .bind(change.proposal)
    .bind(registration.name.as_str())
    .bind(registration.kind.name())
    .bind(i64::from(registration.ward.code))
    .bind(registration.ward.name.as_str())
    .bind(registration.street.as_str())
    .bind(registration.registrant.as_str())
    .bind(change.proposed.phone.as_str())
    .bind(seconds(now))
    .bind(change.actor.as_str())
    .bind(ChangeState::Waiting.name())
    .execute(connection)
    .await?;
    Ok(())
}

async fn delete_change(connection: &mut AnyConnection, venue: VenueId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM venue_changes WHERE venue = $1")
        .bind(venue)
        .execute(connection)
        .await?;
    Ok(())
}

async fn find(
    connection: &mut AnyConnection,
    venue: VenueId,
) -> Result<Option<VenueChange>, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        columns!(venue_changes),
        " FROM venue_changes WHERE venue = $1"
    ))
    .bind(venue)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(change_of).transpose()
}

fn change_of(row: &AnyRow) -> Result<VenueChange, StoreError> {
    Ok(VenueChange {
        venue: integer(row, "venue")?,
        proposal: integer(row, "proposal")?,
        proposed: Proposed {
            registration: Registration {
                name: row.try_get("name")?,
                kind: named(row, "kind", Kind::from_name)?,
                ward: Ward { code: integer(row, "ward")?, name: row.try_get("ward_name")? },
                street: row.try_get("street")?,
                registrant: row.try_get("registrant")?,
            },
            phone: named(row, "phone", |phone| phone.parse().ok())?,
        },
        proposed_at: time(row, "proposed_at")?,
        actor: row.try_get("actor")?,
        state: named(row, "state", ChangeState::from_name)?,
        reason: row.try_get("reason")?,
    })
}
