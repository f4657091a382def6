//! Taking health declarations and answering them with passes; keeping no key longer than its day.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use vungxanh_protocol::declaration::{DeclareRequest, DeclareResponse, WithdrawRequest};
use vungxanh_protocol::intake::{IntakeKey, WHOLE_AUTHORITY};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{BlindSignature, BlindedPass, PassIssuer, PassKind};
use vungxanh_protocol::phone::Token;

use super::app::App;
use super::audit_log::note_head;
use super::doors::{self, KeptError};
use super::limits::attempt;
use super::refusal::Refusal;
use crate::authority::intake::{self, Published};
use crate::domain::quarter::Quarter;
use crate::domain::share_requests::oldest_kept;
use crate::domain::throttle::{ANYBODY, Attempt, Limit};
use crate::domain::units::units;
use crate::publication::period::wait_until;
use crate::publication::turn::Turn;
use crate::storage::declarations::{NewDeclaration, Stored};
use crate::storage::leases::Work;

/// How often keys that are over are looked for.
const EXPIRY_SECONDS: u64 = 3_600;
/// Keys for so many days are few: there is a weekend between.
const FEW_DAYS: i32 = 4;
/// Keys of cards that end within so many days are to be renewed.
const FEW_CARD_DAYS: i32 = 14;
/// How many declarations came of which ward is kept for so many days.
pub const WARD_DAYS: u32 = 92;
/// Declarations of a day are taken for so long after it, for who filled one in around midnight.
const GRACE_SECONDS: u64 = 3_600;

/// The lists in force; without them no one can declare.
pub(super) fn published(app: &App) -> Result<Arc<Published>, Refusal> {
    match app.published.get(&app.folder) {
        Ok(Some(published)) => Ok(published),
        Ok(None) => Err(Refusal::NoIntakeKeys),
        Err(error) => {
            tracing::error!(%error, "the keys of declarations cannot be read");
            Err(Refusal::Internal)
        }
    }
}

/// Stores a declaration and signs its passes blindly. The same request again gets the same answer.
pub async fn declare(app: &App, request: DeclareRequest) -> Result<DeclareResponse, Refusal> {
    let envelope = request.envelope()?;
    let (sealed, receipt) = (request.sealed_form()?, request.receipt()?);
    let replaces = request.replaced()?;
    let blinded = request.blinded_passes()?;
    let token = request.spent()?;
    if attempt(app, Limit::Declarations, ANYBODY).await? != Attempt::Allowed {
        return Err(Refusal::TooManyDeclarations);
    }
    let published = published(app)?;
    let now = app.clock.now();
    let key = open_key(&published, envelope.day, envelope.ward, now)?;
    if key.id != request.key_id {
        return Err(Refusal::WrongDay);
    }
    let token = match app.asks_phone_code {
        true => Some(checked(token, &published, envelope.day).await?),
        false => None,
    };
    // Looked for before anything is stored: who declares is not left without an answer. One that
    // replaces an earlier declaration gets no passes.
    let issuers = match replaces {
        None => Some(issuers(app, &published, envelope.day, &request)?),
        Some(_) => None,
    };
    let new = NewDeclaration {
        envelope,
        group: key.group,
        key_id: key.id,
        sealed,
        receipt,
        passes: Sha256::digest(request.blinded.as_bytes()).into(),
        replaces,
        token,
    };
    match app.store.put_declaration(&new, now).await? {
        Stored::Now | Stored::Before => {}
        Stored::OtherThere => return Err(Refusal::SubmissionExists),
        Stored::EarlierUnknown => return Err(Refusal::ReceiptUnknown),
        Stored::TokenSpent => return Err(Refusal::TokenSpent),
    }
    let Some(issuers) = issuers else { return Ok(DeclareResponse::default()) };
    let signatures = tokio::task::spawn_blocking(move || issuers.sign(&blinded));
    let signatures = signatures.await.map_err(|_| Refusal::Internal)?;
    let signed = DeclareResponse::encode_signatures(&signatures);
    Ok(DeclareResponse { signed, ..DeclareResponse::default() })
}

