//! Codes that are sent to telephones before a declaration, and tokens that were spent.

use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::phone::{CODES_EACH_DAY, MAX_TRIES};

use super::columns::columns;
use super::{Store, StoreError, integer, seconds};
use crate::domain::codes::KeyedHash;

/// A code that is to be sent. Everything that names a person is a keyed hash.
#[derive(Debug)]
pub struct NewCode {
    /// Of the session that asks.
    pub request: KeyedHash,
    pub phone: KeyedHash,
    pub code: KeyedHash,
    pub day: u16,
    pub expires_at: UnixTime,
}

/// What came of asking for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeStored {
    /// It is to be sent.
    Now,
    /// The same request was stored before, and its message sent.
    Before,
    /// The number had its messages of the day.
    TooMany,
}

/// What somebody typed.
#[derive(Debug)]
pub struct TypedCode {
    pub request: KeyedHash,
    pub code: KeyedHash,
    /// The day of the proof and of the tokens.
    pub day: u16,
    /// Hash of the blinded tokens.
    pub tokens: [u8; 32],
}

impl Store {
    /// Stores a code, unless the number had its messages of the day.
    pub async fn put_declaration_code(&self, new: &NewCode) -> Result<CodeStored, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let before = sqlx::query("SELECT 1 FROM declaration_codes WHERE request = $1")
            .bind(new.request.to_vec())
            .fetch_optional(&mut *connection)
            .await?;
        if before.is_some() {
            return Ok(CodeStored::Before);
        }
        let row = sqlx::query("SELECT COUNT(*) AS sent FROM declaration_codes WHERE phone = $1")
            .bind(new.phone.to_vec())
            .fetch_one(&mut *connection)
            .await?;
        if integer::<u32>(&row, "sent")? >= CODES_EACH_DAY {
            return Ok(CodeStored::TooMany);
        }
        sqlx::query(
            "INSERT INTO declaration_codes (request, phone, day, code, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(new.request.to_vec())
        .bind(new.phone.to_vec())
        .bind(i64::from(new.day))
        .bind(new.code.to_vec())
        .bind(seconds(new.expires_at))
        .execute(&mut *connection)
        .await?;
        write.commit().await?;
        Ok(CodeStored::Now)
    }

    /// A message that was not sent is none of the number's.
    pub async fn take_back_declaration_code(&self, request: &KeyedHash) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM declaration_codes WHERE request = $1");
        self.execute(delete.bind(request.to_vec())).await?;
        Ok(())
    }

    /// Whether it is the code that was sent, and no other tokens were signed for it. A wrong one is
    /// counted; the answer does not say whether there is a code.
    pub async fn confirm_declaration_code(
        &self,
        typed: &TypedCode,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(declaration_codes),
            " FROM declaration_codes WHERE request = $1 AND day = $2 AND attempts < $3"
        ))
        .bind(typed.request.to_vec())
        .bind(i64::from(typed.day))
        .bind(i64::from(MAX_TRIES))
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let code: Vec<u8> = row.try_get("code")?;
        if code != typed.code {
            sqlx::query("UPDATE declaration_codes SET attempts = attempts + 1 WHERE request = $1")
                .bind(typed.request.to_vec())
                .execute(&mut *connection)
                .await?;
            write.commit().await?;
            return Ok(false);
        }
        // An answer that was lost is given again, also later: it says nothing new.
        if let Some(answered) = row.try_get::<Option<Vec<u8>>, _>("answered")? {
            return Ok(answered == typed.tokens);
        }
        if integer::<i64>(&row, "expires_at")? <= seconds(now) {
            return Ok(false);
        }
        sqlx::query("UPDATE declaration_codes SET answered = $1 WHERE request = $2")
            .bind(typed.tokens.to_vec())
            .bind(typed.request.to_vec())
            .execute(&mut *connection)
            .await?;
        write.commit().await?;
        Ok(true)
    }

    /// Deletes codes and spent tokens of days before `first_open_day`: their keys are gone.
    pub async fn expire_declaration_codes(&self, first_open_day: u16) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM declaration_codes WHERE day < $1",
            "DELETE FROM spent_tokens WHERE day < $1",
        ] {
            self.execute(sqlx::query(sql).bind(i64::from(first_open_day))).await?;
        }
        Ok(())
    }
}

/// Spends a token as part of the caller's transaction; `false` when it was spent before.
pub(super) async fn spend(
    connection: &mut AnyConnection,
    token: &[u8; 32],
    day: u16,
) -> Result<bool, StoreError> {
    let spent = sqlx::query(
        "INSERT INTO spent_tokens (token, day) VALUES ($1, $2) ON CONFLICT (token) DO NOTHING",
    )
    .bind(token.to_vec())
    .bind(i64::from(day))
    .execute(connection)
    .await?;
    Ok(spent.rows_affected() > 0)
}
