//! Share requests: opened, answered, reduced with their publication, forgotten.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::warning::Notice;

use super::audit::{Action, Actor, Subject, audit};
use super::columns::columns;
use super::doors::{OpenedDoors, put_opened};
use super::posters::PosterRow;
use super::{Store, StoreError, Write, integer, named, nullable, nullable_time, seconds, time};
use crate::domain::share_requests::{DueWarning, Reminders, RequestId, SlotName, oldest_kept};

/// In the database, for a slot of a printed poster.
const NO_SCAN_HOUR: i64 = -1;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// The venue has not answered.
    Waiting,
    /// The venue gave no shares.
    Refused,
    /// Its warnings wait for the next batch.
    Approved,
    /// Its warnings are published; nothing leads to the venue any more.
    Published,
    /// Staff took it back before its warnings were published, or before all of them were.
    Cancelled,
}

impl RequestState {
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Refused, Self::Approved, Self::Published, Self::Cancelled];

    /// Its name in the database, and by which texts are found.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A request to be opened.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// The same for the same visit.
    pub visit_hash: [u8; 32],
    pub poster: i64,
    /// What warnings will say.
    pub notice: Notice,
    /// Why, for the venue.
    pub reason: String,
    /// When no device keeps visits of its hours any more.
    pub forget_at: UnixTime,
}

/// What a published request no longer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDetails {
    pub poster: i64,
    pub unit: i64,
    pub venue: i64,
    pub unit_name: String,
    pub venue_name: String,
    /// Whether the venue is closed by now.
    pub venue_closed: bool,
    /// Whether the venue has another key by now than the poster names.
    pub rekeyed: bool,
    /// What warnings will say.
    pub notice: Notice,
    /// Why, for the venue.
    pub reason: String,
    /// Whether shares in advance gave its warnings: it waits for the door's.
    pub slots_given: bool,
}

/// A request as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRequest {
    pub id: RequestId,
    pub state: RequestState,
    /// The venue's reason for a refusal.
    pub state_reason: String,
    /// When it was opened.
    pub requested_at: UnixTime,
    pub reminded: Reminders,
    pub details: Option<RequestDetails>,
}

pub(super) const SELECT: &str = "SELECT r.request AS request, r.state AS state, \
     r.state_reason AS state_reason, r.requested_at AS requested_at, r.poster AS poster, \
     r.from_at AS from_at, r.until_at AS until_at, r.report_type AS report_type, \
     r.infectiousness AS infectiousness, r.reminders AS reminders, \
     r.reminded_at AS reminded_at, r.slots_given AS slots_given, r.reason AS reason, \
     r.notice_text AS notice_text, \
     u.unit AS unit, u.name AS unit_name, v.venue AS venue, v.name AS venue_name, \
     v.state AS venue_state, v.public_key AS public_key, p.venue_key AS venue_key \
     FROM share_requests r LEFT JOIN posters p ON p.poster = r.poster \
     LEFT JOIN units u ON u.unit = p.unit LEFT JOIN venues v ON v.venue = u.venue";

impl Store {
    /// Opens a request, or finds the one for the same visit. One that the venue refused, or that
    /// staff cancelled, is asked again. Says whether it was opened now.
    pub async fn open_share_request(
        &self,
        new: &NewRequest,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(ShareRequest, bool), StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let changed = sqlx::query(
            "INSERT INTO share_requests (visit_hash, state, poster, from_at, until_at, \
             report_type, infectiousness, reason, notice_text, requested_at, forget_at) \
             VALUES ($1, 'waiting', $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (visit_hash) DO UPDATE SET state = 'waiting', state_reason = '', \
             report_type = excluded.report_type, infectiousness = excluded.infectiousness, \
             reason = excluded.reason, notice_text = excluded.notice_text, \
             requested_at = excluded.requested_at, reminders = 0, reminded_at = NULL \
             WHERE share_requests.state IN ('refused', 'cancelled')",
        )
        .bind(new.visit_hash.to_vec())
        .bind(new.poster)
        .bind(seconds(new.notice.from))
        .bind(seconds(new.notice.until))
        .bind(new.notice.report_type as i64)
        .bind(new.notice.infectiousness as i64)
        .bind(new.reason.as_str())
        .bind(new.notice.text.as_str())
        .bind(seconds(now))
        .bind(seconds(new.forget_at))
        .execute(&mut *connection)
        .await?;
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE r.visit_hash = $1"));
        let row =
            sqlx::query(sql).bind(new.visit_hash.to_vec()).fetch_one(&mut *connection).await?;
        let request = read_request(&row)?;
        let opened = changed.rows_affected() > 0;
        if opened {
            audit(
                connection,
                actor.did(Action::SharesRequested, Subject::Request(request.id), ""),
                now,
            )
            .await?;
        }
        write.commit().await?;
        Ok((request, opened))
    }

