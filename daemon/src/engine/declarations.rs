//! Declarations and passes: requests of the person, and sending what waits.

use vungxanh_protocol::interval::UnixTime;

use super::events::Event;
use super::problems::ProblemKind;
use super::{Engine, EngineError};
use crate::control_api::{
    AskCodeRequest, CodeState, ConfirmCodeRequest, DeclarationState, DeclarationStatus,
    Declarations, DeclareRequest, KeptDraft, LastForm, LastFormRequest, PassRequest, PassSheet,
    PassSheetRequest, Preparation, SaveDraftRequest, ShownPass, WithdrawRequest,
};
use crate::declarations::DeclareError;
use crate::platform::clock::sleep_until;

pub(super) async fn run(engine: &Engine) {
    loop {
        // Before it is looked: a change in between is not missed.
        let mut changed = std::pin::pin!(engine.changed.notified());
        changed.as_mut().enable();
        match send_what_is_due(engine).await {
            Ok(None) => changed.await,
            Ok(Some(next)) => {
                tokio::select! {
                    _ = sleep_until(engine.clock.as_ref(), next) => {}
                    () = changed => {}
                }
            }
            Err(error) => {
                engine.problem(ProblemKind::Store, error);
                engine.wait_to_retry().await;
            }
        }
    }
}

/// Returns when the next request is due, if one waits.
async fn send_what_is_due(engine: &Engine) -> Result<Option<UnixTime>, DeclareError> {
    if engine.sync.authority().is_some() {
        for status in engine.declarations.send_due().await? {
            engine.announce(&status);
        }
    }
    engine.note_declarations().await;
    let next = engine.declarations.next_due().await?;
    Ok(next.filter(|_| engine.sync.authority().is_some()))
}

impl Engine {
    /// Says what became of a declaration, if that is decided.
    fn announce(&self, status: &DeclarationStatus) {
        let waits =
            matches!(status.state, DeclarationState::Waiting | DeclarationState::Withdrawing);
        if !waits {
            self.emit(Event::Declaration { state: status.state });
        }
    }

    /// Says in `status` what waits, and whether published keys contradict each other.
    pub(super) async fn note_declarations(&self) {
        match self.declarations.waiting().await {
            Ok(Some(waiting)) if !waiting.detail.is_empty() => {
                self.problem(ProblemKind::DeclarationPending, waiting.detail);
            }
            Ok(_) => self.resolved(ProblemKind::DeclarationPending),
            Err(error) => self.problem(ProblemKind::Store, error),
        }
        match self.declarations.conflicting_keys() {
            Ok(Some(conflict)) => self.problem(ProblemKind::DeclarationKeys, conflict),
            Ok(None) => self.resolved(ProblemKind::DeclarationKeys),
            Err(error) => self.problem(ProblemKind::Store, error),
        }
    }

    /// The person has left a place: another pass is shown at the next.
    pub(super) fn stay_is_over(&self) {
        if let Err(error) = self.declarations.take_next_pass() {
            tracing::warn!(%error, "the pass that is shown could not be changed");
        }
    }

    /// What a person should know before they fill in a form.
    pub async fn prepare_declaration(&self) -> Result<Preparation, EngineError> {
        let prepared = self.declarations.prepare().await;
        self.note_declarations().await;
        Ok(prepared?)
    }

    pub async fn declaration_draft(&self) -> Result<KeptDraft, EngineError> {
        Ok(KeptDraft { draft: self.declarations.draft().await? })
    }

    pub async fn last_form(&self, request: LastFormRequest) -> Result<LastForm, EngineError> {
        Ok(LastForm { form: self.declarations.last_form(request).await? })
    }

    pub async fn save_draft(&self, request: SaveDraftRequest) -> Result<(), EngineError> {
        Ok(self.declarations.save_draft(request.draft).await?)
    }

    /// Asks for a code to the declarer's telephone.
    pub async fn ask_code(&self, request: AskCodeRequest) -> Result<CodeState, EngineError> {
        let asked = self.declarations.ask_code(request).await;
        self.note_declarations().await;
        Ok(asked?)
    }

    pub async fn confirm_code(
        &self,
        request: ConfirmCodeRequest,
    ) -> Result<CodeState, EngineError> {
        Ok(self.declarations.confirm_code(request).await?)
    }

    pub async fn declare(&self, request: DeclareRequest) -> Result<DeclarationStatus, EngineError> {
        let declared = self.declarations.declare(request).await;
        self.after_declaring(declared).await
    }

    pub async fn withdraw(
        &self,
        request: WithdrawRequest,
    ) -> Result<DeclarationStatus, EngineError> {
        let withdrawn = self.declarations.withdraw(&request.submission).await;
        self.after_declaring(withdrawn).await
    }

    async fn after_declaring(
        &self,
        done: Result<DeclarationStatus, DeclareError>,
    ) -> Result<DeclarationStatus, EngineError> {
        self.note_declarations().await;
        let status = done?;
        self.announce(&status);
        // What waits is sent by the loop.
        self.wake();
        Ok(status)
    }

    pub async fn declarations(&self) -> Result<Declarations, EngineError> {
        Ok(Declarations { declarations: self.declarations.list().await? })
    }

    pub async fn show_pass(&self, request: PassRequest) -> Result<ShownPass, EngineError> {
        Ok(self.declarations.show_pass(request).await?)
    }

    pub async fn pass_sheet(&self, request: PassSheetRequest) -> Result<PassSheet, EngineError> {
        Ok(self.declarations.sheet(request).await?)
    }
}
