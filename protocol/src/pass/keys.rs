//! The published keys of passes: one file, signed by the root key, the same for everybody.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::blind::IssuingKey;
use super::content::PassKind;
use super::issuer::{PassIssuer, specimen_issuer};
use super::{Pass, PassError};
use crate::interval::UnixTime;
use crate::local_day::LocalTime;
use crate::read::{FormatError, Reader};
use crate::signed;

/// Where the file is, relative to the server's URL.
pub const PASS_KEYS_PATH: &str = "v1/pass-keys";
/// What the root key's signature is for.
pub const KEYS_LABEL: &str = "VX-PASS-KEYS-1";
/// The most keys of one file, revoked ones included.
pub const MAX_PASS_KEYS: usize = 512;
/// The longest signed file, in bytes.
pub const MAX_SIGNED_KEYS_BYTES: usize = 128 + MAX_PASS_KEYS * (ENTRY_BYTES + NAME_BYTES);
/// The most days for which a pass can be valid.
pub const MAX_VALID_DAYS: u8 = 14;
const VERSION: u8 = 1;
const NAME_BYTES: usize = 4;
const ENTRY_BYTES: usize = NAME_BYTES + IssuingKey::BYTES;
const WHAT: &str = "the file of pass keys";

/// Which key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName {
    /// The first local day of the passes that it signs, counted from 1970-01-01.
    pub day: u16,
    /// Their kind; never a specimen's.
    pub kind: PassKind,
    /// Counts up when a day's key has to be replaced.
    pub id: u8,
}

impl KeyName {
    fn to_bytes(self) -> [u8; NAME_BYTES] {
        let [high, low] = self.day.to_be_bytes();
        [high, low, self.kind.number(), self.id]
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let day = reader.u16()?;
        let kind = PassKind::from_number(reader.byte()?)
            .filter(|kind| !kind.is_specimen())
            .ok_or(reader.malformed("a key is for a kind that this program does not know"))?;
        Ok(Self { day, kind, id: reader.byte()? })
    }
}

/// A published key, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayKey {
    name: KeyName,
    point: IssuingKey,
}

impl DayKey {
    /// The public half of an issuer's secret.
    pub fn of(name: KeyName, issuer: &PassIssuer) -> Result<Self, PassError> {
        Self::from_bytes(name, &issuer.public_key())
    }

    /// From a compressed point of G2, which is checked.
    pub fn from_bytes(name: KeyName, bytes: &[u8; 96]) -> Result<Self, PassError> {
        Ok(Self { name, point: IssuingKey::from_bytes(bytes)? })
    }

    /// Which key it is.
    pub const fn name(&self) -> KeyName {
        self.name
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; 96] {
        self.point.to_bytes()
    }

    pub(super) const fn point(&self) -> &IssuingKey {
        &self.point
    }
}

/// What a file of keys says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassKeyList {
    /// Counts up with every change; a reader refuses a lower one than it has seen.
    pub serial: u32,
    /// When it was signed.
    pub issued_at: UnixTime,
    /// When it expires.
    pub expires_at: UnixTime,
    /// Where local days begin.
    pub local_time: LocalTime,
    /// For how many local days a pass is valid, its first included: 1..=14.
    pub valid_days: u8,
    /// The keys, by name.
    pub keys: BTreeMap<KeyName, DayKey>,
    /// Keys whose passes no door takes any more.
    pub revoked: BTreeSet<KeyName>,
}

