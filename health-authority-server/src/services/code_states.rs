//! What became of a code, and ending it before it is used. Only by its id: no list of anyone's codes is
//! given, and whose telephone or keys a code led to is not known.

use super::app::App;
use super::refusal::Refusal;
use crate::domain::codes::{
    CodeState, KeyedHash, MAX_UUID_CHARACTERS, log_number, request_id_hash,
};
use crate::storage::audit::Actor;
pub use crate::storage::code_states::CodeStatus;

/// The id of a code, as staff have it.
#[derive(Debug, Clone)]
pub struct CodeId {
    hash: KeyedHash,
}

impl CodeId {
    /// Blanks around it are passed over.
    pub fn read(app: &App, typed: &str) -> Result<Self, Refusal> {
        match typed.trim() {
            "" => Err(Refusal::CodeIdUnknown),
            id if id.len() > MAX_UUID_CHARACTERS => Err(Refusal::LongUuid),
            id => Ok(Self { hash: request_id_hash(id, &app.keys.code_hash) }),
        }
    }

    /// By which number the audit log names the code.
    pub fn log_number(&self) -> i64 {
        log_number(&self.hash)
    }
}

pub async fn status(app: &App, id: &CodeId) -> Result<CodeStatus, Refusal> {
    let found = app.store.code_status(&id.hash, app.clock.now()).await?;
    found.ok_or(Refusal::CodeIdUnknown)
}

/// Ends a code that is not used. One that was exchanged for a token is used, whether the token was or not:
/// nothing leads from one to the other, so that the token cannot be ended.
pub async fn revoke(app: &App, id: &CodeId, actor: &Actor) -> Result<CodeStatus, Refusal> {
    let found = app.store.revoke_code(&id.hash, actor, app.clock.now()).await?;
    let found = found.ok_or(Refusal::CodeIdUnknown)?;
    match found.state {
        CodeState::Unused => Ok(CodeStatus { state: CodeState::Revoked, ..found }),
        state => Err(Refusal::CodeNotUnused(state.name())),
    }
}
