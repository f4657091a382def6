//! Keys of cards, one for each quarter of a year: what makes cards, and halves that open their numbers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use vungxanh_protocol::door::{CardIssuer, CardKey, CardKeyList, CardKeys, seal_card_half};
use vungxanh_protocol::intake::{Roster, WHOLE_AUTHORITY};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::sealed_box::OpeningKey;

use super::halves::{Place, StoredHalf};
use super::officers::read_roster;
use super::{IntakeFolder, damaged, read_optional, read_secret, secret_line};
use crate::authority::config::read_profile;
use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::founding::next_serial;
use crate::authority::keys::read_root;
use crate::domain::quarter::Quarter;
use crate::i18n::Text;
use crate::platform::atomic_file::{make_private_folder, replace, sync_folder, write_new_secret};

/// For how many quarters keys are made at most, the running one first.
pub const MAX_CARD_QUARTERS: u8 = 8;
const LABEL: &str = "VX-SERVER-CARD-HALVES-1";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCardKeys {
    /// The last quarter that has keys now.
    pub last: Quarter,
    /// How many new ones.
    pub made: usize,
}

/// The published keys, as devices read them, also when they have expired; none before the first.
pub fn read_card_keys(folder: &Folder) -> Result<Option<CardKeys>, FileError> {
    let path = IntakeFolder::of(folder).card_keys();
    let Some(signed) = read_optional(&path)? else { return Ok(None) };
    let root = document::read(folder)?.document.root_key()?;
    let keys = CardKeys::read(&signed, &root, 0, UnixTime::from_secs(0));
    keys.map(Some).map_err(|error| damaged(&path, Text::foreign(error)))
}

/// What makes cards with that key; none where it is not on this machine or was destroyed.
pub fn card_issuer(folder: &Folder, key: &CardKey) -> Result<Option<CardIssuer>, FileError> {
    let path = CardFiles::of(&IntakeFolder::of(folder), key).secret;
    let issuer = read_secret(&path)?.map(CardIssuer::from_seed);
    Ok(issuer.filter(|issuer| issuer.is_of(key)))
}

/// The halves of a key, each for one officer; none when they were destroyed.
pub fn read_card_halves(folder: &Folder, key: &CardKey) -> Result<Vec<StoredHalf>, FileError> {
    CardFiles::of(&IntakeFolder::of(folder), key).halves.read()
}

/// The files of one key.
struct CardFiles {
    halves: Place,
    secret: PathBuf,
}

impl CardFiles {
    fn of(folder: &IntakeFolder, key: &CardKey) -> Self {
        let name = |kind| folder.path().join(format!("card-{}-{}.{kind}", key.first_day, key.id));
        let context = [&key.first_day.to_be_bytes()[..], &[key.id]].concat();
        let (key, file) = (name("key"), name("halves"));
        Self { halves: Place { key, file, label: LABEL, context }, secret: name("secret") }
    }

    /// Destroys them. Says whether there were any.
    fn destroy(&self) -> Result<bool, FileError> {
        let mut there = false;
        // The server's key first: without it no half opens.
        for path in [&self.halves.key, &self.halves.file, &self.secret] {
            there |= remove_if_there(path)?;
        }
        Ok(there)
    }
}

fn remove_if_there(path: &PathBuf) -> Result<bool, FileError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FileError::io(path)(error)),
    }
}

/// Makes the keys that are missing for these quarters, the running one first, and signs the list. Keys
/// that are there stay, but for quarters to come that not exactly today's officers can open.
pub fn make_card_keys(
    folder: &Folder,
    quarters: u8,
    local_time: LocalTime,
    now: UnixTime,
) -> Result<MadeCardKeys, FileError> {
    let roster = read_roster(folder)?;
    if roster.of_group(WHOLE_AUTHORITY).next().is_none() {
        return Err(FileError::Refused(Text::ours("error-card-no-officers")));
    }
    let intake = IntakeFolder::of(folder);
    let authority = document::read(folder)?.document.id;
    let today = local_time.day(now);
    let mut keys = listed(folder)?.keys;
    let visits = u16::try_from(read_profile(folder)?.tracing.retention_days).unwrap_or(u16::MAX);
    keys.retain(|key| key.last_day >= today.saturating_sub(visits));
    let mut quarter = Quarter::of_day(today);
    let mut made = 0;
    for index in 0..quarters {
        if index > 0 {
            quarter = quarter.next();
        }
        let at = keys.iter().position(|key| key.first_day == quarter.first_day());
        if let Some(key) = at.and_then(|at| keys.get(at)) {
            let files = CardFiles::of(&intake, key);
            if stays(key, &files.halves.read()?, &roster, today) {
                continue;
            }
            files.destroy()?;
        }
        keys.retain(|key| key.first_day != quarter.first_day());
        keys.push(make(&intake, quarter, &authority, &roster)?);
        made += 1;
    }
    sign(folder, keys, local_time, now)?;
    Ok(MadeCardKeys { last: quarter, made })
}

