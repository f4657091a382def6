//! Declarations for officers' browsers: which days there are, all that is sealed to a day's key, what
//! officers noted, and access that one officer gives to another. Everything stays sealed here.

use std::collections::{BTreeMap, BTreeSet};

use vungxanh_protocol::intake::{
    IntakeKey, Officer, SealedHalf, WHOLE_AUTHORITY, spoken_fingerprint,
};
use vungxanh_protocol::sealed_box::SealingKey;

use super::app::App;
use super::doors::{KeptError, call_counts, calls_for};
use crate::authority::error::FileError;
use crate::authority::intake::{
    self, GivenHalf, read_card_halves, read_card_keys, read_halves, read_roster,
};
use crate::domain::accounts::AccountId;
use crate::domain::diagnosis::format_day;
use crate::domain::door_secrets::{Call, Callee};
use crate::domain::intake_register::is_register;
use crate::storage::StoreError;
use crate::storage::audit::{Action, Actor};
use crate::storage::intake_officers::StoredRegister;

/// Halves that one officer gives another at once, at most: all days with keys, of all groups.
pub const MAX_GIVEN_HALVES: usize = 35 * 64;

/// Why an officer does not get something.
#[derive(Debug, thiserror::Error)]
pub enum OfficerError {
    /// The account's key is in no roster, or it has handed in none.
    #[error("this account's key is not among those of the officers")]
    NotAnOfficer,
    /// No such key, or nothing that this officer opens.
    #[error("this officer has no key for that day and group, or it was destroyed")]
    NoKey,
    #[error("another account has handed in this key")]
    KeyTaken,
    /// Of small order, or no point.
    #[error("this is no key that can be sealed to")]
    WeakKey,
    /// Another size.
    #[error("this is no register")]
    NotARegister,
    /// Somebody else was quicker.
    #[error("the register has changed since it was fetched")]
    OtherVersion,
    #[error("there is no officer with this number")]
    UnknownOfficer,
    #[error("these are too many halves at once")]
    TooMany,
    #[error("the work was given up")]
    GivenUp,
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OfficerError {
    /// Its name, by which texts are found.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotAnOfficer => "not-an-officer",
            Self::NoKey => "no-key",
            Self::KeyTaken => "key-taken",
            Self::WeakKey => "weak-key",
            Self::NotARegister => "not-a-register",
            Self::OtherVersion => "other-version",
            Self::UnknownOfficer => "unknown-officer",
            Self::TooMany => "too-many",
            Self::GivenUp | Self::File(_) | Self::Store(_) => "failed",
        }
    }
}

impl From<KeptError> for OfficerError {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::File(error) => Self::File(error),
            KeptError::Store(error) => Self::Store(error),
        }
    }
}

/// Takes the public half of the key that an account's person made. Nothing is sealed to it before the
/// root key's holder has put it into the roster.
pub async fn hand_in_key(
    app: &App,
    account: AccountId,
    key: &[u8; 32],
    actor: &Actor,
) -> Result<(), OfficerError> {
    let public = SealingKey::from_bytes(key).map_err(|_| OfficerError::WeakKey)?;
    let fingerprint = spoken_fingerprint(&public);
    let now = app.clock.now();
    match app.store.set_officer_key(account, key, &fingerprint, actor, now).await? {
        true => Ok(()),
        false => Err(OfficerError::KeyTaken),
    }
}

/// The officer whose key this account has handed in, if the roster has it.
pub async fn officer_of(app: &App, account: AccountId) -> Result<Officer, OfficerError> {
    let key = app.store.officer_key(account).await?.ok_or(OfficerError::NotAnOfficer)?;
    let officers = read_roster(&app.folder)?.officers;
    let own = officers.into_iter().find(|officer| *officer.key.as_bytes() == key);
    own.ok_or(OfficerError::NotAnOfficer)
}

/// A day and group with a key, as an officer's page lists it.
#[derive(Debug)]
pub struct ListedDay {
    pub key: IntakeKey,
    /// How many declarations are sealed to it.
    pub declarations: u64,
    /// How many people are to be called of doors.
    pub calls: u64,
    /// Officers who can open it, by their ids.
    pub holders: BTreeSet<u16>,
    /// What this officer opens.
    pub half: Option<SealedHalf>,
}

/// The keys of this officer's groups that are not destroyed, by day and group.
pub async fn days(app: &App, officer: &Officer) -> Result<Vec<ListedDay>, OfficerError> {
    let Some(published) = app.published.get(&app.folder)? else { return Ok(Vec::new()) };
    let counts: BTreeMap<u32, u64> = app.store.declarations_by_key().await?.into_iter().collect();
    let calls = call_counts(app).await?;
    let of = |counts: &BTreeMap<u32, u64>, id| counts.get(&id).copied().unwrap_or(0);
    let keys = &published.intake.list().keys;
    let mut listed = Vec::new();
    for day in keys.iter().map(|key| key.day).collect::<BTreeSet<u16>>() {
        let halves = read_halves(&app.folder, day)?;
        for key in keys.iter().filter(|key| key.day == day) {
            let of_key: Vec<_> = halves.iter().filter(|half| half.key_id == key.id).collect();
            let holders: BTreeSet<u16> = of_key.iter().map(|half| half.officer).collect();
            let own = of_key.iter().find(|half| half.officer == officer.id);
            let half = own.map(|half| half.half.clone());
            let is_own = officer.groups.contains(&key.group) || holders.contains(&officer.id);
            if is_own && !holders.is_empty() {
                let (declarations, calls) = (of(&counts, key.id), of(&calls, key.id));
                listed.push(ListedDay { key: *key, declarations, calls, holders, half });
            }
        }
    }
    Ok(listed)
}

