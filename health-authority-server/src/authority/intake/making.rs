//! Making keys for the days to come, on the machine of the root key.

use std::collections::{BTreeMap, BTreeSet};

use vungxanh_protocol::intake::{IntakeKey, IntakeKeyList, Roster, SealedHalf};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{DayKey, KeyName, PassIssuer, PassKeyList, PassKind};
use vungxanh_protocol::phone::{DayPhoneKey, PhoneKeyList};
use vungxanh_protocol::sealed_box::OpeningKey;
use zeroize::Zeroizing;

use super::halves::{StoredHalf, read_halves, write_halves};
use super::officers::read_roster;
use super::phones::{self, phone_secrets};
use super::published::{Published, pass_issuer};
use super::{IntakeFolder, secret_line};
use crate::authority::config::{Config, read_profile};
use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::founding::next_serial;
use crate::authority::keys::read_root;
use crate::i18n::Text;
use crate::platform::atomic_file::{make_private_folder, replace, write_new_secret};

/// What keys are to be there.
#[derive(Debug, Clone, Copy)]
pub struct KeyOrder {
    /// For how many days, today first.
    pub days: u16,
    /// Where local days begin.
    pub local_time: LocalTime,
    /// For how many days declarations can be opened: public halves are listed as long.
    pub retention_days: u16,
    /// For how many days a pass is valid.
    pub pass_days: u8,
}

