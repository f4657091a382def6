//! What became of a code, asked by the id of the request that issued it.

use sqlx::AnyConnection;
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject};
use super::{Store, StoreError, integer, time};
use crate::domain::codes::{CodeState, KeyedHash, log_number};

/// A code as staff see it: never by whom or when it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeStatus {
    pub state: CodeState,
    pub expires_at: UnixTime,
}

impl Store {
    /// The code that the request with this id issued; none when there was no such request, or when its
    /// code ended so long ago that it is deleted.
    pub async fn code_status(
        &self,
        request_hash: &KeyedHash,
        now: UnixTime,
    ) -> Result<Option<CodeStatus>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, request_hash, now).await
    }

    /// Ends a code that is not used. Gives back how it was before; only an unused one is changed.
    pub async fn revoke_code(
        &self,
        request_hash: &KeyedHash,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Option<CodeStatus>, StoreError> {
        let mut write = self.write().await?;
        let found = find(write.connection()?, request_hash, now).await?;
        if found.is_none_or(|found| found.state != CodeState::Unused) {
            return Ok(found);
        }
        let revoke = sqlx::query(
            "UPDATE codes SET used = 1, revoked = 1, issued_at = NULL, test_type = NULL, \
             symptom_day = NULL, test_day = NULL WHERE code_hash = \
             (SELECT code_hash FROM request_ids WHERE id_hash = $1)",
        );
        write.execute(revoke.bind(request_hash.to_vec())).await?;
        let subject = Subject::Code(log_number(request_hash));
        write.commit_audited(actor.did(Action::CodeRevoked, subject, ""), now).await?;
        Ok(found)
    }
}

async fn find(
    connection: &mut AnyConnection,
    request_hash: &KeyedHash,
    now: UnixTime,
) -> Result<Option<CodeStatus>, StoreError> {
    let row = sqlx::query(
        "SELECT c.used AS used, c.revoked AS revoked, c.expires_at AS expires_at \
         FROM request_ids r JOIN codes c ON c.code_hash = r.code_hash WHERE r.id_hash = $1",
    )
    .bind(request_hash.to_vec())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let flag = |column| integer::<i64>(&row, column).map(|value| value != 0);
    let expires_at = time(&row, "expires_at")?;
    let state = match (flag("revoked")?, flag("used")?) {
        (true, _) => CodeState::Revoked,
        (false, true) => CodeState::Used,
        (false, false) if now >= expires_at => CodeState::Expired,
        (false, false) => CodeState::Unused,
    };
    Ok(Some(CodeStatus { state, expires_at }))
}
