//! Health declarations and passes: a form is sealed to the authority's officers, stored, and sent until it is answered;
//! the answer's passes are unblinded, verified and kept, used or not, until nobody can be warned by them any more.
//!
//! ```text
//! Form --sealing--> Entry, waiting --sending--> 24 blind signatures --> passes --show--> a door
//!                     |  stored before the first request, with the request's very bytes
//!                     v
//!                   Book: one record of the store, with the draft
//! ```

mod book;
mod code;
mod current;
mod entry;
mod error;
mod held;
mod keys;
mod passes;
mod phone;
pub(crate) mod questions;
pub(crate) mod reading;
mod sealing;
mod sending;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::{Arc, Mutex};

use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::declaration::{Form, FormKind};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::units::folded;

pub use self::error::DeclareError;
pub use self::held::StoredPasses;

use self::book::Book;
use self::current::Current;
use self::entry::Entry;
use self::keys::{PublishedKeys, SeenKeys};
use self::sealing::{Earlier, Sealing};
use crate::control_api::{
    DeclarationState, DeclarationStatus, DeclareRequest, Draft, LastFormRequest, Preparation,
};
use crate::platform::threads::{lock, run_blocking};
use crate::store::EncounterStore;
use crate::sync::{Enrolled, Named, Sync, SyncError};
use crate::venue::Runtime;

/// The file in the runtime folder that says which pass is shown.
const RUNTIME_FILE: &str = "passes";

/// Declarations and passes of this device. Clones share everything.
#[derive(Clone)]
pub struct Declarations {
    shared: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn EncounterStore>,
    clock: Arc<dyn Clock>,
    sync: Sync,
    runtime: Runtime,
    current: Mutex<Current>,
    /// One change of the record at a time.
    changing: Mutex<()>,
    /// One request at a time.
    sending: tokio::sync::Mutex<()>,
}

impl Declarations {
    /// Takes up what earlier runs have stored; in `runtime`, which pass is shown.
    pub fn new(
        store: Arc<dyn EncounterStore>,
        clock: Arc<dyn Clock>,
        sync: Sync,
        runtime: Runtime,
    ) -> Self {
        // What cannot be read there is as if the machine had been started again.
        let kept = runtime.read(RUNTIME_FILE).ok().flatten();
        let current = kept.map(|bytes| Current::read(&bytes)).unwrap_or_default();
        Self {
            shared: Arc::new(Inner {
                store,
                clock,
                sync,
                runtime,
                current: Mutex::new(current),
                changing: Mutex::default(),
                sending: tokio::sync::Mutex::default(),
            }),
        }
    }

    fn now(&self) -> UnixTime {
        self.shared.clock.now()
    }

    fn enrolled(&self) -> Result<Arc<Enrolled>, DeclareError> {
        Ok(self.shared.sync.authority().ok_or(SyncError::NotEnrolled)?)
    }

    /// What a person should know before they fill in a form.
    pub async fn prepare(&self) -> Result<Preparation, DeclareError> {
        // What the document asks may have changed since the last exchange.
        self.shared.sync.renew_document().await;
        let enrolled = self.enrolled()?;
        let (keys, keys_are_fresh) = self.keys(&enrolled).await?;
        let document = enrolled.authority.document();
        let day = keys.intake.today(self.now());
        let valid_days = keys.passes.list().valid_days;
        Ok(Preparation {
            day,
            authority: document.name.clone(),
            retention_days: document.declarations.as_ref().map(|rules| rules.retention_days),
            kept_through: entry::kept_through(day, valid_days, retention_days(document)),
            advice: document.declarations.as_ref().map(|r| r.symptoms.clone()).unwrap_or_default(),
            officers: keys.roster.officers.len(),
            phone_code: asks_phone_code(document),
            keys_are_fresh,
        })
    }

