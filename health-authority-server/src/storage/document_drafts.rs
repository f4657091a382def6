//! Drafts of the authority document, on their way to the root key and back.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject};
use super::columns::columns;
use super::{Store, StoreError, integer, named, nullable_time, seconds, time};

/// A draft, or a document that was signed without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub serial: u64,
    /// The document that was in force when it was made.
    pub base_serial: u64,
    pub made_at: UnixTime,
    /// The login of whom it is of.
    pub actor: String,
    /// What the root key signs.
    pub document: Option<Vec<u8>>,
    /// As it came back.
    pub signed: Option<Vec<u8>>,
    /// When it was put in force or dropped.
    pub ended_at: Option<UnixTime>,
    pub ended_as: Option<DraftEnd>,
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftEnd {
    InForce,
    Dropped,
}

impl DraftEnd {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Dropped => "dropped",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::InForce, Self::Dropped].into_iter().find(|end| end.name() == name)
    }
}

impl Store {
    /// The highest serial that a draft ever had; 0 without one.
    pub async fn last_draft_serial(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COALESCE(MAX(serial), 0) AS last FROM document_drafts";
        integer(&sqlx::query(sql).fetch_one(&self.pool).await?, "last")
    }

    /// Stores a draft; `false` when another has taken its serial.
    pub async fn add_draft(
        &self,
        serial: u64,
        base_serial: u64,
        document: &[u8],
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let insert = sqlx::query(
            "INSERT INTO document_drafts (serial, base_serial, made_at, actor, document) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (serial) DO NOTHING",
        )
        .bind(number(serial))
        .bind(number(base_serial))
        .bind(seconds(now))
        .bind(actor.name.as_str())
        .bind(document.to_vec());
        if write.execute(insert).await? == 0 {
            return Ok(false);
        }
        let entry = actor.did(Action::DocumentDrafted, Subject::Document(number(serial)), "");
        write.commit_audited(entry, now).await?;
        Ok(true)
    }

    /// Stores what came back signed, with its draft or without one. `false` when the document of that
    /// serial was put in force or dropped.
    pub async fn set_signed_document(
        &self,
        serial: u64,
        base_serial: u64,
        signed: &[u8],
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let insert = sqlx::query(
            "INSERT INTO document_drafts (serial, base_serial, made_at, actor, signed) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (serial) DO UPDATE \
             SET signed = excluded.signed WHERE document_drafts.ended_at IS NULL",
        )
        .bind(number(serial))
        .bind(number(base_serial))
        .bind(seconds(now))
        .bind(actor.name.as_str())
        .bind(signed.to_vec());
        if write.execute(insert).await? == 0 {
            return Ok(false);
        }
        let entry = actor.did(Action::DocumentReceived, Subject::Document(number(serial)), "");
        write.commit_audited(entry, now).await?;
        Ok(true)
    }

    /// Says what became of a draft, before its files are written. `false` when it was dropped, or is not
    /// there. A draft that was put in force may be so again: the first attempt may have failed.
    pub async fn end_draft(
        &self,
        serial: u64,
        end: DraftEnd,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        if find(write.connection()?, serial).await?.is_none_or(|draft| !draft.may_end_as(end)) {
            return Ok(false);
        }
        let update = sqlx::query(
            "UPDATE document_drafts SET ended_at = $2, ended_as = $3 WHERE serial = $1",
        );
        let update = update.bind(number(serial)).bind(seconds(now)).bind(end.name());
        write.execute(update).await?;
        let action = match end {
            DraftEnd::InForce => Action::DocumentInForce,
            DraftEnd::Dropped => Action::DocumentDropped,
        };
        let entry = actor.did(action, Subject::Document(number(serial)), "");
        write.commit_audited(entry, now).await?;
        Ok(true)
    }

    pub async fn draft(&self, serial: u64) -> Result<Option<Draft>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, serial).await
    }

    /// At most `count`, the latest first.
    pub async fn drafts(&self, count: u32) -> Result<Vec<Draft>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(document_drafts),
            " FROM document_drafts ORDER BY serial DESC LIMIT $1"
        ))
        .bind(i64::from(count))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(draft_of).collect()
    }
}

impl Draft {
    fn may_end_as(&self, end: DraftEnd) -> bool {
        match end {
            DraftEnd::InForce => self.ended_as != Some(DraftEnd::Dropped),
            DraftEnd::Dropped => self.ended_as.is_none(),
        }
    }
}

async fn find(connection: &mut AnyConnection, serial: u64) -> Result<Option<Draft>, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        columns!(document_drafts),
        " FROM document_drafts WHERE serial = $1"
    ))
    .bind(number(serial))
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(draft_of).transpose()
}

fn draft_of(row: &AnyRow) -> Result<Draft, StoreError> {
    let ended_as: Option<String> = row.try_get("ended_as")?;
    Ok(Draft {
        serial: integer(row, "serial")?,
        base_serial: integer(row, "base_serial")?,
        made_at: time(row, "made_at")?,
        actor: row.try_get("actor")?,
        document: row.try_get("document")?,
        signed: row.try_get("signed")?,
        ended_at: nullable_time(row, "ended_at")?,
        ended_as: match ended_as {
            Some(_) => Some(named(row, "ended_as", DraftEnd::from_name)?),
            None => None,
        },
    })
}

/// Serials are moments, or little more.
fn number(serial: u64) -> i64 {
    i64::try_from(serial).unwrap_or(i64::MAX)
}