    /// All requests, the newest first.
    pub async fn share_requests(&self) -> Result<Vec<ShareRequest>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY r.request DESC"));
        let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
        rows.iter().map(read_request).collect()
    }

    /// The requests that wait for a venue, the oldest first.
    pub async fn waiting_share_requests(
        &self,
        venue: i64,
    ) -> Result<Vec<ShareRequest>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{SELECT} WHERE v.venue = $1 AND r.state = 'waiting' ORDER BY r.request"
        ));
        let rows = sqlx::query(sql).bind(venue).fetch_all(&self.pool).await?;
        rows.iter().map(read_request).collect()
    }

    /// A venue's request; none when it is another venue's or published.
    pub async fn venue_share_request(
        &self,
        request: RequestId,
        venue: i64,
    ) -> Result<Option<ShareRequest>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE r.request = $1 AND v.venue = $2"));
        let row = sqlx::query(sql).bind(request).bind(venue).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_request).transpose()
    }

    /// The poster with this number, ended or not.
    pub async fn poster_with_id(&self, poster: i64) -> Result<Option<PosterRow>, StoreError> {
        let row =
            sqlx::query(concat!("SELECT ", columns!(posters), " FROM posters WHERE poster = $1"))
                .bind(poster)
                .fetch_optional(&self.pool)
                .await?;
        row.as_ref().map(PosterRow::of_row).transpose()
    }

    /// Takes the warnings of a request that waits. The shares they were made with are not stored.
    /// `false` when it does not wait any more.
    pub async fn approve_share_request(
        &self,
        request: RequestId,
        warnings: &[DueWarning],
        opened: &OpenedDoors,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        if !leave_waiting(&mut write, request, RequestState::Approved, "").await? {
            return Ok(false);
        }
        put_warnings(&mut write, request, warnings).await?;
        put_opened(write.connection()?, request, opened, now).await?;
        write
            .commit_audited(actor.did(Action::SharesGiven, Subject::Request(request), ""), now)
            .await?;
        Ok(true)
    }

    /// Takes the warnings that shares in advance gave of a request that goes on waiting for the
    /// door's shares.
    pub async fn give_slots(
        &self,
        request: RequestId,
        warnings: &[DueWarning],
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let give = sqlx::query(
            "UPDATE share_requests SET slots_given = 1 \
             WHERE request = $1 AND state = 'waiting' AND slots_given = 0",
        );
        if write.execute(give.bind(request)).await? == 0 {
            return Ok(());
        }
        put_warnings(&mut write, request, warnings).await?;
        let given = actor.did(Action::SharesGiven, Subject::Request(request), "");
        write.commit_audited(given, now).await
    }

    /// The venue gives no shares. `false` when the request does not wait any more.
    pub async fn refuse_share_request(
        &self,
        request: RequestId,
        reason: &str,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        if !leave_waiting(&mut write, request, RequestState::Refused, reason).await? {
            return Ok(false);
        }
        write
            .commit_audited(
                actor.did(Action::SharesRefused, Subject::Request(request), reason),
                now,
            )
            .await?;
        Ok(true)
    }

    /// Keeps shares in advance of a poster, each sealed by the caller. Those that are there stay.
    pub async fn put_advance_shares(
        &self,
        poster: i64,
        sealed: &[(SlotName, Vec<u8>)],
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        for (name, share) in sealed {
            let insert = sqlx::query(
                "INSERT INTO advance_shares (poster, hour, scan_hour, share) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(poster)
            .bind(i64::from(name.hour.number()))
            .bind(name.scan_hour.map_or(NO_SCAN_HOUR, |hour| i64::from(hour.number())))
            .bind(share.clone());
            write.execute(insert).await?;
        }
        let detail = sealed.len().to_string();
        let subject = Subject::Poster(poster);
        write.commit_audited(actor.did(Action::SharesInAdvance, subject, &detail), now).await
    }

    /// A poster's shares in advance of the hours `first..=last`, sealed.
    pub async fn advance_shares(
        &self,
        poster: i64,
        first: Hour,
        last: Hour,
    ) -> Result<Vec<(SlotName, Vec<u8>)>, StoreError> {
        let rows = sqlx::query(
            "SELECT hour, scan_hour, share FROM advance_shares \
             WHERE poster = $1 AND hour >= $2 AND hour <= $3",
        )
        .bind(poster)
        .bind(i64::from(first.number()))
        .bind(i64::from(last.number()))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_advance_share).collect()
    }

    /// Until when, exclusive, a unit's present poster has shares in advance; none without any.
    pub async fn advance_until(&self, poster: i64) -> Result<Option<Hour>, StoreError> {
        let row = sqlx::query("SELECT MAX(hour) AS hour FROM advance_shares WHERE poster = $1")
            .bind(poster)
            .fetch_one(&self.pool)
            .await?;
        Ok(nullable::<u32>(&row, "hour")?.map(|hour| Hour::new(hour + 1)))
    }

    /// Deletes a unit's shares in advance, of all its posters. Says how many.
    pub async fn revoke_advance_shares(
        &self,
        unit: i64,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let delete = sqlx::query(
            "DELETE FROM advance_shares WHERE poster IN (SELECT poster FROM posters WHERE unit = $1)",
        );
        let deleted = write.execute(delete.bind(unit)).await?;
        let subject = Subject::Unit(unit);
        let detail = deleted.to_string();
        write.commit_audited(actor.did(Action::SharesRevoked, subject, &detail), now).await?;
        Ok(deleted)
    }

    /// Forgets requests, warnings and shares of hours that no device keeps any more.
    pub async fn expire_share_requests(
        &self,
        retention_days: u32,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let oldest = Hour::at(oldest_kept(retention_days, now));
        sqlx::query("DELETE FROM advance_shares WHERE hour < $1")
            .bind(i64::from(oldest.number()))
            .execute(&mut *connection)
            .await?;
        for sql in [
            "DELETE FROM due_warnings WHERE request IN \
             (SELECT request FROM share_requests WHERE forget_at <= $1)",
            "DELETE FROM due_pass_notices WHERE request IN \
             (SELECT request FROM share_requests WHERE forget_at <= $1)",
            "DELETE FROM share_requests WHERE forget_at <= $1",
        ] {
            sqlx::query(sql).bind(seconds(now)).execute(&mut *connection).await?;
        }
        write.commit().await
    }
}