/// Deletes a declaration for who shows its receipt.
pub async fn withdraw(app: &App, request: WithdrawRequest) -> Result<DeclareResponse, Refusal> {
    let earlier = request.earlier()?;
    match app.store.withdraw_declaration(&earlier).await? {
        true => Ok(DeclareResponse::default()),
        false => Err(Refusal::ReceiptUnknown),
    }
}

/// The local days of which declarations are taken now.
pub(super) fn open_days(published: &Published, now: UnixTime) -> RangeInclusive<u16> {
    let local = published.intake.list().local_time;
    local.day(now.minus(GRACE_SECONDS))..=local.day(now)
}

/// What is kept of the token, if it was issued for that day.
async fn checked(
    token: Option<Token>,
    published: &Published,
    day: u16,
) -> Result<[u8; 32], Refusal> {
    let token = token.ok_or(Refusal::PhoneCodeNeeded)?;
    let keys = published.phones.as_ref().ok_or(Refusal::NoIntakeKeys)?;
    let key = *keys.key_for(day).map_err(|_| Refusal::NoIntakeKeys)?;
    let verified = tokio::task::spawn_blocking(move || token.verify(&key));
    verified.await.map_err(|_| Refusal::Internal)?.map_err(|_| Refusal::TokenRefused)?;
    Ok(token.spent_hash())
}

/// The key to which declarations of that day and ward are to be sealed now.
fn open_key(
    published: &Published,
    day: u16,
    ward: u32,
    now: UnixTime,
) -> Result<IntakeKey, Refusal> {
    if !open_days(published, now).contains(&day) {
        return Err(Refusal::WrongDay);
    }
    let province = province_of(ward);
    published.intake.key_for(day, province).copied().map_err(|_| Refusal::NoIntakeKeys)
}

/// The group of a ward's declarations: its province, whose officers may be the whole authority's.
fn province_of(ward: u32) -> u8 {
    units().ward(ward).map_or(WHOLE_AUTHORITY, |ward| ward.province)
}

/// What issues a request's passes.
struct Issuers {
    live: PassIssuer,
    printed: PassIssuer,
    live_count: usize,
}

impl Issuers {
    fn sign(&self, blinded: &[BlindedPass]) -> Vec<BlindSignature> {
        let (live, printed) = blinded.split_at(self.live_count.min(blinded.len()));
        let live = live.iter().map(|pass| self.live.issue(pass));
        live.chain(printed.iter().map(|pass| self.printed.issue(pass))).collect()
    }
}

fn issuers(
    app: &App,
    published: &Published,
    day: u16,
    request: &DeclareRequest,
) -> Result<Issuers, Refusal> {
    let issuer = |kind| {
        let key = published.passes.key_for(day, kind).map_err(|_| Refusal::NoIntakeKeys)?;
        match intake::pass_issuer(&app.folder, key) {
            Ok(Some(issuer)) => Ok(issuer),
            Ok(None) => Err(Refusal::NoIntakeKeys),
            Err(error) => {
                tracing::error!(%error, "a key of passes cannot be read");
                Err(Refusal::Internal)
            }
        }
    };
    let asked = vungxanh_protocol::pass::BUNDLE_PASSES;
    Ok(Issuers {
        live: issuer(PassKind::Live)?,
        printed: issuer(PassKind::Printed)?,
        live_count: asked - usize::from(request.printed).min(asked),
    })
}

/// A published key, who can open what is sealed to it, and how much there is.
#[derive(Debug)]
pub struct ListedKey {
    pub key: IntakeKey,
    /// How many officers; none when it was destroyed.
    pub officers: usize,
    /// Declarations of the day, of all groups.
    pub declarations: u64,
}

