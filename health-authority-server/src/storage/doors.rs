//! What doors sent, sealed; notices to passes that wait for a batch; whom officers call.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::slot::Hour;

use super::statistics::{Counter, count};
use super::{Store, StoreError, array, integer};
use crate::domain::door_secrets::{NoticeId, UploadId};
use crate::domain::doors::Bounds;
use crate::domain::share_requests::RequestId;
use crate::domain::venues::{UnitId, VenueId};

/// An upload that came in.
#[derive(Debug, Clone)]
pub struct NewDoorUpload {
    pub id: UploadId,
    pub venue: VenueId,
    pub unit: UnitId,
    pub hour: Hour,
    /// The local day of the hour.
    pub day: u16,
    pub records: usize,
    /// Under the door key of the day.
    pub sealed: Vec<u8>,
    /// Names the hour among those that were opened.
    pub opening: UploadId,
}

/// What came of storing an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredUpload {
    /// It is there now, or was before.
    There {
        /// The hour was opened for a case already: this case's warnings are made.
        late: bool,
    },
    /// The unit has as many records of that hour as are opened.
    HourFull,
    VenueFull,
    ServerFull,
}

/// An upload as it is stored.
#[derive(Debug, Clone)]
pub struct KeptUpload {
    pub id: UploadId,
    pub day: u16,
    pub sealed: Vec<u8>,
}

/// A notice to a pass that waits for a batch, or a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedNotice {
    pub id: NoticeId,
    pub day: u16,
    /// Under the door key of the day.
    pub sealed: Vec<u8>,
}

/// What opening a door's hours left.
#[derive(Debug, Clone, Default)]
pub struct OpenedDoors {
    pub notices: Vec<SealedNotice>,
    pub calls: Vec<SealedNotice>,
    /// The hours, with their days.
    pub openings: Vec<(UploadId, u16)>,
}

impl Store {
    /// Stores an upload, unless it is there or there are too many records.
    pub async fn put_door_upload(
        &self,
        new: &NewDoorUpload,
        bounds: Bounds,
        now: UnixTime,
    ) -> Result<StoredUpload, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let late = is_opened(connection, &new.opening).await?;
        let there = sqlx::query("SELECT 1 AS there FROM door_uploads WHERE upload = $1")
            .bind(new.id.to_vec())
            .fetch_optional(&mut *connection)
            .await?;
        if there.is_some() {
            return Ok(StoredUpload::There { late });
        }
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) AS of_all, \
             CAST(COALESCE(SUM(CASE WHEN venue = $1 THEN records ELSE 0 END), 0) AS BIGINT) \
             AS of_venue FROM door_uploads",
        )
        .bind(new.venue)
        .fetch_one(&mut *connection)
        .await?;
        let (of_all, of_venue): (u64, u64) = (integer(&row, "of_all")?, integer(&row, "of_venue")?);
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) AS of_hour FROM door_uploads \
             WHERE unit = $1 AND hour = $2",
        )
        .bind(new.unit)
        .bind(i64::from(new.hour.number()))
        .fetch_one(&mut *connection)
        .await?;
        let of_hour: u64 = integer(&row, "of_hour")?;
        let more = new.records as u64;
        for (stored, bound, full) in [
            (of_hour, bounds.of_hour, StoredUpload::HourFull),
            (of_venue, bounds.of_venue, StoredUpload::VenueFull),
            (of_all, bounds.of_all, StoredUpload::ServerFull),
        ] {
            if stored + more > bound {
                return Ok(full);
            }
        }
        sqlx::query(
            "INSERT INTO door_uploads (upload, day, venue, unit, hour, records, sealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id.to_vec())
        .bind(i64::from(new.day))
        .bind(new.venue)
        .bind(new.unit)
        .bind(i64::from(new.hour.number()))
        .bind(i64::try_from(new.records).unwrap_or(i64::MAX))
        .bind(new.sealed.clone())
        .execute(&mut *connection)
        .await?;
        count(connection, Counter::DoorUploads, 1, now).await?;
        write.commit().await?;
        Ok(StoredUpload::There { late })
    }

    /// Whether a door of this unit has sent anything that is still there.
    pub async fn unit_has_door(&self, unit: UnitId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 AS there FROM door_uploads WHERE unit = $1 LIMIT 1")
            .bind(unit)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// What doors of a unit sent of an hour.
    pub async fn door_uploads(
        &self,
        unit: UnitId,
        hour: Hour,
    ) -> Result<Vec<KeptUpload>, StoreError> {
        let rows = sqlx::query(
            "SELECT upload, day, sealed FROM door_uploads WHERE unit = $1 AND hour = $2 \
             ORDER BY upload",
        )
        .bind(unit)
        .bind(i64::from(hour.number()))
        .fetch_all(&self.pool)
        .await?;
        let upload = |row: &AnyRow| {
            let id = array(row, "upload")?;
            Ok(KeptUpload { id, day: integer(row, "day")?, sealed: row.try_get("sealed")? })
        };
        rows.iter().map(upload).collect()
    }

    /// At most `count` of the waiting notices to passes, drawn at random.
    pub async fn due_pass_notices(&self, count: usize) -> Result<Vec<SealedNotice>, StoreError> {
        let rows = sqlx::query(
            "SELECT notice, day, sealed FROM due_pass_notices ORDER BY RANDOM() LIMIT $1",
        )
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_notice).collect()
    }

    /// All that is there of people to call.
    pub async fn door_calls(&self) -> Result<Vec<SealedNotice>, StoreError> {
        let rows = sqlx::query("SELECT call AS notice, day, sealed FROM door_calls ORDER BY call")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_notice).collect()
    }

    /// Deletes what belongs to days before `oldest_day`.
    pub async fn expire_doors(&self, oldest_day: u16) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        for sql in [
            "DELETE FROM door_uploads WHERE day < $1",
            "DELETE FROM door_openings WHERE day < $1",
            "DELETE FROM due_pass_notices WHERE day < $1",
            "DELETE FROM door_calls WHERE day < $1",
        ] {
            write.execute(sqlx::query(sql).bind(i64::from(oldest_day))).await?;
        }
        write.commit().await
    }
}

