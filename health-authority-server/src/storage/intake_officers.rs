//! Officers who read declarations in their browsers: their public keys, and what they noted, sealed.

use sqlx::Row;
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject, audit};
use super::{Store, StoreError, integer, nullable_array};
use crate::domain::accounts::AccountId;

/// A register as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRegister {
    /// Grows by one with each change.
    pub version: u32,
    pub sealed: Vec<u8>,
}

impl Store {
    /// The public key that the person of this account handed in.
    pub async fn officer_key(&self, account: AccountId) -> Result<Option<[u8; 32]>, StoreError> {
        let row = sqlx::query("SELECT public_key FROM officer_keys WHERE account = $1")
            .bind(account)
            .fetch_optional(&self.pool)
            .await?;
        row.map_or(Ok(None), |row| nullable_array(&row, "public_key"))
    }

    /// Stores the public key of an account's person, in place of an earlier one; `false` when another
    /// account has it. The entry says `fingerprint`.
    pub async fn set_officer_key(
        &self,
        account: AccountId,
        key: &[u8; 32],
        fingerprint: &str,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let other = sqlx::query(
            "SELECT 1 AS there FROM officer_keys WHERE public_key = $1 AND account <> $2",
        )
        .bind(key.to_vec())
        .bind(account)
        .fetch_optional(write.connection()?)
        .await?;
        if other.is_some() {
            return Ok(false);
        }
        let set = sqlx::query(
            "INSERT INTO officer_keys (account, public_key) VALUES ($1, $2) \
             ON CONFLICT (account) DO UPDATE SET public_key = excluded.public_key",
        );
        write.execute(set.bind(account).bind(key.to_vec())).await?;
        let entry = actor.did(Action::OfficerKeySet, Subject::Account(account), fingerprint);
        write.commit_audited(entry, now).await?;
        Ok(true)
    }

    /// Notes in the log that an officer did something with the declarations of a day and group.
    pub async fn note_intake(
        &self,
        action: Action,
        key_id: u32,
        detail: &str,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let entry = actor.did(action, Subject::IntakeKey(key_id.into()), detail);
        audit(write.connection()?, entry, now).await?;
        write.commit().await
    }

    /// What officers noted about the declarations that are sealed to this key.
    pub async fn intake_register(&self, key_id: u32) -> Result<Option<StoredRegister>, StoreError> {
        let row = sqlx::query("SELECT version, sealed FROM intake_registers WHERE key_id = $1")
            .bind(i64::from(key_id))
            .fetch_optional(&self.pool)
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            let version = integer(row, "version")?;
            Ok(StoredRegister { version, sealed: row.try_get("sealed")? })
        };
        row.as_ref().map(read).transpose()
    }

    /// Stores a register in place of the one with version `earlier`, 0 for none; `false` when another
    /// version is there by now.
    pub async fn put_intake_register(
        &self,
        key_id: u32,
        day: u16,
        earlier: u32,
        sealed: Vec<u8>,
    ) -> Result<bool, StoreError> {
        let changed = match earlier {
            0 => {
                let new = sqlx::query(
                    "INSERT INTO intake_registers (key_id, day, version, sealed) \
                     VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING",
                );
                self.execute(new.bind(i64::from(key_id)).bind(i64::from(day)).bind(sealed)).await?
            }
            _ => {
                let next = sqlx::query(
                    "UPDATE intake_registers SET sealed = $1, version = version + 1 \
                     WHERE key_id = $2 AND version = $3",
                );
                let next = next.bind(sealed).bind(i64::from(key_id)).bind(i64::from(earlier));
                self.execute(next).await?
            }
        };
        Ok(changed > 0)
    }
}
