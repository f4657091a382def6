//! The published keys of telephone codes: one file, signed by the root key, the same for everybody.

use std::collections::BTreeMap;
use std::fmt;

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::PhoneError;
use crate::interval::UnixTime;
use crate::local_day::LocalTime;
use crate::pass::IssuingKey;
use crate::read::{FormatError, Reader};
use crate::signed;

/// Where the file is, relative to the server's URL.
pub const PHONE_KEYS_PATH: &str = "v1/phone-keys";
/// What the root key's signature is for.
pub const PHONE_KEYS_LABEL: &str = "VX-PHONE-KEYS-1";
/// The most keys of one file: of as many days as declarations can be opened, and of those to come.
pub const MAX_PHONE_KEYS: usize = 160;
/// The longest signed file, in bytes.
pub const MAX_SIGNED_PHONE_KEYS_BYTES: usize = 128 + MAX_PHONE_KEYS * ENTRY_BYTES;
const ENTRY_BYTES: usize = 2 + 1 + IssuingKey::BYTES + 32;
const VERSION: u8 = 1;
const WHAT: &str = "the file of keys of telephone codes";

/// The published keys of one local day, checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DayPhoneKey {
    day: u16,
    id: u8,
    token: IssuingKey,
    proof: VerifyingKey,
}

impl DayPhoneKey {
    pub(super) const fn new(day: u16, id: u8, token: IssuingKey, proof: VerifyingKey) -> Self {
        Self { day, id, token, proof }
    }

    /// The local day.
    pub const fn day(&self) -> u16 {
        self.day
    }

    /// Counts up when a day's keys have to be replaced.
    pub const fn id(&self) -> u8 {
        self.id
    }

    pub(super) const fn token_key(&self) -> &IssuingKey {
        &self.token
    }

    pub(super) const fn proof_key(&self) -> &VerifyingKey {
        &self.proof
    }

    fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let [high, low] = self.day.to_be_bytes();
        bytes[..3].copy_from_slice(&[high, low, self.id]);
        bytes[3..3 + IssuingKey::BYTES].copy_from_slice(&self.token.to_bytes());
        bytes[3 + IssuingKey::BYTES..].copy_from_slice(self.proof.as_bytes());
        bytes
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, PhoneError> {
        let (day, id) = (reader.u16()?, reader.byte()?);
        let token = IssuingKey::from_bytes(&reader.array()?)?;
        let bytes = reader.array()?;
        let proof = VerifyingKey::from_bytes(&bytes).map_err(|_| PhoneError::BadProofKey)?;
        // One encoding for each key, and none under which anything verifies.
        if proof.is_weak() || proof.to_edwards().compress().to_bytes() != bytes {
            return Err(PhoneError::BadProofKey);
        }
        Ok(Self { day, id, token, proof })
    }
}

impl fmt::Debug for DayPhoneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DayPhoneKey(day {}, id {})", self.day, self.id)
    }
}

/// What a file of keys says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneKeyList {
    /// Counts up with every change; a reader refuses a lower one than it has seen.
    pub serial: u32,
    /// When it was signed.
    pub issued_at: UnixTime,
    /// When it expires: for asking for codes. Proofs are verified all the same.
    pub expires_at: UnixTime,
    /// Where local days begin.
    pub local_time: LocalTime,
    /// The keys, by local day and id. The highest id of a day issues tokens; all of them prove numbers.
    pub keys: BTreeMap<(u16, u8), DayPhoneKey>,
}

impl PhoneKeyList {
    /// The file as it is published. Refuses what readers would refuse.
    pub fn to_signed(&self, root: &SigningKey) -> Result<Vec<u8>, PhoneError> {
        let malformed = |reason| FormatError::Malformed { what: WHAT, reason };
        let seconds = |time: UnixTime| {
            u32::try_from(time.as_secs()).map_err(|_| malformed("a time is after 2106"))
        };
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.serial.to_be_bytes());
        bytes.extend_from_slice(&seconds(self.issued_at)?.to_be_bytes());
        bytes.extend_from_slice(&seconds(self.expires_at)?.to_be_bytes());
        bytes.extend_from_slice(&self.local_time.minutes_ahead().to_be_bytes());
        let count = u16::try_from(self.keys.len()).map_err(|_| malformed("it is too long"))?;
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend(self.keys.values().flat_map(|key| key.to_bytes()));
        Self::parse(&bytes)?;
        Ok(signed::sign(PHONE_KEYS_LABEL, &bytes, root))
    }

    fn parse(bytes: &[u8]) -> Result<Self, PhoneError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let serial = reader.u32()?;
        let issued_at = UnixTime::from_secs(reader.u32()?.into());
        let expires_at = UnixTime::from_secs(reader.u32()?.into());
        let local_time = LocalTime::read(&mut reader)?;
        let count = reader.u16()?;
        if usize::from(count) > MAX_PHONE_KEYS {
            return Err(reader.malformed("it has more keys than a reader takes").into());
        }
        let mut keys: BTreeMap<(u16, u8), DayPhoneKey> = BTreeMap::new();
        for _ in 0..count {
            let key = DayPhoneKey::read(&mut reader)?;
            if keys.last_key_value().is_some_and(|(last, _)| *last >= (key.day, key.id)) {
                return Err(reader.malformed("its keys are not in order, each once").into());
            }
            keys.insert((key.day, key.id), key);
        }
        reader.end()?;
        Ok(Self { serial, issued_at, expires_at, local_time, keys })
    }
}

/// A file of keys that the root key signed, not older than one seen before and without another key for
/// a day that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneKeys {
    list: PhoneKeyList,
}

impl PhoneKeys {
    /// Reads a file of at most [`MAX_SIGNED_PHONE_KEYS_BYTES`]. `seen` is the one that was read before:
    /// a key that differs from the one seen for its day is refused and to be reported.
    pub fn read(
        signed: &[u8],
        root: &VerifyingKey,
        seen: Option<&Self>,
    ) -> Result<Self, PhoneError> {
        let unverified = signed::parse(signed, MAX_SIGNED_PHONE_KEYS_BYTES)?;
        let list = PhoneKeyList::parse(unverified.verify(PHONE_KEYS_LABEL, root)?)?;
        if let Some(Self { list: seen }) = seen {
            let differs = |(name, key): &(&(u16, u8), &DayPhoneKey)| {
                list.keys.get(name).is_some_and(|other| other != *key)
            };
            if let Some(((day, id), _)) = seen.keys.iter().find(differs) {
                return Err(PhoneError::ConflictingKeys { day: *day, id: *id });
            }
            if list.serial < seen.serial {
                let (seen, found) = (seen.serial, list.serial);
                return Err(PhoneError::RolledBack { seen, found });
            }
        }
        Ok(Self { list })
    }

    /// What the file says.
    pub const fn list(&self) -> &PhoneKeyList {
        &self.list
    }

    /// The key under which tokens of a local day are issued.
    pub fn key_for(&self, day: u16) -> Result<&DayPhoneKey, PhoneError> {
        self.of_day(day).next_back().ok_or(PhoneError::UnknownDay)
    }

    /// All keys of a local day, those that were replaced, too.
    pub fn of_day(&self, day: u16) -> impl DoubleEndedIterator<Item = &DayPhoneKey> {
        self.list.keys.range((day, 0)..=(day, u8::MAX)).map(|(_, key)| key)
    }
}