impl PassKeyList {
    /// The file as it is published. Refuses what readers would refuse.
    pub fn to_signed(&self, root: &SigningKey) -> Result<Vec<u8>, PassError> {
        let malformed = |reason| FormatError::Malformed { what: WHAT, reason };
        let seconds = |time: UnixTime| {
            u32::try_from(time.as_secs()).map_err(|_| malformed("a time is after 2106"))
        };
        let count = |length| u16::try_from(length).map_err(|_| malformed("it is too long"));
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.serial.to_be_bytes());
        bytes.extend_from_slice(&seconds(self.issued_at)?.to_be_bytes());
        bytes.extend_from_slice(&seconds(self.expires_at)?.to_be_bytes());
        bytes.extend_from_slice(&self.local_time.minutes_ahead().to_be_bytes());
        bytes.push(self.valid_days);
        bytes.extend_from_slice(&count(self.keys.len())?.to_be_bytes());
        for (name, key) in &self.keys {
            bytes.extend_from_slice(&name.to_bytes());
            bytes.extend_from_slice(&key.to_bytes());
        }
        bytes.extend_from_slice(&count(self.revoked.len())?.to_be_bytes());
        for name in &self.revoked {
            bytes.extend_from_slice(&name.to_bytes());
        }
        Self::parse(&bytes)?;
        Ok(signed::sign(KEYS_LABEL, &bytes, root))
    }

    fn parse(bytes: &[u8]) -> Result<Self, PassError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let serial = reader.u32()?;
        let issued_at = UnixTime::from_secs(reader.u32()?.into());
        let expires_at = UnixTime::from_secs(reader.u32()?.into());
        let local_time = LocalTime::read(&mut reader)?;
        let valid_days = reader.byte()?;
        if valid_days == 0 || valid_days > MAX_VALID_DAYS {
            return Err(reader.malformed("passes are valid for 1 to 14 days").into());
        }
        let mut keys = BTreeMap::new();
        for _ in 0..count(&mut reader)? {
            let name = KeyName::read(&mut reader)?;
            let key = DayKey::from_bytes(name, &reader.array()?)?;
            // In order, so that there is one file for one list, and no name twice.
            if keys.last_key_value().is_some_and(|(last, _)| *last >= name) {
                return Err(reader.malformed("its keys are not in order, each once").into());
            }
            keys.insert(name, key);
        }
        let mut revoked = BTreeSet::new();
        for _ in 0..count(&mut reader)? {
            let name = KeyName::read(&mut reader)?;
            if revoked.last().is_some_and(|last| *last >= name) {
                return Err(reader
                    .malformed("its revoked keys are not in order, each once")
                    .into());
            }
            revoked.insert(name);
        }
        reader.end()?;
        let list = Self { serial, issued_at, expires_at, local_time, valid_days, keys, revoked };
        list.require_one_key_for_each_day()?;
        Ok(list)
    }

    /// With two keys to choose from, an issuer could answer some people with one and some with the
    /// other.
    fn require_one_key_for_each_day(&self) -> Result<(), FormatError> {
        let valid: Vec<_> = self.keys.keys().filter(|name| !self.revoked.contains(name)).collect();
        let twice =
            valid.windows(2).any(|pair| (pair[0].day, pair[0].kind) == (pair[1].day, pair[1].kind));
        let reason = "it has two keys for one day and kind";
        if twice { Err(FormatError::Malformed { what: WHAT, reason }) } else { Ok(()) }
    }
}

fn count(reader: &mut Reader<'_>) -> Result<u16, FormatError> {
    let count = reader.u16()?;
    if usize::from(count) > MAX_PASS_KEYS {
        return Err(reader.malformed("it has more keys than a reader takes"));
    }
    Ok(count)
}

/// A file of keys that the root key signed, not older than one seen before and without another key
/// under a name that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassKeys {
    list: PassKeyList,
    specimen: IssuingKey,
}

impl PassKeys {
    /// Reads a file of at most [`MAX_SIGNED_KEYS_BYTES`]. `seen` is the one that was read before:
    /// a key that differs from the one seen under its name is refused and to be reported.
    pub fn read(
        signed: &[u8],
        root: &VerifyingKey,
        seen: Option<&Self>,
    ) -> Result<Self, PassError> {
        let bytes = signed::parse(signed, MAX_SIGNED_KEYS_BYTES)?.verify(KEYS_LABEL, root)?;
        let list = PassKeyList::parse(bytes)?;
        if let Some(seen) = seen {
            seen.require_same_keys(&list)?;
            if list.serial < seen.list.serial {
                let (seen, found) = (seen.list.serial, list.serial);
                return Err(PassError::RolledBack { seen, found });
            }
        }
        let specimen = IssuingKey::from_bytes(&specimen_issuer().public_key())?;
        Ok(Self { list, specimen })
    }

    fn require_same_keys(&self, newer: &PassKeyList) -> Result<(), PassError> {
        let differs = |(name, key): &(&KeyName, &DayKey)| {
            newer.keys.get(name).is_some_and(|other| other != *key)
        };
        match self.list.keys.iter().find(differs) {
            Some((KeyName { day, kind, id }, _)) => {
                Err(PassError::ConflictingKeys { day: *day, kind: kind.number(), id: *id })
            }
            None => Ok(()),
        }
    }

    /// What the file says.
    pub const fn list(&self) -> &PassKeyList {
        &self.list
    }

    /// The one key under which passes of that day and kind are asked for.
    pub fn key_for(&self, day: u16, kind: PassKind) -> Result<&DayKey, PassError> {
        let named = |name: &KeyName| {
            (name.day, name.kind) == (day, kind) && !self.list.revoked.contains(name)
        };
        let key = self.list.keys.iter().find(|(name, _)| named(name));
        key.map(|(_, key)| key).ok_or(PassError::UnknownKey)
    }

    /// Whether the pass was issued under a key of this file that is not revoked. Of its day it says
    /// nothing.
    pub fn verify(&self, pass: &Pass) -> Result<(), PassError> {
        let content = pass.content();
        if content.kind.is_specimen() {
            return pass.verify(&self.specimen);
        }
        let name = KeyName { day: content.first_day, kind: content.kind, id: content.key_id };
        if self.list.revoked.contains(&name) {
            return Err(PassError::UnknownKey);
        }
        pass.verify(self.list.keys.get(&name).ok_or(PassError::UnknownKey)?.point())
    }

    /// The local days on which passes of that first day are valid.
    pub fn valid_days(&self, first_day: u16) -> std::ops::RangeInclusive<u16> {
        first_day..=first_day.saturating_add(u16::from(self.list.valid_days) - 1)
    }
}