/// Requests whose last warning has just been cut: what led to the venue and the time is emptied.
pub(super) async fn settle_published(
    connection: &mut AnyConnection,
    now: UnixTime,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "UPDATE share_requests SET state = 'published', poster = NULL, from_at = NULL, \
         until_at = NULL, report_type = NULL, infectiousness = NULL, reason = '', \
         notice_text = '' WHERE state = 'approved' \
         AND request NOT IN (SELECT request FROM due_warnings) \
         AND request NOT IN (SELECT request FROM due_pass_notices) RETURNING request",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let subject = Subject::Request(integer(&row, "request")?);
        audit(connection, Actor::server().did(Action::WarningsPublished, subject, ""), now).await?;
    }
    Ok(())
}

async fn put_warnings(
    write: &mut Write,
    request: RequestId,
    warnings: &[DueWarning],
) -> Result<(), StoreError> {
    for due in warnings {
        let insert = sqlx::query(
            "INSERT INTO due_warnings (warning, due_at, request) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
        )
        .bind(due.warning.to_bytes().to_vec())
        .bind(seconds(due.due_at))
        .bind(request);
        write.execute(insert).await?;
    }
    Ok(())
}

async fn leave_waiting(
    write: &mut Write,
    request: RequestId,
    state: RequestState,
    reason: &str,
) -> Result<bool, StoreError> {
    let leave = sqlx::query(
        "UPDATE share_requests SET state = $1, state_reason = $2 \
         WHERE request = $3 AND state = 'waiting'",
    )
    .bind(state.name())
    .bind(reason)
    .bind(request);
    Ok(write.execute(leave).await? == 1)
}

pub(super) fn read_request(row: &AnyRow) -> Result<ShareRequest, StoreError> {
    let poster = nullable::<i64>(row, "poster")?;
    Ok(ShareRequest {
        id: integer(row, "request")?,
        state: named(row, "state", RequestState::from_name)?,
        state_reason: row.try_get("state_reason")?,
        requested_at: time(row, "requested_at")?,
        reminded: Reminders {
            count: integer(row, "reminders")?,
            last: nullable_time(row, "reminded_at")?,
        },
        details: poster.map(|poster| read_details(row, poster)).transpose()?,
    })
}

fn read_details(row: &AnyRow, poster: i64) -> Result<RequestDetails, StoreError> {
    let venue_state: String = row.try_get("venue_state")?;
    let present_key: Option<Vec<u8>> = row.try_get("public_key")?;
    let poster_key: Vec<u8> = row.try_get("venue_key")?;
    Ok(RequestDetails {
        poster,
        unit: integer(row, "unit")?,
        venue: integer(row, "venue")?,
        unit_name: row.try_get("unit_name")?,
        venue_name: row.try_get("venue_name")?,
        venue_closed: venue_state == "closed",
        rekeyed: present_key.is_none_or(|key| key != poster_key),
        notice: Notice {
            from: time(row, "from_at")?,
            until: time(row, "until_at")?,
            report_type: ReportType::from_number(integer(row, "report_type")?)
                .ok_or(StoreError::Corrupt("report_type"))?,
            infectiousness: match integer::<i64>(row, "infectiousness")? {
                1 => Infectiousness::Standard,
                2 => Infectiousness::High,
                _ => return Err(StoreError::Corrupt("infectiousness")),
            },
            text: row.try_get("notice_text")?,
        },
        reason: row.try_get("reason")?,
        slots_given: integer::<i64>(row, "slots_given")? != 0,
    })
}

fn read_advance_share(row: &AnyRow) -> Result<(SlotName, Vec<u8>), StoreError> {
    let scan_hour = match integer::<i64>(row, "scan_hour")? {
        NO_SCAN_HOUR => None,
        hour => Some(Hour::new(u32::try_from(hour).map_err(|_| StoreError::Corrupt("scan_hour"))?)),
    };
    let name = SlotName { hour: Hour::new(integer(row, "hour")?), scan_hour };
    Ok((name, row.try_get("share")?))
}