    /// The published keys, and whether they were fetched now: without a network those seen last.
    async fn keys(&self, enrolled: &Enrolled) -> Result<(PublishedKeys, bool), DeclareError> {
        let (store, now) = (self.shared.store.as_ref(), self.now());
        match keys::fetch(&self.shared.sync, store, enrolled, now).await {
            Ok(keys) => Ok((keys, true)),
            Err(error) if keys::is_unreachable(&error) => {
                let seen = SeenKeys::read(store, enrolled)?.keys(enrolled, now);
                seen.map(|keys| (keys, false)).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Two different keys that were published under one name, if that was ever seen.
    pub fn conflicting_keys(&self) -> Result<Option<String>, DeclareError> {
        let Some(enrolled) = self.shared.sync.authority() else { return Ok(None) };
        Ok(SeenKeys::read(self.shared.store.as_ref(), &enrolled)?.conflict)
    }

    /// The draft, if there is one.
    pub async fn draft(&self) -> Result<Option<Draft>, DeclareError> {
        Ok(self.book().await?.draft)
    }

    /// Stores a draft in place of the one that is there.
    pub async fn save_draft(&self, draft: Option<Draft>) -> Result<(), DeclareError> {
        if draft.as_ref().is_some_and(|draft| !draft.is_bounded()) {
            return Err(DeclareError::DraftTooLarge);
        }
        self.change(move |book| {
            book.save_draft(draft);
            Ok(())
        })
        .await
    }

    /// Seals a form, stores it, and sends it for the first time.
    pub async fn declare(
        &self,
        request: DeclareRequest,
    ) -> Result<DeclarationStatus, DeclareError> {
        let enrolled = self.enrolled()?;
        let (keys, _) = self.keys(&enrolled).await?;
        let now = self.now();
        let replaces = match &request.replaces {
            None => None,
            Some(earlier) => Some(earlier_of(self.book().await?.find(earlier)?)?),
        };
        let document = enrolled.authority.document();
        let (authority, retention_days) = (document.id.clone(), retention_days(document));
        let asks_code = asks_phone_code(document);
        let phone = self.book().await?.phone;
        let (entry, token) = run_blocking(move || {
            let sealing = Sealing { keys: &keys, authority: &authority, retention_days, now };
            // Whatever a file says: the proof is this device's, or none.
            let form = Form { phone_proof: String::new(), ..request.form };
            let mut form = sealing.checked(&form)?;
            let token = match asks_code {
                true => {
                    let next = phone.and_then(|p| p.next_token(form.declarer_phone(), form.day));
                    let (proof, token) = next.ok_or(DeclareError::CodeNeeded)?;
                    form.phone_proof = proof;
                    Some(token)
                }
                false => None,
            };
            let entry = sealing.seal(form, request.printed, replaces, token.as_ref())?;
            Ok::<_, DeclareError>((entry, token))
        })
        .await?;
        let submission = entry.submission.clone();
        self.change(move |book| {
            book.expire(now);
            book.declare(entry, token.as_ref())
        })
        .await?;
        self.send(&submission).await
    }

    /// The form of a submission, or the last form of a person: of that kind if there is one, else the last of all that asks for more than the symptoms
    /// of a day.
    pub async fn last_form(&self, request: LastFormRequest) -> Result<Option<Form>, DeclareError> {
        let book = self.book().await?;
        if let Some(submission) = &request.submission {
            let form = &book.find(submission)?.form;
            return Ok(Some(Form { phone_proof: String::new(), ..form.clone() }));
        }
        let forms = book.entries.iter().rev().map(|entry| &entry.form);
        let of_person: Vec<_> = forms
            .filter(|form| match &request.name {
                Some(name) => folded(&form.name) == folded(name),
                None => form.by_name.is_empty(),
            })
            .collect();
        let same_kind = of_person.iter().find(|form| form.kind == request.kind);
        let last = same_kind
            .or_else(|| of_person.iter().find(|form| form.kind != FormKind::Daily))
            .map(|form| Form { phone_proof: String::new(), ..(*form).clone() });
        Ok(last)
    }

    /// What was declared, newest first.
    pub async fn list(&self) -> Result<Vec<DeclarationStatus>, DeclareError> {
        Ok(self.book().await?.entries.iter().rev().map(Entry::status).collect())
    }

    /// Withdraws a declaration that was sent, or one that may have been.
    pub async fn withdraw(&self, submission: &str) -> Result<DeclarationStatus, DeclareError> {
        let entry = self.book().await?.find(submission)?.clone();
        if !entry.status().state.can_be_withdrawn() {
            return Err(DeclareError::NotSent);
        }
        // Not while it is on its way: its answer would come after the withdrawal.
        let sending = self.shared.sending.lock().await;
        let (submission, now) = (entry.submission, self.now());
        let of_it = submission.clone();
        self.change(move |book| {
            book.begin_withdrawal(&of_it, now);
            Ok(())
        })
        .await?;
        drop(sending);
        self.send(&submission).await
    }

    /// When the next request is due.
    pub async fn next_due(&self) -> Result<Option<UnixTime>, DeclareError> {
        Ok(self.book().await?.entries.iter().filter_map(Entry::due).min())
    }

    /// Declarations that are not answered yet.
    pub async fn waiting(&self) -> Result<Option<DeclarationStatus>, DeclareError> {
        let book = self.book().await?;
        let statuses = book.entries.iter().map(Entry::status);
        let waits = |status: &DeclarationStatus| {
            matches!(status.state, DeclarationState::Waiting | DeclarationState::Withdrawing)
        };
        Ok(statuses.into_iter().find(waits))
    }

    /// Drops what has expired. Only while the clock can be trusted.
    pub async fn expire(&self) -> Result<(), DeclareError> {
        let now = self.now();
        self.change(move |book| {
            book.expire(now);
            Ok(())
        })
        .await
    }

    /// Drops what was declared in that time, or everything. What the authority has stays with it.
    pub async fn forget(&self, times: Option<Range<UnixTime>>) -> Result<(), DeclareError> {
        // What is on its way must not come back with its answer.
        let _none_on_its_way = self.shared.sending.lock().await;
        let everything = times.is_none();
        self.change(move |book| {
            book.forget(times.as_ref());
            Ok(())
        })
        .await?;
        if everything {
            self.shared.store.put_state_bytes(keys::RECORD, None)?;
            let mut current = lock(&self.shared.current);
            *current = Current::default();
            self.shared.keep_current(&current)?;
        }
        Ok(())
    }

    async fn book(&self) -> Result<Book, DeclareError> {
        let shared = Arc::clone(&self.shared);
        run_blocking(move || Ok(Book::read(shared.store.as_ref())?)).await
    }

    /// Changes the record in one write, or not at all.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Book) -> Result<T, DeclareError> + Send + 'static,
    ) -> Result<T, DeclareError> {
        let shared = Arc::clone(&self.shared);
        run_blocking(move || {
            let _one_at_a_time = lock(&shared.changing);
            let before = Book::read(shared.store.as_ref())?;
            let mut book = before.clone();
            let done = change(&mut book)?;
            if book != before {
                book.write(shared.store.as_ref())?;
            }
            Ok(done)
        })
        .await
    }
}

impl Inner {
    fn keep_current(&self, current: &Current) -> Result<(), DeclareError> {
        let bytes = serde_json::to_vec(current).map_err(|_| DeclareError::Damaged)?;
        Ok(self.runtime.write(RUNTIME_FILE, &bytes)?)
    }
}

/// For how long after the last day of its passes a declaration is kept: warnings can come, or it can be withdrawn.
fn retention_days(document: &AuthorityDocument) -> u16 {
    let warnings = u16::try_from(document.tracing.retention_days).unwrap_or(u16::MAX);
    document.declarations.as_ref().map_or(0, |rules| rules.retention_days).max(warnings)
}

/// Whether a declaration takes a telephone code.
fn asks_phone_code(document: &AuthorityDocument) -> bool {
    document.declarations.as_ref().is_some_and(|rules| rules.phone_code)
}

/// The declaration that another one is to replace.
fn earlier_of(entry: &Entry) -> Result<Earlier, DeclareError> {
    if !entry.status().state.can_be_replaced() {
        return Err(DeclareError::NotSent);
    }
    Ok(Earlier { submission: entry.submission.clone(), receipt: entry.receipt.clone() })
}

/// What becomes of a named record of declarations in a file of own data. The keys that were seen belong to the device that
/// saw them.
pub(crate) fn named(name: &str, bytes: &[u8], now: UnixTime) -> Named {
    match name {
        book::RECORD => {
            let book = serde_json::from_slice::<Book>(bytes);
            let possible = book.is_ok_and(|book| book.is_possible(now));
            if possible { Named::TakenOver } else { Named::Malformed }
        }
        keys::RECORD => Named::LeftOut,
        _ => Named::Unknown,
    }
}