async fn is_opened(connection: &mut AnyConnection, opening: &UploadId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 AS there FROM door_openings WHERE opening = $1")
        .bind(opening.to_vec())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Takes what opening a request's hours left, as part of the transaction that answers it.
pub(super) async fn put_opened(
    connection: &mut AnyConnection,
    request: RequestId,
    opened: &OpenedDoors,
    now: UnixTime,
) -> Result<(), StoreError> {
    for notice in &opened.notices {
        sqlx::query(
            "INSERT INTO due_pass_notices (notice, day, sealed, request) VALUES ($1, $2, $3, $4)",
        )
        .bind(notice.id.to_vec())
        .bind(i64::from(notice.day))
        .bind(notice.sealed.clone())
        .bind(request)
        .execute(&mut *connection)
        .await?;
    }
    for call in &opened.calls {
        sqlx::query("INSERT INTO door_calls (call, day, sealed) VALUES ($1, $2, $3)")
            .bind(call.id.to_vec())
            .bind(i64::from(call.day))
            .bind(call.sealed.clone())
            .execute(&mut *connection)
            .await?;
    }
    for (opening, day) in &opened.openings {
        sqlx::query(
            "INSERT INTO door_openings (opening, day) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(opening.to_vec())
        .bind(i64::from(*day))
        .execute(&mut *connection)
        .await?;
    }
    if opened.openings.is_empty() {
        return Ok(());
    }
    count(connection, Counter::DoorHoursOpened, opened.openings.len(), now).await
}

fn read_notice(row: &AnyRow) -> Result<SealedNotice, StoreError> {
    let id = array(row, "notice")?;
    Ok(SealedNotice { id, day: integer(row, "day")?, sealed: row.try_get("sealed")? })
}

/// The notices are in a batch: they wait no more. `false` when one was taken by another process.
pub(super) async fn take_notices(
    connection: &mut AnyConnection,
    notices: &[NoticeId],
) -> Result<bool, StoreError> {
    for notice in notices {
        let taken = sqlx::query("DELETE FROM due_pass_notices WHERE notice = $1")
            .bind(notice.to_vec())
            .execute(&mut *connection)
            .await?;
        if taken.rows_affected() != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}