/// A day and group that an officer fetches, without the declarations.
#[derive(Debug)]
pub struct FetchedDay {
    pub key: IntakeKey,
    pub half: SealedHalf,
    pub declarations: u64,
    pub calls: Vec<Call>,
    /// By card key's id, if there are cards among the calls.
    pub card_halves: Vec<(u8, SealedHalf)>,
}

/// The key of a day and group, and the half of it that this officer opens.
fn own_key(
    app: &App,
    officer: &Officer,
    day: u16,
    group: u8,
) -> Result<(IntakeKey, SealedHalf), OfficerError> {
    let published = app.published.get(&app.folder)?.ok_or(OfficerError::NoKey)?;
    let keys = &published.intake.list().keys;
    let key = keys.iter().find(|key| (key.day, key.group) == (day, group));
    let key = *key.ok_or(OfficerError::NoKey)?;
    let halves = read_halves(&app.folder, day)?;
    let own = halves.into_iter().find(|half| (half.officer, half.key_id) == (officer.id, key.id));
    Ok((key, own.ok_or(OfficerError::NoKey)?.half))
}

/// What an officer needs to open a day and group. That it was fetched is noted, whatever becomes of it.
pub async fn fetch(
    app: &App,
    officer: &Officer,
    (day, group): (u16, u8),
    actor: &Actor,
) -> Result<FetchedDay, OfficerError> {
    let (key, half) = own_key(app, officer, day, group)?;
    let counts = app.store.declarations_by_key().await?;
    let declarations = counts.iter().find(|(id, _)| *id == key.id).map_or(0, |(_, count)| *count);
    let cards_of = (group == WHOLE_AUTHORITY).then_some(day);
    let calls = calls_for(app, key.id, cards_of).await?;
    let has_cards = calls.iter().any(|call| matches!(call.callee, Callee::Card(_)));
    let card_halves = if has_cards { card_halves(app, officer)? } else { Vec::new() };
    let (action, detail) = (Action::DeclarationsFetched, day_and_group(&key));
    app.store.note_intake(action, key.id, &detail, actor, app.clock.now()).await?;
    Ok(FetchedDay { key, half, declarations, calls, card_halves })
}

/// The halves of card keys that this officer opens.
fn card_halves(app: &App, officer: &Officer) -> Result<Vec<(u8, SealedHalf)>, OfficerError> {
    let keys = read_card_keys(&app.folder)?.map_or_else(Vec::new, |keys| keys.list().keys.clone());
    let mut own = Vec::new();
    for key in keys {
        let halves = read_card_halves(&app.folder, &key)?;
        own.extend(
            halves.into_iter().find(|half| half.officer == officer.id).map(|h| (key.id, h.half)),
        );
    }
    Ok(own)
}

/// As the log has it: the date and the group's number.
fn day_and_group(key: &IntakeKey) -> String {
    let date = format_day(Some(vungxanh_protocol::interval::UtcDay::new(key.day.into())));
    format!("{date} {}", key.group)
}

/// What officers noted about a day and group; version 0 is none.
pub async fn register(
    app: &App,
    officer: &Officer,
    (day, group): (u16, u8),
) -> Result<StoredRegister, OfficerError> {
    let (key, _) = own_key(app, officer, day, group)?;
    let stored = app.store.intake_register(key.id).await?;
    Ok(stored.unwrap_or(StoredRegister { version: 0, sealed: Vec::new() }))
}

/// Stores a register in place of version `earlier`.
pub async fn put_register(
    app: &App,
    officer: &Officer,
    (day, group): (u16, u8),
    earlier: u32,
    sealed: Vec<u8>,
) -> Result<(), OfficerError> {
    if !is_register(sealed.len()) {
        return Err(OfficerError::NotARegister);
    }
    let (key, _) = own_key(app, officer, day, group)?;
    match app.store.put_intake_register(key.id, day, earlier, sealed).await? {
        true => Ok(()),
        false => Err(OfficerError::OtherVersion),
    }
}

/// Stores halves that an officer sealed to another one; says how many were new.
pub async fn give_access(
    app: &App,
    giver: &Officer,
    receiver: u16,
    given: &[GivenHalf],
    actor: &Actor,
) -> Result<usize, OfficerError> {
    if given.len() > MAX_GIVEN_HALVES {
        return Err(OfficerError::TooMany);
    }
    if !read_roster(&app.folder)?.officers.iter().any(|officer| officer.id == receiver) {
        return Err(OfficerError::UnknownOfficer);
    }
    let published = app.published.get(&app.folder)?.ok_or(OfficerError::NoKey)?;
    let keys = &published.intake.list().keys;
    let is_published = |half: &&GivenHalf| {
        keys.iter().any(|key| (key.id, key.day, key.group) == (half.key_id, half.day, half.group))
    };
    let given: Vec<GivenHalf> = given.iter().filter(is_published).cloned().collect();
    let (folder, giver) = (app.folder.clone(), giver.id);
    // It may have to wait for a command that makes keys.
    let give = move || intake::give_halves(&folder, (giver, receiver), &given);
    let stored = tokio::task::spawn_blocking(give).await.map_err(|_| OfficerError::GivenUp)??;
    for half in &stored {
        let key = keys.iter().find(|key| key.id == half.key_id);
        let day = key.map(day_and_group).unwrap_or_default();
        let detail = format!("{day} {receiver}");
        let now = app.clock.now();
        app.store.note_intake(Action::AccessGiven, half.key_id, &detail, actor, now).await?;
    }
    Ok(stored.len())
}
