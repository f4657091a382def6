//! The signed document and its terms: drafts are made here, signed where the root key is, and put in force
//! here. One server at a time changes the folder's files.

use ed25519_dalek::SigningKey;
use vungxanh_protocol::authority::{AuthorityDocument, AuthorityError};

use super::app::App;
use crate::authority::config::{Config, read_profile};
use crate::authority::document::{self, Signed};
use crate::authority::enforcing::{self, NotTaken};
use crate::authority::error::FileError;
use crate::authority::founding::{self, next_serial};
use crate::authority::terms::Terms;
use crate::publication::turn::Turn;
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::document_drafts::{Draft, DraftEnd};
use crate::storage::leases::Work;

/// So many drafts are listed.
const LISTED: u32 = 20;
/// How often another serial is tried, when other servers make drafts at the same moment.
const ATTEMPTS: usize = 5;

/// Why something was not done with a draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error("there is no such draft")]
    NotFound,
    /// It was dropped, or put in force, or is not signed yet.
    #[error("the draft is in another state by now")]
    OtherState,
    /// The root key is not in the folder.
    #[error("the root key is not here")]
    NoRootKey,
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FileError> for DraftError {
    fn from(error: FileError) -> Self {
        Self::NotTaken(error.into())
    }
}

impl From<AuthorityError> for DraftError {
    fn from(error: AuthorityError) -> Self {
        Self::NotTaken(error.into())
    }
}

/// What is in force, and what the next document would say.
pub struct InForce {
    pub document: AuthorityDocument,
    /// Of the document in force.
    pub terms: Terms,
    /// Of the folder's files: what a new draft begins with.
    pub next: Terms,
    /// Whether the root key is in the folder.
    pub has_root_key: bool,
}

/// A draft with both sides of what it changes.
pub struct DraftDetails {
    pub draft: Draft,
    /// What it says; as it came back signed, if it did.
    pub document: AuthorityDocument,
    pub terms: Terms,
    /// What was to be signed, where something else came back.
    pub asked: Option<AuthorityDocument>,
    pub in_force: InForce,
}

impl DraftDetails {
    /// Whether a later document is in force, so that devices would refuse this one.
    pub fn is_older(&self) -> bool {
        self.draft.serial < self.in_force.document.serial
    }

    /// Whether it is the document in force.
    pub fn is_in_force(&self) -> bool {
        self.draft.serial == self.in_force.document.serial
    }

    /// Whether it can still be signed or put in force.
    pub fn is_open(&self) -> bool {
        !self.is_older() && !self.is_in_force() && self.draft.ended_as != Some(DraftEnd::Dropped)
    }

    /// Whether another document came into force after the draft was made.
    pub fn has_other_base(&self) -> bool {
        self.draft.base_serial != self.in_force.document.serial
    }
}

pub fn in_force(app: &App) -> Result<InForce, FileError> {
    let document = document::read(&app.folder)?.document;
    let (config, profile) = (Config::read(&app.folder)?, read_profile(&app.folder)?);
    Ok(InForce {
        terms: Terms::of_document(&document, &profile.sources),
        next: Terms::of_files(&config, &profile),
        has_root_key: founding::root_of(&app.folder, &document).is_ok(),
        document,
    })
}

/// Whether this process still works by another document than the one in force.
pub fn is_behind(app: &App, in_force: &AuthorityDocument) -> bool {
    app.document_serial != in_force.serial
}

pub async fn list(app: &App) -> Result<Vec<Draft>, StoreError> {
    app.store.drafts(LISTED).await
}

/// The serial that a draft made now would get.
pub async fn next_draft_serial(app: &App) -> Result<u64, DraftError> {
    let in_force = document::read(&app.folder)?.document.serial;
    let last = app.store.last_draft_serial().await?.max(in_force);
    Ok(next_serial(last, app.clock.now()))
}

