//! Codes that were sent to telephones.

use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::columns::columns;
use super::{Store, StoreError, integer, seconds};
use crate::domain::codes::KeyedHash;
use crate::domain::phone::MAX_ATTEMPTS;

/// Whether a code is the one that was sent to a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneCodeCheck {
    /// It is, and is used up.
    Right,
    /// Another code was sent.
    Wrong { left: u32 },
    /// No code was sent, or it expired, or too many wrong ones were typed.
    NoCode,
}

impl Store {
    /// Stores a code that was sent to a telephone, in place of an earlier one.
    pub async fn set_phone_code(
        &self,
        phone_hash: &KeyedHash,
        code_hash: &KeyedHash,
        expires_at: UnixTime,
    ) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO phone_codes (phone_hash, code_hash, expires_at) VALUES ($1, $2, $3) \
             ON CONFLICT (phone_hash) DO UPDATE SET code_hash = excluded.code_hash, \
             expires_at = excluded.expires_at, attempts = 0",
        )
        .bind(phone_hash.to_vec())
        .bind(code_hash.to_vec())
        .bind(seconds(expires_at));
        self.execute(statement).await?;
        Ok(())
    }

    pub(super) async fn delete_phone_code(&self, phone_hash: &KeyedHash) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        delete_phone_code(write.connection()?, phone_hash).await?;
        write.commit().await
    }
}

/// Deletes the code when it is right; otherwise counts the attempt.
pub(super) async fn check_phone_code(
    connection: &mut AnyConnection,
    (phone_hash, code_hash): (&KeyedHash, &KeyedHash),
    now: UnixTime,
) -> Result<PhoneCodeCheck, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        columns!(phone_codes),
        " FROM phone_codes WHERE phone_hash = $1 AND expires_at > $2"
    ))
    .bind(phone_hash.to_vec())
    .bind(seconds(now))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(PhoneCodeCheck::NoCode) };
    let attempts: u32 = integer(&row, "attempts")?;
    let sent: Vec<u8> = row.try_get("code_hash")?;
    if attempts >= MAX_ATTEMPTS {
        return Ok(PhoneCodeCheck::NoCode);
    }
    if sent != code_hash {
        sqlx::query("UPDATE phone_codes SET attempts = attempts + 1 WHERE phone_hash = $1")
            .bind(phone_hash.to_vec())
            .execute(connection)
            .await?;
        return Ok(PhoneCodeCheck::Wrong { left: MAX_ATTEMPTS - attempts - 1 });
    }
    delete_phone_code(connection, phone_hash).await?;
    Ok(PhoneCodeCheck::Right)
}

async fn delete_phone_code(
    connection: &mut AnyConnection,
    phone_hash: &KeyedHash,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM phone_codes WHERE phone_hash = $1")
        .bind(phone_hash.to_vec())
        .execute(connection)
        .await?;
    Ok(())
}