/// The running quarter's key stays as long as anybody can open it: cards may have been made.
fn stays(key: &CardKey, halves: &[StoredHalf], roster: &Roster, today: u16) -> bool {
    let holders: BTreeSet<u16> = halves.iter().map(|half| half.officer).collect();
    if key.first_day <= today {
        return !holders.is_empty();
    }
    holders == roster.of_group(WHOLE_AUTHORITY).map(|officer| officer.id).collect()
}

fn make(
    intake: &IntakeFolder,
    quarter: Quarter,
    authority: &str,
    roster: &Roster,
) -> Result<CardKey, FileError> {
    let rng = &mut rand::rng();
    let (private, issuer) = (OpeningKey::generate(rng), CardIssuer::generate(rng));
    let days = (quarter.first_day(), quarter.last_day_of_cards());
    let key = issuer.card_key(next_id(intake)?, days, private.public_key());
    let halves = roster.of_group(WHOLE_AUTHORITY).map(|officer| {
        let half = seal_card_half(&private, &key, officer, authority, rng)?;
        let (key_id, group) = (key.id.into(), WHOLE_AUTHORITY);
        Ok(StoredHalf { key_id, group, officer: officer.id, half })
    });
    let halves: Result<Vec<_>, vungxanh_protocol::intake::IntakeError> = halves.collect();
    let halves = halves.map_err(|error| refused(&error))?;
    let files = CardFiles::of(intake, &key);
    files.halves.write(&halves, &mut rand::rng())?;
    let line = secret_line(issuer.seed().expose());
    write_new_secret(&files.secret, line.as_bytes()).map_err(FileError::io(&files.secret))?;
    Ok(key)
}

/// One more than any id that was given, so that no card is ever taken for one of another key.
fn next_id(intake: &IntakeFolder) -> Result<u8, FileError> {
    make_private_folder(intake.path()).map_err(FileError::io(intake.path()))?;
    let path = intake.last_card_key();
    let last = read_optional(&path)?.and_then(|text| String::from_utf8(text).ok());
    let last = last.map_or(Some(0), |text| text.trim().parse::<u8>().ok());
    let id = last.and_then(|last| last.checked_add(1));
    let id = id.ok_or(FileError::Refused(Text::ours("error-card-key-ids")))?;
    replace(&path, format!("{id}\n").as_bytes(), 0o600).map_err(FileError::io(&path))?;
    Ok(id)
}

fn listed(folder: &Folder) -> Result<CardKeyList, FileError> {
    let start = UnixTime::from_secs(0);
    let none = CardKeyList {
        serial: 0,
        issued_at: start,
        expires_at: start,
        local_time: LocalTime::VIET_NAM,
        keys: Vec::new(),
    };
    Ok(read_card_keys(folder)?.map_or(none, |keys| keys.list().clone()))
}

fn sign(
    folder: &Folder,
    mut keys: Vec<CardKey>,
    local_time: LocalTime,
    now: UnixTime,
) -> Result<(), FileError> {
    keys.sort_by_key(|key| key.first_day);
    let serial = next_serial(listed(folder)?.serial.into(), now);
    let last_day = keys.iter().map(|key| key.last_day).max().unwrap_or(local_time.day(now));
    let list = CardKeyList {
        serial: u32::try_from(serial).unwrap_or(u32::MAX),
        issued_at: now,
        expires_at: local_time.start(last_day.saturating_add(1)),
        local_time,
        keys,
    };
    let signed = list.to_signed(&read_root(folder)?).map_err(|error| refused(&error))?;
    let path = IntakeFolder::of(folder).card_keys();
    replace(&path, &signed, 0o644).map_err(FileError::io(&path))
}