/// The keys that are published, by day and group.
pub async fn listed_keys(app: &App) -> Result<Vec<ListedKey>, KeptError> {
    let counts: BTreeMap<u16, u64> = app.store.declarations_by_day().await?.into_iter().collect();
    let Some(published) = app.published.get(&app.folder)? else { return Ok(Vec::new()) };
    let listed = published.intake.list().keys.iter().map(|key| {
        let halves = intake::read_halves(&app.folder, key.day)?;
        let officers = halves.iter().filter(|half| half.key_id == key.id).count();
        let declarations = counts.get(&key.day).copied().unwrap_or(0);
        Ok(ListedKey { key: *key, officers, declarations })
    });
    listed.collect()
}

/// Destroys the keys of days that are over, then their declarations: without the keys what is left
/// of them, in a backup too, opens no more.
pub async fn expire(app: &App) -> Result<(), KeptError> {
    let now = app.clock.now();
    let local = app.config.local_time(now);
    let oldest = local.day(now).saturating_sub(app.config.declarations.retention_days);
    let first_open = local.day(now.minus(GRACE_SECONDS));
    let oldest_warned = local.day(oldest_kept(app.profile.tracing.retention_days, now));
    intake::destroy_before(&app.folder, oldest, first_open)?;
    intake::destroy_cards_before(&app.folder, oldest_warned, local.day(now))?;
    app.store.expire_declarations(oldest).await?;
    app.store.expire_wards(now.day().minus(WARD_DAYS)).await?;
    app.store.expire_declaration_codes(first_open).await?;
    Ok(())
}

/// Says in time that keys have to be made: without them no one can declare.
fn warn_of_last_keys(app: &App) {
    let Ok(Some(published)) = app.published.get(&app.folder) else { return };
    let list = published.intake.list();
    let today = list.local_time.day(app.clock.now());
    let last = list.keys.last().map_or(0, |key| key.day);
    let days = (i32::from(last) - i32::from(today) + 1).max(0);
    if days <= FEW_DAYS {
        tracing::warn!(days, "keys of declarations are left for few days; run `intake-key new`");
    }
}

/// Says in time that keys of cards have to be made; an authority without any makes no cards.
fn warn_of_last_card_keys(app: &App) {
    let Ok(Some(cards)) = intake::read_card_keys(&app.folder) else { return };
    let list = cards.list();
    let Some(last) = list.keys.last() else { return };
    let today = i32::from(list.local_time.day(app.clock.now()));
    let days = (i32::from(Quarter::of_day(last.first_day).last_day()) - today + 1).max(0);
    if days <= FEW_CARD_DAYS {
        tracing::warn!(days, "keys of cards are left for few days; run `card-key new`");
    }
}

async fn destroy_what_is_over(app: &App) {
    if let Err(error) = expire(app).await {
        tracing::error!(%error, "keys of declarations that are over could not be destroyed");
    }
    if let Err(error) = doors::expire(app).await {
        tracing::error!(%error, "keys of doors' days that are over could not be destroyed");
    }
    if let Err(error) = app.store.expire_attempts(app.clock.now()).await {
        tracing::error!(%error, "counts of attempts that are over could not be deleted");
    }
}

/// Every hour until `stop` says true, by one server at a time: keys of days that are over are destroyed.
pub async fn run_expiry(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut noted = None;
    loop {
        match Turn::take_before(&app.store, Work::CleanUp, &mut stop).await {
            Ok(Some(turn)) => {
                destroy_what_is_over(&app).await;
                turn.end().await;
            }
            Ok(None) => return,
            Err(error) => tracing::error!(%error, "what is over could not be destroyed"),
        }
        warn_of_last_keys(&app);
        warn_of_last_card_keys(&app);
        if let Err(error) = note_head(&app, &mut noted).await {
            tracing::error!(%error, "the newest entry of the audit log cannot be read");
        }
        let next = app.clock.now().floor_to(EXPIRY_SECONDS).plus(EXPIRY_SECONDS);
        if !wait_until(&*app.clock, next, &mut stop).await {
            return;
        }
    }
}