/// Makes a draft with these terms and the folder's keys; its serial.
pub async fn make(app: &App, terms: &Terms, actor: &Actor) -> Result<u64, DraftError> {
    let now = app.clock.now();
    let base = document::read(&app.folder)?.document.serial;
    let config = terms.in_config(&Config::read(&app.folder)?);
    for _ in 0..ATTEMPTS {
        let serial = next_draft_serial(app).await?;
        let document = founding::draft(&app.folder, &config, &terms.profile, serial, now)?;
        if app.store.add_draft(serial, base, &document.to_json()?, actor, now).await? {
            return Ok(serial);
        }
    }
    Err(DraftError::OtherState)
}

pub async fn details(app: &App, serial: u64) -> Result<DraftDetails, DraftError> {
    let draft = app.store.draft(serial).await?.ok_or(DraftError::NotFound)?;
    let in_force = in_force(app)?;
    let asked = draft.document.as_deref().map(AuthorityDocument::from_json).transpose()?;
    let signed = draft.signed.as_deref().map(document::of_signed).transpose()?;
    let (document, asked) = match (signed, asked) {
        (Some(signed), asked) => {
            let other = asked.filter(|asked| *asked != signed.document);
            (signed.document, other)
        }
        (None, Some(asked)) => (asked, None),
        (None, None) => return Err(DraftError::NotFound),
    };
    let terms = Terms::of_document(&document, &in_force.next.profile.sources);
    Ok(DraftDetails { draft, document, terms, asked, in_force })
}

/// Signs a draft with the root key in the folder and puts it in force.
pub async fn sign_and_put_in_force(
    app: &App,
    serial: u64,
    actor: &Actor,
) -> Result<(), DraftError> {
    let draft = app.store.draft(serial).await?.ok_or(DraftError::NotFound)?;
    let json = draft.document.as_deref().ok_or(DraftError::OtherState)?;
    let root = root_key(app)?;
    let signed = AuthorityDocument::sign_json(json, &root)?;
    // Refused before it is stored as signed.
    enforcing::verify(&app.folder, &signed, app.clock.now())?;
    let now = app.clock.now();
    let base = draft.base_serial;
    if !app.store.set_signed_document(serial, base, &signed, actor, now).await? {
        return Err(DraftError::OtherState);
    }
    put_in_force(app, serial, actor).await
}

fn root_key(app: &App) -> Result<SigningKey, DraftError> {
    let document = document::read(&app.folder)?.document;
    founding::root_of(&app.folder, &document).map_err(|_| DraftError::NoRootKey)
}

/// Takes a document that was signed elsewhere, if it may come after the one in force; its serial. Nothing is
/// put in force yet.
pub async fn receive(app: &App, signed: &[u8], actor: &Actor) -> Result<u64, DraftError> {
    let now = app.clock.now();
    let document = enforcing::verify(&app.folder, signed, now)?.document;
    let base = document::read(&app.folder)?.document.serial;
    let stored = app.store.set_signed_document(document.serial, base, signed, actor, now).await?;
    if stored { Ok(document.serial) } else { Err(DraftError::OtherState) }
}

/// Puts a signed document in force, after it was verified once more.
pub async fn put_in_force(app: &App, serial: u64, actor: &Actor) -> Result<(), DraftError> {
    let turn = Turn::take(&app.store, Work::Document).await?;
    let done = put_in_force_in_turn(app, serial, actor).await;
    turn.end().await;
    done
}

async fn put_in_force_in_turn(app: &App, serial: u64, actor: &Actor) -> Result<(), DraftError> {
    let now = app.clock.now();
    let draft = app.store.draft(serial).await?.ok_or(DraftError::NotFound)?;
    let signed = draft.signed.ok_or(DraftError::OtherState)?;
    let signed: Signed = enforcing::verify(&app.folder, &signed, now)?;
    // First that it is done, then the files: nothing is in force that the audit log does not name.
    if !app.store.end_draft(serial, DraftEnd::InForce, actor, now).await? {
        return Err(DraftError::OtherState);
    }
    Ok(enforcing::put_in_force(&app.folder, &signed)?)
}

/// Gives a draft up.
pub async fn drop_draft(app: &App, serial: u64, actor: &Actor) -> Result<(), DraftError> {
    match app.store.end_draft(serial, DraftEnd::Dropped, actor, app.clock.now()).await? {
        true => Ok(()),
        false => Err(DraftError::OtherState),
    }
}