fn refused(error: &dyn std::fmt::Display) -> FileError {
    FileError::Refused(Text::ours("error-card-keys").with("reason", error))
}

/// Destroys the keys of a quarter: its cards open no more, and doors no longer take them. Says
/// whether there were any.
pub fn destroy_card_quarter(
    folder: &Folder,
    quarter: Quarter,
    now: UnixTime,
) -> Result<bool, FileError> {
    let list = listed(folder)?;
    let (of_it, others): (Vec<_>, Vec<_>) =
        list.keys.into_iter().partition(|key| key.first_day == quarter.first_day());
    let intake = IntakeFolder::of(folder);
    for key in &of_it {
        CardFiles::of(&intake, key).destroy()?;
    }
    if of_it.is_empty() {
        return Ok(false);
    }
    sync_folder(intake.path()).map_err(FileError::io(intake.path()))?;
    sign(folder, others, list.local_time, now)?;
    Ok(true)
}

/// Destroys what opens cards that ended before `oldest_day`, and what makes cards of quarters before the
/// one of `today`. Says how many files went.
pub fn destroy_cards_before(
    folder: &Folder,
    oldest_day: u16,
    today: u16,
) -> Result<usize, FileError> {
    let intake = IntakeFolder::of(folder);
    let entries = match std::fs::read_dir(intake.path()) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(FileError::io(intake.path()))?,
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry.map_err(FileError::io(intake.path()))?.path();
        let Some((quarter, kind)) = path.file_name().and_then(|name| card_file(name.to_str()?))
        else {
            continue;
        };
        let over = match kind {
            "secret" => quarter < Quarter::of_day(today),
            _ => quarter.last_day_of_cards() < oldest_day,
        };
        if over && remove_if_there(&path)? {
            removed += 1;
        }
    }
    if removed > 0 {
        sync_folder(intake.path()).map_err(FileError::io(intake.path()))?;
    }
    Ok(removed)
}

/// Quarter and kind of a file of cards.
fn card_file(name: &str) -> Option<(Quarter, &str)> {
    let (day, rest) = name.strip_prefix("card-")?.split_once('-')?;
    let (id, kind) = rest.split_once('.')?;
    id.parse::<u8>().ok()?;
    let kind = Some(kind).filter(|kind| ["key", "halves", "secret"].contains(kind))?;
    Some((Quarter::of_day(day.parse().ok()?), kind))
}

/// After an officer was removed from the roster: removes every half that is sealed to them, and makes the
/// keys of quarters to come again for those who stay, or drops them where no one stays.
pub fn remove_card_officer(
    folder: &Folder,
    officer: u16,
    local_time: LocalTime,
    now: UnixTime,
) -> Result<(), FileError> {
    let (intake, today) = (IntakeFolder::of(folder), local_time.day(now));
    let (keys, running) = (listed(folder)?.keys, Quarter::of_day(today));
    let mut again: BTreeSet<Quarter> = BTreeSet::new();
    for key in &keys {
        let files = CardFiles::of(&intake, key);
        let halves = files.halves.read()?;
        if !halves.iter().any(|half| half.officer == officer) {
            continue;
        }
        if key.first_day > today {
            files.destroy()?;
            again.insert(Quarter::of_day(key.first_day));
            continue;
        }
        let others: Vec<_> = halves.into_iter().filter(|half| half.officer != officer).collect();
        files.halves.write(&others, &mut rand::rng())?;
    }
    let Some(last) = again.last() else { return Ok(()) };
    if read_roster(folder)?.of_group(WHOLE_AUTHORITY).next().is_none() {
        let stay = keys.into_iter().filter(|key| key.first_day <= today).collect();
        return sign(folder, stay, local_time, now);
    }
    let after = std::iter::successors(Some(running), |quarter| Some(quarter.next()));
    let quarters = after.take_while(|quarter| quarter <= last).count();
    let quarters = u8::try_from(quarters).unwrap_or(MAX_CARD_QUARTERS);
    make_card_keys(folder, quarters, local_time, now).map(drop)
}
