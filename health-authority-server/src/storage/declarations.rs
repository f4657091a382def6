//! Health declarations, as ciphertext.

use sqlx::Row;
use sqlx::any::AnyRow;
use vungxanh_protocol::declaration::{Earlier, Envelope, FormKind, SealedForm};
use vungxanh_protocol::interval::UnixTime;

use super::columns::columns;
use super::declaration_codes::spend;
use super::statistics::{Counter, Figure, count_all};
use super::{Store, StoreError, array, integer};

/// A declaration that came in.
#[derive(Debug, Clone)]
pub struct NewDeclaration {
    pub envelope: Envelope,
    /// Whose officers open it.
    pub group: u8,
    /// The intake key that it is sealed to.
    pub key_id: u32,
    pub sealed: SealedForm,
    /// Hash of the receipt's secret.
    pub receipt: [u8; 32],
    /// Hash of the blinded passes.
    pub passes: [u8; 32],
    /// The one that it replaces.
    pub replaces: Option<Earlier>,
    /// Hash of the token that it spends, where a telephone code is asked.
    pub token: Option<[u8; 32]>,
}

/// What came of storing a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is there now.
    Now,
    /// The same request was stored before.
    Before,
    /// Another declaration has this submission.
    OtherThere,
    /// The one to be replaced is not there, or not the sender's.
    EarlierUnknown,
    /// Its token was spent with another one.
    TokenSpent,
}

/// A declaration as officers fetch it.
#[derive(Debug, Clone)]
pub struct KeptDeclaration {
    pub envelope: Envelope,
    pub key_id: u32,
    pub sealed: SealedForm,
}

impl Store {
    /// Stores a declaration and deletes the one that it replaces, in one transaction.
    pub async fn put_declaration(
        &self,
        new: &NewDeclaration,
        now: UnixTime,
    ) -> Result<Stored, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let there = sqlx::query(concat!(
            "SELECT ",
            columns!(declarations),
            " FROM declarations WHERE submission = $1"
        ))
        .bind(new.envelope.submission.to_vec())
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(row) = there {
            let same = kept(&row)?.sealed == new.sealed
                && array::<32>(&row, "receipt")? == new.receipt
                && array::<32>(&row, "passes")? == new.passes;
            return Ok(if same { Stored::Before } else { Stored::OtherThere });
        }
        if let Some(token) = &new.token
            && !spend(connection, token, new.envelope.day).await?
        {
            return Ok(Stored::TokenSpent);
        }
        if let Some(earlier) = &new.replaces {
            let deleted = sqlx::query(DELETE_OWN)
                .bind(earlier.submission.to_vec())
                .bind(earlier.receipt.to_vec())
                .execute(&mut *connection)
                .await?;
            if deleted.rows_affected() == 0 {
                return Ok(Stored::EarlierUnknown);
            }
        }
        sqlx::query(
            "INSERT INTO declarations \
             (submission, day, intake_group, key_id, kind, ward, sealed, receipt, passes) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(new.envelope.submission.to_vec())
        .bind(i64::from(new.envelope.day))
        .bind(i64::from(new.group))
        .bind(i64::from(new.key_id))
        .bind(i64::from(new.envelope.kind.number()))
        .bind(i64::from(new.envelope.ward))
        .bind(new.sealed.as_bytes().to_vec())
        .bind(new.receipt.to_vec())
        .bind(new.passes.to_vec())
        .execute(&mut *connection)
        .await?;
        let figures = [
            (Figure::Counter(Counter::Declarations), 1),
            (Figure::DeclarationKind(new.envelope.kind), 1),
            (Figure::of_ward(new.envelope.ward), 1),
        ];
        count_all(connection, &figures, now).await?;
        write.commit().await?;
        Ok(Stored::Now)
    }

    /// Deletes a declaration for who has its receipt; `false` when there is none.
    pub async fn withdraw_declaration(&self, earlier: &Earlier) -> Result<bool, StoreError> {
        let delete = sqlx::query(DELETE_OWN)
            .bind(earlier.submission.to_vec())
            .bind(earlier.receipt.to_vec());
        Ok(self.execute(delete).await? > 0)
    }

    /// All declarations of a local day and group.
    pub async fn declarations(
        &self,
        day: u16,
        group: u8,
    ) -> Result<Vec<KeptDeclaration>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(declarations),
            " FROM declarations WHERE day = $1 AND intake_group = $2 ORDER BY submission"
        ))
        .bind(i64::from(day))
        .bind(i64::from(group))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(kept).collect()
    }

    /// How many declarations there are of each local day.
    pub async fn declarations_by_day(&self) -> Result<Vec<(u16, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT day, COUNT(*) AS declarations FROM declarations GROUP BY day ORDER BY day",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((integer(row, "day")?, integer(row, "declarations")?))).collect()
    }

    /// At most `count` declarations that are sealed to this key, after a submission, in the order of
    /// submissions.
    pub async fn declarations_after(
        &self,
        of: (u16, u8, u32),
        after: Option<[u8; 16]>,
        count: u32,
    ) -> Result<Vec<KeptDeclaration>, StoreError> {
        let (day, group, key_id) = of;
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(declarations),
            " FROM declarations WHERE day = $1 AND intake_group = $2 AND key_id = $3 \
             AND submission > $4 ORDER BY submission LIMIT $5"
        ))
        .bind(i64::from(day))
        .bind(i64::from(group))
        .bind(i64::from(key_id))
        .bind(after.map_or_else(Vec::new, |after| after.to_vec()))
        .bind(i64::from(count))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(kept).collect()
    }

    /// How many declarations are sealed to each key.
    pub async fn declarations_by_key(&self) -> Result<Vec<(u32, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT key_id, COUNT(*) AS declarations FROM declarations GROUP BY key_id",
        )
        .fetch_all(&self.pool)
        .await?;
        let pair = |row: &AnyRow| Ok((integer(row, "key_id")?, integer(row, "declarations")?));
        rows.iter().map(pair).collect()
    }

    /// Deletes the declarations of days before `oldest_day`, and what officers noted about them.
    pub async fn expire_declarations(&self, oldest_day: u16) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let day = i64::from(oldest_day);
        let registers = sqlx::query("DELETE FROM intake_registers WHERE day < $1");
        write.execute(registers.bind(day)).await?;
        let declarations = sqlx::query("DELETE FROM declarations WHERE day < $1");
        let deleted = write.execute(declarations.bind(day)).await?;
        write.commit().await?;
        Ok(deleted)
    }
}

const DELETE_OWN: &str = "DELETE FROM declarations WHERE submission = $1 AND receipt = $2";

fn kept(row: &AnyRow) -> Result<KeptDeclaration, StoreError> {
    let kind = FormKind::from_number(integer(row, "kind")?).ok_or(StoreError::Corrupt("kind"))?;
    let sealed: Vec<u8> = row.try_get("sealed")?;
    let sealed = SealedForm::from_bytes(&sealed).map_err(|_| StoreError::Corrupt("sealed"))?;
    let envelope = Envelope {
        kind,
        ward: integer(row, "ward")?,
        day: integer(row, "day")?,
        submission: array(row, "submission")?,
    };
    Ok(KeptDeclaration { envelope, key_id: integer(row, "key_id")?, sealed })
}