impl KeyOrder {
    /// As the authority is configured.
    pub fn new(config: &Config, days: u16, now: UnixTime) -> Self {
        Self {
            days,
            local_time: config.local_time(now),
            retention_days: config.declarations.retention_days,
            pass_days: config.declarations.pass_days,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct MadeKeys {
    /// The last day that has keys now.
    pub last_day: u16,
    /// New keys for declarations.
    pub intake: usize,
    /// New keys for passes.
    pub passes: usize,
}

/// Makes the keys that are missing for these days and signs the lists. Keys that are there stay,
/// but for days to come that not exactly today's officers can open.
pub fn make_keys(folder: &Folder, order: KeyOrder, now: UnixTime) -> Result<MadeKeys, FileError> {
    let _locked = IntakeFolder::of(folder).lock()?;
    make_keys_locked(folder, order, now)
}

/// The same, for who holds the lock.
pub(super) fn make_keys_locked(
    folder: &Folder,
    order: KeyOrder,
    now: UnixTime,
) -> Result<MadeKeys, FileError> {
    let document = document::read(folder)?.document;
    let roster = read_roster(folder)?;
    if roster.officers.is_empty() {
        return Err(FileError::Refused(Text::ours("error-intake-no-officers")));
    }
    let intake = IntakeFolder::of(folder);
    make_private_folder(intake.path()).map_err(FileError::io(intake.path()))?;
    let old = Published::read(folder, &document)?;
    let old_keys = old.as_ref().map(|old| old.intake.list().clone());
    let old_passes = old.as_ref().map(|old| old.passes.list().clone());
    let old_phones = old.and_then(|old| old.phones).map(|keys| keys.list().clone());
    let today = order.local_time.day(now);
    let last_day = today.saturating_add(order.days.saturating_sub(1));
    let mut making = Making {
        folder,
        intake: &intake,
        authority: &document.id,
        roster: &roster,
        today,
        next_id: next_id(old_keys.as_ref(), now),
        made: MadeKeys { last_day, intake: 0, passes: 0 },
    };
    let oldest = today.saturating_sub(order.retention_days);
    let mut keys: BTreeMap<(u16, u8), IntakeKey> = BTreeMap::new();
    for key in old_keys.iter().flat_map(|list| &list.keys).filter(|key| key.day >= oldest) {
        keys.insert((key.day, key.group), *key);
    }
    let mut passes = old_passes.as_ref().map_or_else(BTreeMap::new, |list| list.keys.clone());
    let mut revoked = old_passes.as_ref().map_or_else(BTreeSet::new, |list| list.revoked.clone());
    let first_valid = today.saturating_sub(days_of_pass_keys(folder, order.pass_days)?);
    passes.retain(|name, _| name.day >= first_valid);
    revoked.retain(|name| name.day >= first_valid);
    // As long as declarations can be opened, their proofs are verified.
    let mut phones = old_phones.as_ref().map_or_else(BTreeMap::new, |list| list.keys.clone());
    phones.retain(|(day, _), _| *day >= oldest);
    for day in today..=last_day {
        making.intake_keys(day, &mut keys)?;
        making.pass_keys(day, &mut passes, &mut revoked)?;
        making.phone_key(day, &mut phones)?;
    }
    let made = making.made;
    let expires_at = order.local_time.start(last_day.saturating_add(1));
    let serial = |old: Option<u32>| {
        u32::try_from(next_serial(old.unwrap_or(0).into(), now)).unwrap_or(u32::MAX)
    };
    let keys = IntakeKeyList {
        serial: serial(old_keys.map(|list| list.serial)),
        issued_at: now,
        expires_at,
        local_time: order.local_time,
        keys: keys.into_values().collect(),
    };
    let passes = PassKeyList {
        serial: serial(old_passes.map(|list| list.serial)),
        issued_at: now,
        // The last day's passes are shown for days after it.
        expires_at: order.local_time.start(last_day.saturating_add(order.pass_days.into())),
        local_time: order.local_time,
        valid_days: order.pass_days,
        keys: passes,
        revoked,
    };
    let phones = PhoneKeyList {
        serial: serial(old_phones.map(|list| list.serial)),
        issued_at: now,
        expires_at,
        local_time: order.local_time,
        keys: phones,
    };
    let root = read_root(folder)?;
    let refused = |error: &dyn std::fmt::Display| {
        FileError::Refused(Text::ours("error-intake-keys").with("reason", error))
    };
    let keys = keys.to_signed(&root).map_err(|error| refused(&error))?;
    let passes = passes.to_signed(&root).map_err(|error| refused(&error))?;
    let phones = phones.to_signed(&root).map_err(|error| refused(&error))?;
    let files =
        [(intake.pass_keys(), passes), (intake.phone_keys(), phones), (intake.intake_keys(), keys)];
    for (path, signed) in files {
        replace(&path, &signed, 0o644).map_err(FileError::io(&path))?;
    }
    Ok(made)
}

/// For how long keys of passes stay published: an hour of a door is opened as long as devices keep
/// visits, and the passes that were scanned in it are verified then.
fn days_of_pass_keys(folder: &Folder, pass_days: u8) -> Result<u16, FileError> {
    let visits = u16::try_from(read_profile(folder)?.tracing.retention_days).unwrap_or(u16::MAX);
    Ok(visits.saturating_add(pass_days.into()))
}

/// Above every id that was given before, also by a list that is lost.
fn next_id(old: Option<&IntakeKeyList>, now: UnixTime) -> u32 {
    let last = old.and_then(|list| list.keys.iter().map(|key| key.id).max()).unwrap_or(0);
    u32::try_from(next_serial(last.into(), now)).unwrap_or(u32::MAX)
}

struct Making<'a> {
    folder: &'a Folder,
    intake: &'a IntakeFolder,
    authority: &'a str,
    roster: &'a Roster,
    today: u16,
    next_id: u32,
    made: MadeKeys,
}

impl Making<'_> {
    fn intake_keys(
        &mut self,
        day: u16,
        keys: &mut BTreeMap<(u16, u8), IntakeKey>,
    ) -> Result<(), FileError> {
        let groups: BTreeSet<u8> =
            self.roster.officers.iter().flat_map(|officer| officer.groups.clone()).collect();
        let mut halves = read_halves(self.folder, day)?;
        let before = self.made.intake;
        for group in groups {
            let listed = keys.get(&(day, group));
            if listed.is_some_and(|key| self.stays(key, &halves)) {
                continue;
            }
            halves.retain(|half| half.group != group);
            let (key, sealed) = self.make(day, group)?;
            halves.extend(sealed);
            keys.insert((day, group), key);
            self.made.intake += 1;
        }
        if self.made.intake == before {
            return Ok(());
        }
        write_halves(self.intake, day, &halves, &mut rand::rng())
    }

    /// Today's key stays as long as anybody can open it: something may be sealed to it.
    fn stays(&self, key: &IntakeKey, halves: &[StoredHalf]) -> bool {
        let holders: BTreeSet<u16> =
            halves.iter().filter(|half| half.key_id == key.id).map(|half| half.officer).collect();
        if key.day <= self.today {
            return !holders.is_empty();
        }
        holders == self.roster.of_group(key.group).map(|officer| officer.id).collect()
    }

    fn make(&mut self, day: u16, group: u8) -> Result<(IntakeKey, Vec<StoredHalf>), FileError> {
        let rng = &mut rand::rng();
        let private = OpeningKey::generate(rng);
        let key = IntakeKey { id: self.next_id, day, group, key: private.public_key() };
        self.next_id = self.next_id.saturating_add(1);
        let halves = self.roster.of_group(group).map(|officer| {
            let half = SealedHalf::seal(&private, &key, officer, self.authority, rng)?;
            Ok(StoredHalf { key_id: key.id, group, officer: officer.id, half })
        });
        let halves = halves.collect::<Result<_, vungxanh_protocol::intake::IntakeError>>();
        let halves = halves.map_err(|error| {
            FileError::Refused(Text::ours("error-intake-keys").with("reason", error))
        })?;
        Ok((key, halves))
    }

    fn pass_keys(
        &mut self,
        day: u16,
        keys: &mut BTreeMap<KeyName, DayKey>,
        revoked: &mut BTreeSet<KeyName>,
    ) -> Result<(), FileError> {
        for kind in [PassKind::Live, PassKind::Printed] {
            let of_day = keys.keys().filter(|name| (name.day, name.kind) == (day, kind));
            let named: Vec<KeyName> = of_day.copied().collect();
            let current = named.iter().find(|name| !revoked.contains(name));
            if let Some(key) = current.and_then(|name| keys.get(name))
                && pass_issuer(self.folder, key)?.is_some()
            {
                continue;
            }
            // Without its secret a key is of no use, and there may be one for each day and kind.
            revoked.extend(current);
            let id = named.iter().map(|name| name.id).max().map_or(Some(0), |id| id.checked_add(1));
            let id = id.ok_or(FileError::Refused(Text::ours("error-pass-key-ids")))?;
            let name = KeyName { day, kind, id };
            keys.insert(name, self.make_issuer(name)?);
            self.made.passes += 1;
        }
        Ok(())
    }

    /// Without its secret a day's key is of no use, and the next id takes its place.
    fn phone_key(
        &self,
        day: u16,
        keys: &mut BTreeMap<(u16, u8), DayPhoneKey>,
    ) -> Result<(), FileError> {
        let current = keys.range((day, 0)..=(day, u8::MAX)).next_back().map(|(_, key)| *key);
        let id = match current {
            Some(key) if phone_secrets(self.folder, &key)?.is_some() => return Ok(()),
            Some(key) => key.id().checked_add(1),
            None => Some(0),
        };
        let id = id.ok_or(FileError::Refused(Text::ours("error-pass-key-ids")))?;
        keys.insert((day, id), phones::make(self.intake, day, id)?);
        Ok(())
    }

    fn make_issuer(&self, name: KeyName) -> Result<DayKey, FileError> {
        let issuer = PassIssuer::generate(&mut rand::rng());
        let secret = issuer.to_bytes();
        let line: Zeroizing<String> = secret_line(secret.expose());
        let path = self.intake.pass_key(name);
        write_new_secret(&path, line.as_bytes()).map_err(FileError::io(&path))?;
        DayKey::of(name, &issuer).map_err(|error| {
            FileError::Refused(Text::ours("error-intake-keys").with("reason", error))
        })
    }
}
