//! Keys of staff's programs.

use sqlx::Row;
use sqlx::any::AnyRow;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::audit::{Action, Actor, Subject};
use super::columns::columns;
use super::{
    Store, StoreError, Write, array, integer, named, nullable, nullable_time, seconds, time,
};
use crate::domain::api_keys::{ApiKeyHash, ApiKeyId, MAX_OPEN_API_KEYS};
use crate::domain::permissions::Permissions;

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    /// Empty for the key of a file.
    pub name: String,
    pub hash: ApiKeyHash,
    /// It is, or was, the key of `keys/staff-api-key.sha256`.
    pub is_from_file: bool,
    pub permissions: Permissions,
    /// When it was made; of a key from a file, when it was first seen.
    pub created_at: UnixTime,
    pub disabled_at: Option<UnixTime>,
    pub last_used: Option<UtcDay>,
    pub uses: u64,
}

/// The key of the authority's folder, and what it may do.
#[derive(Debug, Clone, Copy)]
pub struct FileKey {
    pub hash: ApiKeyHash,
    pub permissions: Permissions,
}

impl ApiKey {
    /// For the audit log.
    pub fn actor(&self) -> Actor {
        Actor::api_key(self.id)
    }

    fn of_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: integer(row, "api_key")?,
            name: row.try_get("name")?,
            hash: array(row, "key_hash")?,
            is_from_file: integer::<u8>(row, "from_file")? == 1,
            permissions: named(row, "permissions", Permissions::from_names)?,
            created_at: time(row, "created_at")?,
            disabled_at: nullable_time(row, "disabled_at")?,
            last_used: nullable(row, "last_used_day")?.map(UtcDay::new),
            uses: integer(row, "uses")?,
        })
    }
}

impl Store {
    /// Makes a key; `None` when there are as many open ones as there can be.
    pub async fn add_api_key(
        &self,
        name: &str,
        hash: &ApiKeyHash,
        permissions: Permissions,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Option<ApiKeyId>, StoreError> {
        let mut write = self.write().await?;
        let open = sqlx::query("SELECT COUNT(*) AS open FROM api_keys WHERE disabled_at IS NULL")
            .fetch_one(write.connection()?)
            .await?;
        if integer::<usize>(&open, "open")? >= MAX_OPEN_API_KEYS {
            return Ok(None);
        }
        let row = sqlx::query(
            "INSERT INTO api_keys (name, key_hash, permissions, created_at) \
             VALUES ($1, $2, $3, $4) RETURNING api_key",
        )
        .bind(name)
        .bind(hash.to_vec())
        .bind(permissions.to_string())
        .bind(seconds(now))
        .fetch_one(write.connection()?)
        .await?;
        let id: ApiKeyId = integer(&row, "api_key")?;
        let detail = permissions.to_string();
        write
            .commit_audited(actor.did(Action::ApiKeyAdded, Subject::ApiKey(id), &detail), now)
            .await?;
        Ok(Some(id))
    }

    /// All keys, the newest first; the key of the authority's folder is noted if it is not known yet.
    pub async fn api_keys(&self, file: &FileKey, now: UnixTime) -> Result<Vec<ApiKey>, StoreError> {
        if !self.knows_api_key(&file.hash).await? {
            let mut write = self.write().await?;
            note_file_key(&mut write, file, now).await?;
            write.commit().await?;
        }
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(api_keys),
            " FROM api_keys ORDER BY api_key DESC"
        ))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(ApiKey::of_row).collect()
    }

    async fn knows_api_key(&self, hash: &ApiKeyHash) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT api_key FROM api_keys WHERE key_hash = $1");
        Ok(query.bind(hash.to_vec()).fetch_optional(&self.pool).await?.is_some())
    }

    /// The open key with this hash, and counts that it is used. What nobody has only reads.
    pub async fn use_api_key(
        &self,
        hash: &ApiKeyHash,
        file: &FileKey,
        today: UtcDay,
        now: UnixTime,
    ) -> Result<Option<ApiKey>, StoreError> {
        let is_of_file = *hash == file.hash;
        if !is_of_file && !self.knows_api_key(hash).await? {
            return Ok(None);
        }
        let mut write = self.write().await?;
        if is_of_file {
            note_file_key(&mut write, file, now).await?;
        }
        let row = sqlx::query(concat!(
            "UPDATE api_keys SET uses = uses + 1, last_used_day = $2 WHERE key_hash = $1 \
                 AND disabled_at IS NULL AND (from_file = 0 OR key_hash = $3) RETURNING ",
            columns!(api_keys)
        ))
        .bind(hash.to_vec())
        .bind(i64::from(today.number()))
        .bind(file.hash.to_vec())
        .fetch_optional(write.connection()?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let key = ApiKey::of_row(&row)?;
        write.commit().await?;
        Ok(Some(key))
    }

    /// The key works no more; `false` when there is no such open one.
    pub async fn disable_api_key(
        &self,
        key: ApiKeyId,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let sql = "UPDATE api_keys SET disabled_at = $2 WHERE api_key = $1 AND disabled_at IS NULL";
        if write.execute(sqlx::query(sql).bind(key).bind(seconds(now))).await? == 0 {
            return Ok(false);
        }
        write
            .commit_audited(actor.did(Action::ApiKeyDisabled, Subject::ApiKey(key), ""), now)
            .await?;
        Ok(true)
    }
}

async fn note_file_key(write: &mut Write, file: &FileKey, now: UnixTime) -> Result<(), StoreError> {
    let insert = sqlx::query(
        "INSERT INTO api_keys (name, key_hash, from_file, permissions, created_at) \
         VALUES ('', $1, 1, $2, $3) ON CONFLICT (key_hash) DO NOTHING",
    )
    .bind(file.hash.to_vec())
    .bind(file.permissions.to_string())
    .bind(seconds(now));
    write.execute(insert).await?;
    Ok(())
}
