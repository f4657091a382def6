//! The public halves of intake keys: one for each local day and group, signed by the root key.

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::IntakeError;
use crate::interval::UnixTime;
use crate::local_day::LocalTime;
use crate::read::{FormatError, Reader};
use crate::sealed_box::SealingKey;
use crate::signed;

/// Where the file is, relative to the server's URL.
pub const INTAKE_KEYS_PATH: &str = "v1/intake-keys";
/// What the root key's signature is for.
pub const INTAKE_KEYS_LABEL: &str = "VX-INTAKE-KEYS-1";
/// The most days for which keys are made ahead.
pub const MAX_INTAKE_DAYS: u16 = 35;
/// The most keys of one file: 35 days and as many groups as Viet Nam has provinces, with room.
pub const MAX_INTAKE_KEYS: usize = 35 * 64;
/// The longest signed file, in bytes.
pub const MAX_SIGNED_INTAKE_BYTES: usize = 128 + MAX_INTAKE_KEYS * ENTRY_BYTES;
/// The group of an authority whose officers read everything; other groups are provinces' codes.
pub const WHOLE_AUTHORITY: u8 = 0;
const VERSION: u8 = 1;
const ENTRY_BYTES: usize = 4 + 2 + 1 + 32;
const WHAT: &str = "the file of intake keys";

/// A published intake key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntakeKey {
    /// Names it; never given again.
    pub id: u32,
    /// Its local day, counted from 1970-01-01.
    pub day: u16,
    /// Whose declarations: [`WHOLE_AUTHORITY`], or a province's code.
    pub group: u8,
    /// What declarations are sealed to.
    pub key: SealingKey,
}

/// What a file of intake keys says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeKeyList {
    /// Counts up with every change; a reader refuses a lower one than it has seen.
    pub serial: u32,
    /// When it was signed.
    pub issued_at: UnixTime,
    /// When it expires.
    pub expires_at: UnixTime,
    /// Where local days begin.
    pub local_time: LocalTime,
    /// The keys, by day and group.
    pub keys: Vec<IntakeKey>,
}

impl IntakeKeyList {
    /// The file as it is published. Refuses what readers would refuse.
    pub fn to_signed(&self, root: &SigningKey) -> Result<Vec<u8>, IntakeError> {
        let malformed = |reason| FormatError::Malformed { what: WHAT, reason };
        let count = u16::try_from(self.keys.len()).map_err(|_| malformed("it is too long"))?;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.serial.to_be_bytes());
        for time in [self.issued_at, self.expires_at] {
            let seconds = u32::try_from(time.as_secs());
            bytes.extend_from_slice(
                &seconds.map_err(|_| malformed("a time is after 2106"))?.to_be_bytes(),
            );
        }
        bytes.extend_from_slice(&self.local_time.minutes_ahead().to_be_bytes());
        bytes.extend_from_slice(&count.to_be_bytes());
        for key in &self.keys {
            bytes.extend_from_slice(&key.id.to_be_bytes());
            bytes.extend_from_slice(&key.day.to_be_bytes());
            bytes.push(key.group);
            bytes.extend_from_slice(key.key.as_bytes());
        }
        Self::parse(&bytes)?;
        Ok(signed::sign(INTAKE_KEYS_LABEL, &bytes, root))
    }

    fn parse(bytes: &[u8]) -> Result<Self, IntakeError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let serial = reader.u32()?;
        let issued_at = UnixTime::from_secs(reader.u32()?.into());
        let expires_at = UnixTime::from_secs(reader.u32()?.into());
        let local_time = LocalTime::read(&mut reader)?;
        let count = usize::from(reader.u16()?);
        if count > MAX_INTAKE_KEYS {
            return Err(reader.malformed("it has more keys than a reader takes").into());
        }
        let mut keys: Vec<IntakeKey> = Vec::with_capacity(count);
        for _ in 0..count {
            let (id, day, group) = (reader.u32()?, reader.u16()?, reader.byte()?);
            let key = SealingKey::from_bytes(&reader.array()?)?;
            if keys.last().is_some_and(|last| (last.day, last.group) >= (day, group)) {
                return Err(reader
                    .malformed("its keys are not in order, one a day and group")
                    .into());
            }
            keys.push(IntakeKey { id, day, group, key });
        }
        let mut ids: Vec<u32> = keys.iter().map(|key| key.id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(reader.malformed("two keys have one id").into());
        }
        reader.end()?;
        Ok(Self { serial, issued_at, expires_at, local_time, keys })
    }
}

/// A file of intake keys that the root key signed and that has not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeKeys(IntakeKeyList);

impl IntakeKeys {
    /// Reads a file of at most [`MAX_SIGNED_INTAKE_BYTES`], with no lower serial than `seen`.
    pub fn read(
        signed: &[u8],
        root: &VerifyingKey,
        seen: u32,
        now: UnixTime,
    ) -> Result<Self, IntakeError> {
        let bytes = signed::parse(signed, MAX_SIGNED_INTAKE_BYTES)?;
        let list = IntakeKeyList::parse(bytes.verify(INTAKE_KEYS_LABEL, root)?)?;
        if list.serial < seen {
            return Err(IntakeError::RolledBack { what: WHAT, seen, found: list.serial });
        }
        if now >= list.expires_at {
            return Err(IntakeError::Expired(WHAT));
        }
        Ok(Self(list))
    }

    /// What the file says.
    pub const fn list(&self) -> &IntakeKeyList {
        &self.0
    }

    /// The local day at `now`.
    pub fn today(&self, now: UnixTime) -> u16 {
        self.0.local_time.day(now)
    }

    /// The key for a declaration of that day from a province: its own, or the authority's.
    pub fn key_for(&self, day: u16, province: u8) -> Result<&IntakeKey, IntakeError> {
        let of = |group| self.0.keys.iter().find(|key| (key.day, key.group) == (day, group));
        of(province).or_else(|| of(WHOLE_AUTHORITY)).ok_or(IntakeError::NoKey)
    }
}
