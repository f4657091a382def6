//! Sending what waits, and what the answer means.

use rand::RngExt;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::declaration::{
    DECLARE_PATH, DECLARE_REQUEST_BYTES, DECLARE_RESPONSE_BYTES, DeclareResponse, WITHDRAW_PATH,
    WithdrawRequest,
};
use vungxanh_protocol::pass::PassKind;

use super::entry::{Entry, KeptPass, Request, Stage};
use super::{Declarations, DeclareError};
use crate::control_api::DeclarationStatus;
use crate::platform::threads::run_blocking;
use crate::sync::{Enrolled, SyncError};

/// What is answered, if it can be read.
struct Reply {
    status: u16,
    body: DeclareResponse,
}

impl Reply {
    fn code(&self) -> &str {
        &self.body.error_code
    }

    /// Why it has to wait, for `declarations`.
    fn reason(&self) -> String {
        let code = if self.code().is_empty() { "HTTP" } else { self.code() };
        format!("{code} ({})", self.status)
    }
}

impl Declarations {
    /// Makes every request that is due. Returns what has changed.
    pub async fn send_due(&self) -> Result<Vec<DeclarationStatus>, DeclareError> {
        let now = self.now();
        let book = self.book().await?;
        let due: Vec<_> =
            book.entries.into_iter().filter(|e| e.due().is_some_and(|due| due <= now)).collect();
        let mut changed = Vec::new();
        for entry in due {
            changed.push(self.send(&entry.submission).await?);
        }
        Ok(changed)
    }

    /// Makes the next request about a declaration. What the network or the server prevents is made again later, and is
    /// no error here.
    pub(super) async fn send(&self, submission: &str) -> Result<DeclarationStatus, DeclareError> {
        let _one_at_a_time = self.shared.sending.lock().await;
        let entry = self.book().await?.entry(submission).cloned();
        let entry = entry.ok_or(DeclareError::Unknown)?;
        let enrolled = self.shared.sync.authority().ok_or(SyncError::NotEnrolled)?;
        match &entry.stage {
            Stage::Waiting { .. } if self.now() >= entry.too_late_from() => {
                self.end(submission, Stage::TooLate).await?;
            }
            Stage::Waiting { request, .. } => {
                let body = request.body.clone().into_bytes();
                match self.post(&enrolled, DECLARE_PATH, "the declaration", body).await {
                    Ok(reply) => self.take_answer(&entry, request, reply).await?,
                    Err(error) => self.postpone(submission, error.to_string()).await?,
                }
            }
            Stage::Withdrawing { .. } => {
                let body = withdrawal(&entry)?;
                match self.post(&enrolled, WITHDRAW_PATH, "the withdrawal", body).await {
                    Ok(reply) => self.take_withdrawal(submission, &reply).await?,
                    Err(error) => self.postpone(submission, error.to_string()).await?,
                }
            }
            _ => {}
        }
        let entry = self.book().await?.entry(submission).map(Entry::status);
        entry.ok_or(DeclareError::Unknown)
    }

    async fn post(
        &self,
        enrolled: &Enrolled,
        path: &str,
        what: &str,
        body: Vec<u8>,
    ) -> Result<Reply, SyncError> {
        let sync = &self.shared.sync;
        let (status, bytes) = sync.post(enrolled, path, what, body, DECLARE_RESPONSE_BYTES).await?;
        let unexpected =
            || SyncError::Unexpected { what: what.to_owned(), status: status.to_string() };
        // A proxy's page is no answer of the authority.
        let body = serde_json::from_slice(&bytes).map_err(|_| unexpected())?;
        Ok(Reply { status, body })
    }

    async fn take_answer(
        &self,
        entry: &Entry,
        request: &Request,
        reply: Reply,
    ) -> Result<(), DeclareError> {
        let submission = entry.submission.clone();
        match (reply.status, reply.code()) {
            (200, _) => {
                let request = request.clone();
                let passes: Result<_, DeclareError> =
                    run_blocking(move || Ok(unblind(&request, &reply.body))).await;
                let passes = passes?;
                self.change(move |book| {
                    book.answered(&submission, passes);
                    Ok(())
                })
                .await
            }
            // Of another day, or sealed to a key that was replaced or destroyed.
            (409, "wrong_day") => self.end(&submission, Stage::TooLate).await,
            // A server without this path, or a proxy, may be right again before the day is over.
            (404, "not_found") => self.postpone(&submission, reply.reason()).await,
            (400 | 404 | 409, code) if !code.is_empty() => {
                let code = code.chars().take(64).collect();
                self.end(&submission, Stage::Refused { code }).await
            }
            _ => self.postpone(&submission, reply.reason()).await,
        }
    }

    async fn take_withdrawal(&self, submission: &str, reply: &Reply) -> Result<(), DeclareError> {
        match (reply.status, reply.code()) {
            // Not there any more: an earlier answer was lost, or its day is over.
            (200, _) | (404, "receipt_unknown") => self.end(submission, Stage::Withdrawn).await,
            _ => self.postpone(submission, reply.reason()).await,
        }
    }

    async fn end(&self, submission: &str, stage: Stage) -> Result<(), DeclareError> {
        let submission = submission.to_owned();
        self.change(move |book| {
            book.ended(&submission, stage);
            Ok(())
        })
        .await
    }

    async fn postpone(&self, submission: &str, why: String) -> Result<(), DeclareError> {
        let (submission, now) = (submission.to_owned(), self.now());
        let jitter = f64::from(rand::rng().random_range(0..=100_u8)) / 100.0;
        self.change(move |book| {
            book.postponed(&submission, &why, now, jitter);
            Ok(())
        })
        .await
    }
}

/// The passes, each verified with the key that it was asked for under. None if one is not that key's: then none is
/// used.
fn unblind(request: &Request, answer: &DeclareResponse) -> Option<Vec<KeptPass>> {
    let asked = request.pass_requests()?;
    if asked.is_empty() {
        return Some(Vec::new());
    }
    let signatures = answer.signatures().ok().filter(|signed| signed.len() == asked.len())?;
    let (live, paper) =
        (request.live_key.read(PassKind::Live)?, request.printed_key.read(PassKind::Printed)?);
    let live_count = asked.len().saturating_sub(request.printed.into());
    let finished =
        asked.into_iter().zip(&signatures).enumerate().map(|(place, (asked, signed))| {
            let key = if place < live_count { &live } else { &paper };
            asked.finish(signed, key).ok().map(|(pass, holder)| KeptPass::of(&pass, &holder))
        });
    finished.collect()
}

fn withdrawal(entry: &Entry) -> Result<Vec<u8>, DeclareError> {
    let secret = entry.receipt_secret().ok_or(DeclareError::Damaged)?;
    let mut request = WithdrawRequest {
        submission: entry.submission.clone(),
        receipt_secret: hex::encode(secret.expose()),
        ..WithdrawRequest::default()
    };
    Ok(to_padded_json(&mut request, DECLARE_REQUEST_BYTES)?)
}
